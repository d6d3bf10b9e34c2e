import path from 'node:path';
import { pathToFileURL } from 'node:url';

import type { EpochRecord, Figures, RunPurpose, RunReport } from '../../protocol/index.js';
import { counted } from '../../common/counted.js';
import {
  Escaped,
  figureTexts,
  html,
  htmlText,
  numbersOf,
  scoreOf,
  translator,
  weightOfOne,
  type Html,
} from '../../words/index.js';
import { lineChart } from './charts.js';
import { style } from './style.js';

/** Reports are in English. */
const t = translator({});
const numbers = numbersOf('en');

/** Everything that a report shows. */
export interface ReportContent {
  readonly id: string;
  readonly purpose: RunPurpose;
  readonly report: RunReport;
  readonly data:
    | {
        readonly directory: string;
        readonly duplicates: number;
        readonly classes: readonly { name: string; train: number; validation: number; test?: number }[];
        readonly notes?: readonly string[];
      }
    | undefined;
  /** What was said in the place of what the script says, as flags. */
  readonly overrides: readonly string[];
  /** Text of the script, as it is now; undefined when it is gone. */
  readonly script: { readonly file: string; readonly text: string | undefined; readonly changed: boolean };
  /** JPEG files of the mistakes, in their order; undefined where one cannot be read. */
  readonly thumbnails: readonly (Buffer | undefined)[];
  /** Files that list which example was on which side. */
  readonly splits: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
}

