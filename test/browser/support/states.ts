import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import type { Browser, Page } from 'playwright-core';

import {
  purposeOf,
  type Figures,
  type Metrics,
  type Mistake,
  type RunEvent,
  type RunReport,
  type Task,
} from '../../../src/protocol/index.js';
import { numbersOf, runTitles, translator, type Bundle } from '../../../src/words/index.js';
import { multiLabel } from '../../../src/runtime/tasks/multi-label.js';
import { regression } from '../../../src/runtime/tasks/regression.js';
import type { RunSummary } from '../../../src/extension/interfaces.js';
import { FakeEditor, FakeRuns, makeRun, root } from './fake-host.js';
import { openPanel, type PanelPage, type Shape } from './panel-page.js';
import type { ThemeName } from './themes.js';

export const stateNames = [
  'running',
  'finished',
  'empty',
  'error',
  'form',
  'unknown-base',
  'compare',
  'try',
  'scratch',
  'proof',
  'rates',
  'tested',
  'numbers',
  'labels',
  'fitted',
  'going',
  'no-checkpoint',
  'six',
  'twenty',
  'many-runs',
] as const;
export type StateName = (typeof stateNames)[number];

export interface Shown extends PanelPage {
  readonly runs: FakeRuns;
  readonly editor: FakeEditor;
  readonly workspace: string;
}

/** The panel in one of the states that a user sees, fully drawn. */
export async function showState(
  browser: Browser,
  state: StateName,
  theme: ThemeName,
  texts?: Bundle,
  shape: Shape = {},
): Promise<Shown> {
  const workspace = await mkdtemp(path.join(os.tmpdir(), 'graft-panel-'));
  const runs = new FakeRuns(titled(await runsOf(state, workspace), texts, shape.language));
  const editor = new FakeEditor([workspace], texts);
  const view = {
    running: { kind: 'run' },
    finished: { kind: 'run' },
    empty: { kind: 'run' },
    error: { kind: 'run' },
    form: { kind: 'form', data: 'data/garden' },
    'unknown-base': { kind: 'form', data: 'data/garden', base: 'models/digits.h5' },
    numbers: { kind: 'run' },
    labels: { kind: 'run' },
    fitted: { kind: 'run' },
    'no-checkpoint': { kind: 'run' },
    going: { kind: 'form', data: 'data/garden' },
    six: { kind: 'run' },
    twenty: { kind: 'run' },
    'many-runs': { kind: 'compare', ids: runs.runs.map(({ id }) => id) },
    compare: { kind: 'compare', ids: runs.runs.map(({ id }) => id) },
    proof: { kind: 'compare', ids: runs.runs.map(({ id }) => id) },
    scratch: { kind: 'run' },
    rates: { kind: 'run' },
    tested: { kind: 'run' },
    try: { kind: 'try', model: path.join(workspace, 'models/garden'), name: 'garden' },
  }[state];
  const shown = await openPanel(browser, { runs, editor, theme, state: { view }, shape });
  const sign = {
    running: '.chart canvas',
    finished: '.card',
    empty: '.empty',
    error: '.banner.error',
    form: '.preview code',
    'unknown-base': '.field:has(select) + .field',
    numbers: '.scatter circle',
    labels: '#classes',
    fitted: '#fitted',
    'no-checkpoint': '.banner.info',
    going: '.going',
    six: '.card',
    twenty: '.card',
    'many-runs': '.chart canvas',
    compare: '.chart canvas',
    proof: '.verdict',
    scratch: '.banner.info',
    rates: '.chart canvas',
    tested: '#test',
    try: '.drop',
  }[state];
  // Whoever is not answered shows nothing yet.
  if (shape.deaf === true) return { ...shown, runs, editor, workspace };
  await shown.page.waitForSelector(sign);
  if (state === 'try') await dropSome(shown.page);
  await shown.page.waitForTimeout(300);
  return { ...shown, runs, editor, workspace };
}

/** As the list of runs calls them. */
function titled(runs: readonly RunSummary[], texts: Bundle = {}, language = 'en'): RunSummary[] {
  const named = runs.map(({ id, info, name }) => ({ ...info, id, name, purpose: purposeOf(info) }));
  const titles = runTitles(translator(texts), numbersOf(language), named);
  return runs.map((run) => ({ ...run, title: titles.get(run.id) ?? run.title }));
}

