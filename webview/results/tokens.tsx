import { text } from '../strings.js';
import './tokens.css';

/** What a model is given of a text, each token apart from the next. */
export function Tokens({ tokens }: { readonly tokens: readonly string[] }) {
  if (tokens.length === 0) return null;
  return (
    <span class="tokens" aria-label={text.tokens} role="group">
      {tokens.map((token, i) => (
        <span key={i}>{token}</span>
      ))}
    </span>
  );
}
