import path from 'node:path';
import { pathToFileURL } from 'node:url';

import {
  isClassification,
  isRegression,
  type Figures,
  type NumberRange,
  type RunPurpose,
  type RunReport,
} from '../../protocol/index.js';
import { counted } from '../../common/counted.js';
import type { Words } from '../data/index.js';
import {
  Escaped,
  figuresShown,
  html,
  htmlText,
  inSentence,
  metricWords,
  sidesOf,
  type Html,
} from '../../words/index.js';
import { scatterChart } from './charts.js';
import { curves } from './curves.js';
import { htmlTable, numbers, t } from './tables.js';
import { style } from './style.js';

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
        readonly numbers?: readonly NumberRange[];
        readonly pictures?: { readonly train: number; readonly validation: number; readonly test?: number };
        readonly notes?: readonly string[];
      }
    | undefined;
  /** How its examples are called. */
  readonly words: Pick<Words, 'one' | 'many'>;
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
    tiles(content),
    curves(report.history),
    errors(content),
    parts(content),
    mistakes(content),
    testReport(content),
    dataReport(content),
    origin(content),
  ];
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${report.base}: ${title(report)} (${id})</title><style>${new Escaped(style)}</style></head>
<body>${sections}</body></html>
`.text;
}

function header({ report, id, purpose, data, words }: ReportContent): Html {
  const technique = report.technique === 'fine-tuning' ? 'Fine-tuning' : 'Feature extraction';
  const sides = data && sidesOf(data);
  const size =
    sides === undefined ? '' : `, ${counted(sides.train + sides.validation + sides.test, words.one, words.many)}`;
  const what = isClassification(report)
    ? `${report.classes.length} classes`
    : isRegression(report)
      ? report.classes.join(', ')
      : `${report.classes.length} labels`;
  return html`<h1>${technique} on ${report.base}${purpose === 'from-scratch' ? ', random weights' : ''}</h1><p class="dim">${what}${size} · run ${id} · ${report.created.slice(0, 16).replace('T', ' ')} UTC</p>`;
}

/** In the title, of an accuracy alone: the interval is in the report. */
function title({ metrics }: RunReport): string {
  const [first] = metricWords(t, numbers, metrics);
  if (first === undefined) return '';
  const text = first.text(first.of(metrics));
  return 'accuracy' in metrics ? text : `${first.name} ${text}`;
}

function tiles({ report, words }: ReportContent): Html {
  const { timing, engine } = report;
  const { list, pictures } = textsOf(report);
  const named = list.slice(0, -1).map(({ name, text }) => [inSentence(name), text] as [string, string]);
  const [[name, value] = ['', ''], ...others] = named;
  const entries: [string, string][] = [
    [`validation ${name}`, value],
    ...others,
    ['loss', report.metrics.loss.toFixed(3)],
    [`validation ${words.many}`, String(pictures)],
    ...(report.test === undefined
      ? []
      : [[`test ${name}`, textsOf(report.test).list[0]?.text ?? ''] as [string, string]]),
    ['time', `${(timing.total / 1000).toFixed(1)} s`],
    ['engine', engine],
  ];
  return html`<div class="tiles">${entries.map(([name, value]) => html`<div class="tile"><b>${value}</b>${name}</div>`)}</div>${notes(report)}`;
}

function textsOf(figures: Figures) {
  return figuresShown(t, numbers, figures);
}

/** What the brackets mean, and what one picture weighs where there are few. */
function notes(figures: Figures): readonly Html[] {
  const { note, weight } = textsOf(figures);
  return [note, weight].flatMap((line) => (line === undefined ? [] : [html`<p class="dim">${line}</p>`]));
}

/** Where the model errs: the confusion matrix of classes, true against predicted of numbers. */
function errors({ report, words }: ReportContent): Html {
  if (isClassification(report))
    return html`<h2>Confusion matrix</h2><p class="dim">Rows: what it is. Columns: what the model said.</p>${matrix(report.classes, report.confusion)}`;
  if (!isRegression(report)) return html``;
  return html`<h2>True against predicted</h2><p class="dim">A point for each validation ${words.one}; on the line, the model was right.</p>${scatters(report)}`;
}

function scatters({ perNumber }: Figures<'regression'>): Html {
  return html`<div class="charts">${perNumber.map(({ name, truths, predictions }) => scatterChart(name, truths, predictions))}</div>`;
}

function matrix(classes: readonly string[], counts: Figures<'classification'>['confusion']): Html {
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

function parts({ report, words }: ReportContent): Html {
  return html`<h2>${isClassification(report) ? 'By class' : isRegression(report) ? 'By number' : 'By label'}</h2>${thresholdsNote(report, words)}${partsTable(report)}`;
}

/** Thresholds are tuned on the validation examples, which flatters what is measured on them. */
function thresholdsNote(report: RunReport, { many }: ReportContent['words']): Html {
  if (isClassification(report) || isRegression(report)) return html``;
  return html`<p class="dim">Each threshold is the one with the largest F1 on the validation ${many}: on others, precision, recall and F1 may be lower. mAP does not depend on them.</p>`;
}

/** Apart from everything else: nothing was chosen by these pictures. */
function testReport({ report: { test, classes }, words }: ReportContent): Html {
  if (test === undefined) return html``;
  const figures = textsOf(test)
    .list.map(({ name, text }, i) => `${i === 0 ? name : inSentence(name)} ${text}`)
    .join(', ');
  const where = isClassification(test) ? matrix(classes, test.confusion) : isRegression(test) ? scatters(test) : '';
  return html`<h2>Test</h2><p>${figures} on ${counted(test.count, words.one, words.many)} that nothing was chosen by.</p>${notes(test)}${where}${partsTable(test)}`;
}

function partsTable(figures: Figures): Html {
  const { head, rows } = textsOf(figures);
  return htmlTable(head.map(inSentence), rows);
}

function mistakes({ report, thumbnails, words }: ReportContent): Html {
  if (report.mistakes.length === 0) return html`<h2>Mistakes</h2><p>None on the validation ${words.many}.</p>`;
  const cards = thumbnails.flatMap((jpeg, i) => {
    const mistake = report.mistakes[i];
    if (mistake === undefined) return [];
    const image = jpeg === undefined ? '' : html`<img alt="" src="data:image/jpeg;base64,${jpeg.toString('base64')}">`;
    return [
      html`<div class="mistake">${image}<div><b>${mistake.predicted}</b>${mistake.confidence === undefined ? '' : ` ${percent(mistake.confidence)}`}<br>is ${mistake.actual}<br><span class="dim">${mistake.file}</span></div></div>`,
    ];
  });
  return html`<h2>${isClassification(report) ? 'The surest mistakes' : isRegression(report) ? 'The largest errors' : 'Mistakes: the most wrong labels first'}</h2><div class="mistakes">${cards}</div>`;
}

function dataReport({ data, report, splits, words }: ReportContent): Html {
  if (data === undefined) return html``;
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
      html`<p>Which ${words.one} was on which side: <a href="${pathToFileURL(file).href}">${path.basename(file)}</a></p>`,
  );
  const duplicates =
    data.duplicates === 0
      ? ''
      : html`<p>${counted(data.duplicates, 'group')} of identical ${words.many} ${data.duplicates === 1 ? 'was' : 'were'} found; each counts once, on one side of the split.</p>`;
  return html`<h2>Data</h2><p class="dim">${data.directory}</p>${notes}${dataTable(data, words)}${duplicates}${skipped}${split}`;
}

function dataTable(data: NonNullable<ReportContent['data']>, { many }: ReportContent['words']): Html {
  const hasTest = data.classes.some(({ test }) => test !== undefined) || data.pictures?.test !== undefined;
  const sides = ['training', 'validation', ...(hasTest ? ['test'] : [])];
  const row = (name: string, { train, validation, test = 0 }: { train: number; validation: number; test?: number }) => [
    name,
    ...[train, validation, ...(hasTest ? [test] : [])].map(String),
  ];
  if (data.numbers === undefined)
    return htmlTable(
      [data.pictures === undefined ? 'class' : 'label', ...sides],
      [
        ...data.classes.map((one) => row(one.name, one)),
        ...(data.pictures === undefined ? [] : [row(`all ${many}`, data.pictures)]),
      ],
    );
  const ranges = data.numbers.map(({ name, min, median, max }) => [name, ...[min, median, max].map(numbers.quantity)]);
  return html`${htmlTable(['', ...sides], [row(many, sidesOf(data))])}${htmlTable(['number', 'smallest', 'median', 'largest'], ranges)}`;
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

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}