/** Drops a picture and a text file, as from the desktop. */
async function dropSome(page: Page): Promise<void> {
  const picture = await readFile(path.join(root, 'sample/garden/leaf/leaf-03.jpg'));
  await drop(page, {
    files: [
      ['leaf-03.jpg', picture.toString('base64')],
      ['notes.txt', btoa('not a picture')],
    ],
  });
  await page.locator('.try').nth(1).waitFor();
}

/** A real drop: files by name and content (base64), or addresses as the editor's Explorer gives them. */
export async function drop(
  page: Page,
  what: { readonly files?: readonly (readonly [string, string])[]; readonly addresses?: readonly string[] },
): Promise<void> {
  await page.locator('.drop').evaluate((area, { files = [], addresses = [] }) => {
    const dataTransfer = new DataTransfer();
    for (const [name, content] of files) {
      const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
      dataTransfer.items.add(new File([bytes], name));
    }
    if (addresses.length > 0) dataTransfer.setData('text/uri-list', addresses.join('\r\n'));
    for (const type of ['dragenter', 'dragover', 'drop'])
      area.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
  }, what);
}

/** As if the data had a test set, as large as the validation set. */
async function addTest(folder: string): Promise<void> {
  const reportFile = path.join(folder, 'report.json');
  const report = JSON.parse(await readFile(reportFile, 'utf8')) as RunReport<'classification'>;
  const { metrics, perClass, confusion } = report;
  const test = { metrics: { ...metrics, accuracy: 0.875 }, perClass, confusion, count: 40 };
  await writeFile(reportFile, JSON.stringify({ ...report, test }));
  const log = path.join(folder, 'events.ndjson');
  const events = (await readFile(log, 'utf8')).trimEnd().split('\n');
  const lines = events.map((line) => {
    const event = JSON.parse(line) as RunEvent;
    if (event.type !== 'data') return line;
    return JSON.stringify({ ...event, classes: event.classes.map((one) => ({ ...one, test: 10 })) });
  });
  await writeFile(log, `${lines.join('\n')}\n`);
}
/** As if the run had learnt two numbers instead of classes: made by a formula. */
async function withNumbers(folder: string): Promise<Metrics> {
  const names = ['count', 'diameter_mm'];
  const rows = Array.from({ length: 40 }, (_, i) => {
    const label = [1 + (i % 9), 20 + ((i * 37) % 60)];
    return {
      id: `${i}.png`,
      label,
      said: [(label[0] ?? 0) + 0.6 * Math.sin(i), (label[1] ?? 0) + 5 * Math.sin(2 * i)],
    };
  });
  const values = Float32Array.from(rows.flatMap(({ said }) => said));
  const outputs = { values, examples: rows, names };
  const figures = regression.figures(outputs, { kind: 'meanSquaredError' });
  const numbers = [
    { name: 'count', min: 1, median: 5, max: 9 },
    { name: 'diameter_mm', min: 20, median: 50, max: 79 },
  ];
  const of = { classes: [], numbers };
  await asTask(folder, 'regression', names, figures, regression.mistakes(outputs), of, (loss) => ({
    ...{ loss, mae: 2 * loss, rmse: 2.4 * loss, r2: 1 - loss / 2 },
  }));
  return figures.metrics;
}

