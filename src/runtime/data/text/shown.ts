import type { Mistake } from '../../../protocol/index.js';
import type { Tokenizer } from './tokenizer.js';

/** Of a text, characters and tokens that a report shows: its beginning says which one it is. */
const [mostCharacters, mostTokens] = [400, 80];

/** A text as reports show it, cut, and the tokens that the model was given of that. */
export function shownTexts(text: string, tokenizer: Tokenizer): Required<Pick<Mistake, 'text' | 'tokens'>> {
  const beginning = beginningOf(text, mostCharacters);
  const tokens = tokenizer.tokens(beginning);
  return {
    text: beginning,
    tokens: tokens.length > mostTokens ? [...tokens.slice(0, mostTokens), '…'] : tokens,
  };
}

/** So many characters of a text at most, and whether there was more; none is cut in two. */
export function beginningOf(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
