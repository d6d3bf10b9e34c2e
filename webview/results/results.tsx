import { useEffect, useMemo, useRef, useState } from 'preact/hooks';

import {
  isClassification,
  isMultiLabel,
  isRegression,
  type Figures,
  type ReportView,
  type TestReport,
} from '../../src/protocol/index.js';
import { csv, figuresLine, type ShownFigures } from '../../src/words/index.js';
import { percent } from '../format.js';
import { ask, send } from '../host.js';
import { holdInPlace } from '../place.js';
import { figuresShown, text } from '../strings.js';
import { Button, Table } from '../ui/index.js';
import { ConfusionMatrix, manyClasses, type Cell } from './confusion.js';
import { Scatters } from './scatter.js';
import './results.css';

const shown = 60;
/** A table of more columns has the whole width. */
const narrowColumns = 5;

/** What was reached, and where the model is wrong. */
export function Results({ id, report }: { readonly id: string; readonly report: ReportView }) {
  const [cell, setCell] = useState<Cell>();
  const { classes } = report;
  return (
    <>
      <div class={isOfClasses(report) && classes.length > manyClasses ? 'results many' : 'results'}>
        {isOfClasses(report) ? (
          <Confusion id={id} report={report} cell={cell} onChoose={setCell} />
        ) : isRegression(report) ? (
          <Scatters perNumber={(report as ReportView<'regression'>).perNumber} />
        ) : null}
        <Parts figures={report} />
      </div>
      {report.test === undefined ? null : <TestSection test={report.test} />}
      <Gallery
        id={id}
        report={report}
        cell={cell}
        onAll={() => {
          setCell(undefined);
        }}
      />
    </>
  );
}

function isOfClasses(report: ReportView): report is ReportView<'classification'> {
  return isClassification(report);
}

function Confusion(props: {
  readonly id: string;
  readonly report: ReportView<'classification'>;
  readonly cell: Cell | undefined;
  readonly onChoose: (cell: Cell) => void;
}) {
  const { id, report, cell, onChoose } = props;
  const { classes, confusion } = report;
  const saveMatrix = () => {
    const rows = confusion.map((counts, i) => [classes[i] ?? '', ...counts]);
    const content = csv([`${text.truth} / ${text.predicted}`, ...classes], rows);
    send({ type: 'saveFile', name: `${id}-confusion`, format: 'csv', content });
  };
  return (
    <section aria-labelledby="confusion">
      <div class="row spread">
        <h2 id="confusion">{text.confusion}</h2>
        <Button onClick={saveMatrix}>{text.exportCsv}</Button>
      </div>
      <p class="dim">{text.confusionHelp}</p>
      <ConfusionMatrix report={report} chosen={cell} onChoose={onChoose} />
    </section>
  );
}

/** The figures, over all and of each class or number. */
function Parts({ figures }: { readonly figures: Figures }) {
  const shown = useMemo(() => figuresShown(figures), [figures]);
  return (
    <section aria-labelledby="classes">
      <div class="row spread">
        <h2 id="classes">{shown.title}</h2>
      </div>
      <p class="dim">{figuresLine(shown.list)}</p>
      <Notes shown={shown} />
      {isMultiLabel(figures) ? <p class="dim">{text.thresholds}</p> : null}
      <Table label={shown.title} head={shown.head} rows={shown.rows} />
    </section>
  );
}

/** Apart from the validation figures: nothing was chosen by these pictures. */
function TestSection({ test }: { readonly test: TestReport }) {
  const shown = useMemo(() => figuresShown(test), [test]);
  return (
    <section class={shown.head.length > narrowColumns ? undefined : 'narrow'} aria-labelledby="test">
      <h2 id="test">{text.test}</h2>
      <p>{figuresLine(shown.list)}</p>
      <p class="dim">{text.testHelp(test.count)}</p>
      <Notes shown={shown} />
      <Table label={text.test} head={shown.head} rows={shown.rows} />
    </section>
  );
}

/** What the brackets mean, and what one picture weighs where there are few. */
function Notes({ shown: { note, weight } }: { readonly shown: ShownFigures }) {
  const lines = [note, weight].filter((line) => line !== undefined);
  return lines.length === 0 ? null : <p class="dim">{lines.join(' ')}</p>;
}

function Gallery(props: {
  readonly id: string;
  readonly report: ReportView;
  readonly cell: Cell | undefined;
  readonly onAll: () => void;
}) {
  const { report, cell } = props;
  const actual = cell && report.classes[cell.row];
  const predicted = cell && report.classes[cell.column];
  const mistakes = report.mistakes.filter(
    (mistake) => cell === undefined || (mistake.actual === actual && mistake.predicted === predicted),
  );
  const right = cell !== undefined && cell.row === cell.column;
  const note =
    report.mistakes.length === 0 && cell === undefined
      ? text.noMistakes
      : right
        ? text.diagonal
        : mistakes.length === 0
          ? text.emptyCell
          : isOfClasses(report)
            ? text.allMistakes
            : isRegression(report)
              ? text.allErrors
              : text.wrongLabels;
  return (
    <section aria-labelledby="mistakes">
      <div class="row spread">
        <h2 id="mistakes">
          {cell === undefined
            ? isRegression(report)
              ? text.worst
              : text.mistakes
            : text.cellMistakes(actual ?? '', predicted ?? '')}
        </h2>
        {cell === undefined ? null : <Button onClick={props.onAll}>{text.showAll}</Button>}
      </div>
      <p class="dim" role="status">
        {note}
      </p>
      <div class="gallery">
        {mistakes.slice(0, shown).map((mistake) => (
          <Mistake key={mistake.file} id={props.id} mistake={mistake} />
        ))}
      </div>
    </section>
  );
}

function Mistake({ id, mistake }: { readonly id: string; readonly mistake: ReportView['mistakes'][number] }) {
  const { file, actual, predicted, confidence } = mistake;
  const [card, picture] = usePicture(id, file);
  return (
    <button
      ref={card}
      type="button"
      class="card"
      title={file}
      onClick={({ currentTarget }) => {
        // The editor makes room beside the panel, which becomes narrower: what was clicked stays where it is.
        holdInPlace(currentTarget);
        send({ type: 'openImage', id, file });
      }}
    >
      {picture?.address === undefined ? (
        <span class="no-picture">{picture === undefined ? '' : file}</span>
      ) : (
        <img src={picture.address} alt={file} />
      )}
      <span class="card-text">
        <strong>{predicted}</strong> {confidence === undefined ? null : percent(confidence)}
        <br />
        <span class="dim">{text.truly(actual)}</span>
      </span>
    </button>
  );
}

/** Asks for the picture of a mistake when its card comes into view. Where there is none, it has no address. */
function usePicture(id: string, file: string) {
  const card = useRef<HTMLButtonElement>(null);
  const [picture, setPicture] = useState<{ readonly address: string | undefined }>();
  useEffect(() => {
    const { current } = card;
    if (current === null) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        observer.disconnect();
        void ask('picture', { id, file }).then((answer) => {
          setPicture({ address: answer.ok ? answer.value : undefined });
        });
      },
      { rootMargin: '300px' },
    );
    observer.observe(current);
    return () => {
      observer.disconnect();
    };
  }, [id, file]);
  return [card, picture] as const;
}