/** A run of classes as one of another task: its report, and its log with metrics that are made from its loss. */
async function asTask(
  folder: string,
  task: Task,
  names: readonly string[],
  figures: Figures,
  mistakes: readonly Mistake[],
  labels: object,
  metricsOf: (loss: number) => Metrics,
): Promise<void> {
  const reportFile = path.join(folder, 'report.json');
  const report = JSON.parse(await readFile(reportFile, 'utf8')) as RunReport<'classification'>;
  const none = { perClass: undefined, confusion: undefined, correct: undefined };
  const shown = mistakes.flatMap((one, i) => {
    const file = report.mistakes[i]?.file;
    return file === undefined ? [] : [{ ...one, file }];
  });
  const changed = { ...report, ...none, task, classes: names, ...figures, test: { ...figures, count: 40 } };
  await writeFile(reportFile, JSON.stringify({ ...changed, mistakes: shown }));
  const log = path.join(folder, 'events.ndjson');
  const pictures = { train: 152, validation: 40, test: 40 };
  const lines = (await readFile(log, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => {
      const event = JSON.parse(line) as RunEvent;
      if (event.type === 'data') return JSON.stringify({ ...event, task, pictures, ...labels });
      if (event.type === 'batch') return JSON.stringify({ ...event, accuracy: undefined });
      if (event.type !== 'epoch') return line;
      const train = { loss: event.train.loss };
      return JSON.stringify({ ...event, train, validation: metricsOf(event.validation.loss) });
    });
  await writeFile(log, `${lines.join('\n')}\n`);
}

/** As if the run had learnt three labels, of which a picture has any number: made by a formula. */
async function withLabels(folder: string): Promise<Metrics> {
  const names = ['blue', 'green', 'a-label-of-several-words'];
  const examples = Array.from({ length: 40 }, (_, i) => ({
    id: `${i}.png`,
    label: [0, 1, 2].filter((c) => (i * 7 + c) % (c + 2) === 0),
  }));
  const given = examples.flatMap(({ label }, i) =>
    names.map((_, c) => 0.5 + (label.includes(c) ? 0.25 : -0.25) + 0.24 * Math.sin(i * (c + 3)) * 1.3),
  );
  const values = Float32Array.from(given, (p) => Math.min(0.99, Math.max(0.01, p)));
  const outputs = { values, examples, names };
  const figures = multiLabel.figures(outputs, { kind: 'binaryCrossentropy' });
  const classes = names.map((name, c) => {
    const count = examples.filter(({ label }) => label.includes(c)).length;
    return { name, train: 4 * count, validation: count };
  });
  await asTask(folder, 'multi-label', names, figures, multiLabel.mistakes(outputs), { classes }, (loss) => ({
    ...{ loss, meanAveragePrecision: 1 - loss / 2, macroF1: 0.9 - loss / 2, microF1: 0.9 - loss / 2 },
    exactMatch: 0.8 - loss / 2,
  }));
  return figures.metrics;
}

/** A species as it is called in a well-known collection of plants. */
const longName = 'Chaenomeles_speciosa_(Sweet)_Nakai';

async function runsOf(state: StateName, workspace: string): Promise<RunSummary[]> {
  const done = () => makeRun(workspace, 'fine-tuning', '20261124-203710-146c', { status: 'done' });
  const earlier = () => makeRun(workspace, 'feature-extraction', '20261124-203702-46ee', { status: 'done' });
  const withClasses = (classes: readonly string[]) =>
    makeRun(workspace, 'fine-tuning', '20261124-203710-146c', { status: 'done', classes });
  switch (state) {
    case 'empty':
    case 'form':
    case 'unknown-base':
    case 'try':
      return [];
    case 'running':
    case 'going':
      return [
        await makeRun(workspace, 'fine-tuning', '20261124-203710-146c', { status: 'running', keep: 0.83 }),
        await earlier(),
      ];
    case 'error':
      return [
        await makeRun(workspace, 'fine-tuning', '20261124-203710-146c', {
          status: 'failed',
          keep: 0.72,
          problem: {
            message: 'Cannot write checkpoints/training-1.safetensors: the disk is full.',
            action: 'Free some space (old runs and the cache are in .graft/), then resume the run.',
          },
        }),
      ];
    case 'rates':
      return [await makeRun(workspace, 'learning-rate', '20261125-140749-28d1', { status: 'done' })];
    case 'tested': {
      const run = await done();
      await addTest(run.folder);
      return [run];
    }
    case 'numbers': {
      const run = await done();
      return [{ ...run, best: await withNumbers(run.folder) }];
    }
    case 'labels': {
      const run = await done();
      return [{ ...run, best: await withLabels(run.folder) }];
    }
    case 'scratch':
    case 'proof':
      return [await makeRun(workspace, 'from-scratch', '20261125-132637-af26', { status: 'done' }), await done()];
    case 'no-checkpoint':
      return [
        await makeRun(workspace, 'fine-tuning', '20261124-203710-146c', {
          status: 'stopped',
          keep: 0.1,
          checkpoint: false,
        }),
      ];
    case 'fitted':
      return [await earlier()];
    case 'six':
      return [await withClasses(['cardboard', 'glass', 'metal', 'paper', 'plastic', 'trash'])];
    case 'twenty':
      return [await withClasses(Array.from({ length: 20 }, (_, i) => `${longName}_${i + 1}`))];
    case 'many-runs':
      return await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          makeRun(workspace, i % 2 === 0 ? 'fine-tuning' : 'feature-extraction', `2026112${i % 9}-2037${10 + i}-146c`, {
            status: 'done',
            ...(i === 0 ? { name: `${longName}_with_everything_that_was_tried_in_it_and_why` } : {}),
          }),
        ),
      );
    case 'finished':
    case 'compare':
      return [await done(), await earlier()];
  }
}
