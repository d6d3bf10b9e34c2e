import { useMemo, useState } from 'preact/hooks';

import type { MistakeCard, ReportView, TestReport } from '../../src/protocol/index.js';
import { csv, scoreOf, type FigureTexts } from '../../src/words/index.js';
import { percent } from '../format.js';
import { send } from '../host.js';
import { holdInPlace } from '../place.js';
import { figureTexts, text, weightOfOne } from '../strings.js';
import { Button, Table } from '../ui/index.js';
import { ConfusionMatrix, manyClasses, type Cell } from './confusion.js';
import './results.css';

const shown = 60;

/** What was reached, and where the model is wrong. */
export function Results({ id, report }: { readonly id: string; readonly report: ReportView }) {
  const [cell, setCell] = useState<Cell>();
  const { classes, confusion } = report;
  const texts = useMemo(() => figureTexts(report), [report]);
  const saveMatrix = () => {
    const rows = confusion.map((counts, i) => [classes[i] ?? '', ...counts]);
    const content = csv([`${text.truth} / ${text.predicted}`, ...classes], rows);
    send({ type: 'saveFile', name: `${id}-confusion`, format: 'csv', content });
  };
  return (
    <>
      <div class={classes.length > manyClasses ? 'results many' : 'results'}>
        <section aria-labelledby="confusion">
          <div class="row spread">
            <h2 id="confusion">{text.confusion}</h2>
            <Button onClick={saveMatrix}>{text.exportCsv}</Button>
          </div>
          <p class="dim">{text.confusionHelp}</p>
          <ConfusionMatrix report={report} chosen={cell} onChoose={setCell} />
        </section>
        <section aria-labelledby="classes">
          <div class="row spread">
            <h2 id="classes">{text.perClass}</h2>
          </div>
          <p class="dim">{text.figures(texts, report.metrics.loss)}</p>
          <Notes texts={texts} pictures={scoreOf(report).pictures} />
          <ClassTable label={text.perClass} rows={texts.rows} />
        </section>
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

/** Apart from the validation figures: nothing was chosen by these pictures. */
function TestSection({ test }: { readonly test: TestReport }) {
  const texts = useMemo(() => figureTexts(test), [test]);
  return (
    <section class="narrow" aria-labelledby="test">
      <h2 id="test">{text.test}</h2>
      <p>{text.figures(texts, test.metrics.loss)}</p>
      <p class="dim">{text.testHelp(test.count)}</p>
      <Notes texts={texts} pictures={test.count} />
      <ClassTable label={text.test} rows={texts.rows} />
    </section>
  );
}

/** What the brackets mean, and what one picture weighs where there are few. */
function Notes({ texts, pictures }: { readonly texts: FigureTexts; readonly pictures: number }) {
  const lines = [texts.note, weightOfOne(pictures)].filter((line) => line !== undefined);
  return lines.length === 0 ? null : <p class="dim">{lines.join(' ')}</p>;
}

function ClassTable({ label, rows }: { readonly label: string; readonly rows: FigureTexts['rows'] }) {
  return <Table label={label} head={[text.class, text.precision, text.recall, text.f1, text.support]} rows={rows} />;
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
          : text.allMistakes;
  return (
    <section aria-labelledby="mistakes">
      <div class="row spread">
        <h2 id="mistakes">{cell === undefined ? text.mistakes : text.cellMistakes(actual ?? '', predicted ?? '')}</h2>
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

function Mistake({ id, mistake }: { readonly id: string; readonly mistake: MistakeCard }) {
  const { file, actual, predicted, confidence, uri } = mistake;
  return (
    <button
      type="button"
      class="card"
      title={file}
      onClick={({ currentTarget }) => {
        // The editor makes room beside the panel, which becomes narrower: what was clicked stays where it is.
        holdInPlace(currentTarget);
        send({ type: 'openImage', id, file });
      }}
    >
      {uri === undefined ? <span class="no-picture">{file}</span> : <img src={uri} alt={file} loading="lazy" />}
      <span class="card-text">
        <strong>{predicted}</strong> {percent(confidence)}
        <br />
        <span class="dim">{text.truly(actual)}</span>
      </span>
    </button>
  );
}
