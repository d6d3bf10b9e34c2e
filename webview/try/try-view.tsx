import { useEffect, useState } from 'preact/hooks';

import type { Prediction } from '../../src/protocol/index.js';
import { percent, quantity } from '../format.js';
import { ask } from '../host.js';
import type { Answered, Tried } from '../store.js';
import { text } from '../strings.js';
import { Button } from '../ui/index.js';
import { droppedFiles, readFiles, type Dropped } from './dropped.js';
import './try.css';

const shownClasses = 5;
/** Counts all that was ever tried on this page: what an earlier model says does not come to the next one. */
let tickets = 0;

/** Pictures are dropped, pasted or chosen; below stands what the model sees in them. */
export function TryView(props: {
  readonly name: string;
  readonly tried: Tried;
  readonly trusted: boolean;
  readonly onTried: (change: (tried: Tried) => Tried) => void;
  readonly onAnswer: (answer: Answered) => void;
}) {
  const { tried, trusted, onTried, onAnswer } = props;
  const [over, setOver] = useState(false);
  const wait = (answered: ReturnType<typeof ask<'try' | 'choosePictures'>>) => {
    const ticket = ++tickets;
    onTried((old) => ({ ...old, waiting: [...old.waiting, ticket] }));
    void answered.then((answer) => {
      onAnswer({ type: 'tried', ticket, answer });
    });
  };
  const show = (pictures: readonly Prediction[]) => {
    onTried((old) => ({ ...old, pictures: [...pictures, ...old.pictures] }));
  };
  const look = async ({ files, addresses }: Dropped) => {
    if (files.length === 0 && addresses.length === 0) {
      show([{ file: '', error: text.noPicture }]);
      return;
    }
    const { portions, problems } = await readFiles(files);
    show(problems);
    for (const pictures of portions) wait(ask('try', { pictures, files: [] }));
    if (addresses.length > 0) wait(ask('try', { pictures: [], files: addresses }));
  };
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      if (trusted) void look(droppedFiles(event.clipboardData));
    };
    addEventListener('paste', onPaste);
    return () => {
      removeEventListener('paste', onPaste);
    };
  }, [trusted]);
  return (
    <>
      <h1>{text.tryTitle(props.name)}</h1>
      <div
        class={`drop${over ? ' over' : ''}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(trusted);
        }}
        onDragLeave={() => {
          setOver(false);
        }}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          if (trusted) void look(droppedFiles(event.dataTransfer));
        }}
      >
        <p>{text.tryHelp}</p>
        <p class="dim">{text.tryShift}</p>
        <Button
          primary
          disabled={!trusted}
          title={trusted ? '' : text.untrusted}
          onClick={() => {
            wait(ask('choosePictures', {}));
          }}
        >
          {text.choosePictures}
        </Button>
      </div>
      <div class="tried" role="log" aria-label={text.tryTitle(props.name)}>
        {tried.waiting.length === 0 ? null : <p class="dim">{text.looking}</p>}
        {tried.pictures.map((picture, i) => (
          <TriedPicture key={tried.pictures.length - i} picture={picture} />
        ))}
      </div>
    </>
  );
}

function TriedPicture({ picture }: { readonly picture: Prediction }) {
  const { file, numbers, labels, error, thumbnail } = picture;
  const classes = picture.classes ?? labels;
  const [best] = picture.classes ?? [];
  const said = labels === undefined ? numbersText(numbers) : labelsText(labels);
  return (
    <article class="try" aria-label={best === undefined ? (said ?? file) : text.sure(best.name, best.probability)}>
      {thumbnail === undefined ? null : <img src={`data:image/jpeg;base64,${thumbnail}`} alt={file} />}
      <div>
        <h2>{best?.name ?? said ?? file}</h2>
        {error === undefined ? <p class="dim">{file}</p> : <p class="problem">{error}</p>}
        {classes === undefined ? null : (
          <table>
            <tbody>
              {classes.slice(0, shownClasses).map(({ name, probability }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td class="share">
                    <div class="bar" aria-hidden="true">
                      <div style={{ width: `${100 * probability}%` }} />
                    </div>
                  </td>
                  <td>{percent(probability)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </article>
  );
}

function numbersText(numbers: Prediction['numbers']): string | undefined {
  return numbers?.map(({ name, value }) => `${name} ${quantity(value)}`).join(', ');
}

/** Those that are said; a dash where none is. */
function labelsText(labels: NonNullable<Prediction['labels']>): string {
  const said = labels.filter((one) => one.said).map(({ name }) => name);
  return said.length === 0 ? '–' : said.join(', ');
}
