import type { Kind } from '../../src/protocol/index.js';
import { dataTexts } from '../data-texts.js';
import type { Answered, Tried } from '../store.js';
import { text } from '../strings.js';
import { TryPictures } from './try-pictures.js';
import { TryTexts } from './try-texts.js';
import { TriedExample } from './tried.js';
import type { Trying } from './trying.js';
import './try.css';

/** Counts all that was ever tried on this page: what an earlier model says does not come to the next one. */
let tickets = 0;

/** Pictures are dropped, pasted or chosen, texts typed, pasted or chosen; below stands what the model says of them. */
export function TryView(props: {
  readonly name: string;
  readonly kind: Kind;
  readonly tried: Tried;
  readonly trusted: boolean;
  readonly onTried: (change: (tried: Tried) => Tried) => void;
  readonly onAnswer: (answer: Answered) => void;
}) {
  const { kind, tried, trusted, onTried, onAnswer } = props;
  const trying: Trying = {
    trusted,
    wait: (answered) => {
      const ticket = ++tickets;
      onTried((old) => ({ ...old, waiting: [...old.waiting, ticket] }));
      void answered.then((answer) => {
        onAnswer({ type: 'tried', ticket, answer });
      });
    },
    show: (predictions) => {
      onTried((old) => ({ ...old, predictions: [...predictions, ...old.predictions] }));
    },
  };
  return (
    <>
      <h1>{text.tryTitle(props.name)}</h1>
      {kind === 'text' ? <TryTexts {...trying} /> : <TryPictures {...trying} />}
      <div class="tried" role="log" aria-label={text.tryTitle(props.name)}>
        {tried.waiting.length === 0 ? null : <p class="dim">{dataTexts(kind).looking}</p>}
        {tried.predictions.map((prediction, i) => (
          <TriedExample key={tried.predictions.length - i} prediction={prediction} />
        ))}
      </div>
    </>
  );
}