/** One HTML file that needs nothing else: no script, no network. */
export function htmlReport(content: ReportContent): string {
  const { report, id } = content;
  const sections = [
    header(content),
    tiles(report),
    curves(report.history),
    confusion(report),
    perClass(report),
    mistakes(content),
    testReport(report),
    dataReport(content),
    origin(content),
  ];
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${report.base}: ${percent(report.metrics.accuracy)} (${id})</title><style>${new Escaped(style)}</style></head>
<body>${sections}</body></html>
`.text;
}

function header({ report, id, purpose, data }: ReportContent): Html {
  const technique = report.technique === 'fine-tuning' ? 'Fine-tuning' : 'Feature extraction';
  const images = data?.classes.reduce((sum, { train, validation, test = 0 }) => sum + train + validation + test, 0);
  const size = images === undefined ? '' : `, ${counted(images, 'picture')}`;
  return html`<h1>${technique} on ${report.base}${purpose === 'from-scratch' ? ', random weights' : ''}</h1><p class="dim">${report.classes.length} classes${size} · run ${id} · ${report.created.slice(0, 16).replace('T', ' ')} UTC</p>`;
}

function tiles(report: RunReport): Html {
  const { metrics, timing, engine } = report;
  const { accuracy, macroF1 } = textsOf(report);
  const entries: [string, string][] = [
    ['validation accuracy', accuracy],
    ['macro F1', macroF1],
    ['loss', metrics.loss.toFixed(3)],
    ['validation pictures', String(scoreOf(report).pictures)],
    ...(report.test === undefined ? [] : [['test accuracy', textsOf(report.test).accuracy] as [string, string]]),
    ['time', `${(timing.total / 1000).toFixed(1)} s`],
    ['engine', engine],
  ];
  return html`<div class="tiles">${entries.map(([name, value]) => html`<div class="tile"><b>${value}</b>${name}</div>`)}</div>${notes(report)}`;
}

function textsOf(figures: Figures) {
  return figureTexts(t, numbers, figures);
}

/** What the brackets mean, and what one picture weighs where there are few. */
function notes(figures: Figures): readonly Html[] {
  const lines = [textsOf(figures).note, weightOfOne(t, numbers, scoreOf(figures).pictures)];
  return lines.flatMap((line) => (line === undefined ? [] : [html`<p class="dim">${line}</p>`]));
}

function curves(history: readonly EpochRecord[]): Html {
  if (history.length < 2) return html``;
  const tuned = history.findIndex(({ stage }) => stage === 'fine-tune');
  // At the last epoch before, as in the panel.
  const marks = tuned > 0 ? [{ index: tuned - 1, label: 'unfrozen' }] : [];
  const loss = lineChart(
    'Loss by epoch',
    [
      series(
        'training',
        'a',
        history.map(({ train }) => train.loss),
      ),
      series(
        'validation',
        'b',
        history.map(({ validation }) => validation.loss),
      ),
    ],
    marks,
  );
  const accuracy = lineChart(
    'Accuracy by epoch',
    [
      series(
        'training',
        'a',
        history.map(({ train }) => train.accuracy),
      ),
      series(
        'validation',
        'b',
        history.map(({ validation }) => validation.accuracy),
      ),
    ],
    marks,
    (value) => `${Number((100 * value).toPrecision(6))} %`,
  );
  const rows = history.map(({ stage, epoch, train, validation, learningRate }) => [
    stage,
    String(epoch),
    numbers.significant(train.loss),
    percent(train.accuracy),
    numbers.significant(validation.loss),
    percent(validation.accuracy),
    validation.macroF1.toFixed(3),
    numbers.rate(learningRate),
  ]);
  const asTable = htmlTable(
    ['stage', 'epoch', 'loss', 'accuracy', 'validation loss', 'validation accuracy', 'macro F1', 'learning rate'],
    rows,
  );
  return html`<h2>Training</h2><div class="charts">${loss}${accuracy}</div><details><summary>The same as a table</summary>${asTable}</details>`;
}

function confusion({ classes, confusion: counts }: RunReport): Html {
  return html`<h2>Confusion matrix</h2><p class="dim">Rows: what it is. Columns: what the model said.</p>${matrix(classes, counts)}`;
}

function matrix(classes: readonly string[], counts: RunReport['confusion']): Html {
  const head = classes.map((name) => html`<th scope="col">${name}</th>`);
  const body = counts.map((row, i) => {
    const total = Math.max(
      1,
      row.reduce((sum, count) => sum + count, 0),
    );
    const cells = row.map(
      (count, j) =>
        html`<td class="${i === j ? 'right' : ''}" style="background: rgb(var(--good) / ${(0.75 * (count / total)).toFixed(2)})">${count === 0 ? '' : count}</td>`,
    );
    return html`<tr><th scope="row">${classes[i] ?? ''}</th>${cells}</tr>`;
  });
  return html`<div class="scroll"><table class="matrix"><tr><th></th>${head}</tr>${body}</table></div>`;
}

function perClass(report: RunReport): Html {
  return html`<h2>By class</h2>${classTable(report)}`;
}

/** Apart from everything else: nothing was chosen by these pictures. */
function testReport({ test, classes }: RunReport): Html {
  if (test === undefined) return html``;
  const { accuracy, macroF1 } = textsOf(test);
  const figures = `Accuracy ${accuracy}, macro F1 ${macroF1}, loss ${numbers.significant(test.metrics.loss)} on ${counted(test.count, 'picture')} that nothing was chosen by.`;
  return html`<h2>Test</h2><p>${figures}</p>${notes(test)}${matrix(classes, test.confusion)}${classTable(test)}`;
}

function classTable(figures: Figures): Html {
  return htmlTable(['class', 'precision', 'recall', 'F1', 'pictures'], textsOf(figures).rows);
}

function mistakes({ report, thumbnails }: ReportContent): Html {
  if (report.mistakes.length === 0) return html`<h2>Mistakes</h2><p>None on the validation pictures.</p>`;
  const cards = thumbnails.flatMap((jpeg, i) => {
    const mistake = report.mistakes[i];
    if (mistake === undefined) return [];
    const image = jpeg === undefined ? '' : html`<img alt="" src="data:image/jpeg;base64,${jpeg.toString('base64')}">`;
    return [
      html`<div class="mistake">${image}<div><b>${mistake.predicted}</b> ${percent(mistake.confidence)}<br>is ${mistake.actual}<br><span class="dim">${mistake.file}</span></div></div>`,
    ];
  });
  return html`<h2>The surest mistakes</h2><div class="mistakes">${cards}</div>`;
}

function dataReport({ data, report, splits }: ReportContent): Html {
  if (data === undefined) return html``;
  const hasTest = data.classes.some(({ test }) => test !== undefined);
  const rows = data.classes.map(({ name, train, validation, test = 0 }) => [
    name,
    ...[train, validation, ...(hasTest ? [test] : [])].map(String),
  ]);
  const notes = (data.notes ?? []).map((note) => html`<p>${note}</p>`);
  const skipped =
    report.skipped.length === 0
      ? ''
      : html`<details><summary>${counted(report.skipped.length, 'file was', 'files were')} skipped</summary>${htmlTable(
          ['file', 'reason'],
          report.skipped.map(({ file, reason }) => [file, reason]),
          true,
        )}</details>`;
  const split = splits.map(
    (file) =>
      html`<p>Which picture was on which side: <a href="${pathToFileURL(file).href}">${path.basename(file)}</a></p>`,
  );
  const duplicates =
    data.duplicates === 0
      ? ''
      : html`<p>${counted(data.duplicates, 'group')} of identical pictures ${data.duplicates === 1 ? 'was' : 'were'} found; each counts once, on one side of the split.</p>`;
  return html`<h2>Data</h2><p class="dim">${data.directory}</p>${notes}${htmlTable(['class', 'training', 'validation', ...(hasTest ? ['test'] : [])], rows)}${duplicates}${skipped}${split}`;
}

function origin({ report, script, overrides, versions }: ReportContent): Html {
  const entries: [string, string][] = [
    ['script', script.file + (script.changed ? ' (changed since)' : '')],
    ['seed', String(report.seed)],
    ...(overrides.length === 0 ? [] : [['instead of the script', overrides.join(' ')] as [string, string]]),
    ['data SHA-256', report.hashes.data],
    ['base SHA-256', report.hashes.base],
    ['model SHA-256', report.hashes.model],
    ...Object.entries(versions),
    [
      'time',
      Object.entries(report.timing)
        .map(([name, ms]) => `${name} ${(ms / 1000).toFixed(1)} s`)
        .join(', '),
    ],
  ];
  const text = script.text === undefined ? html`<p>The script is gone.</p>` : html`<pre>${htmlText(script.text)}</pre>`;
  return html`<h2>How it was made</h2><dl>${entries.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>${text}`;
}

function series(name: string, color: 'a' | 'b', values: readonly number[]) {
  return { name, style: color, values };
}

function htmlTable(head: readonly string[], rows: readonly (readonly string[])[], left = false): Html {
  const body = rows.map(
    (row) =>
      html`<tr>${row.map((cell, i) => html`<td${i === 0 || left ? html` class="left"` : ''}>${cell}</td>`)}</tr>`,
  );
  return html`<div class="scroll"><table><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr>${body}</table></div>`;
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}
