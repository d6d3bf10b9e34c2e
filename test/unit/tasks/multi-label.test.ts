import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { checkReport, isMultiLabel } from '../../../src/protocol/index.js';
import { imageCsv, summarizeData } from '../../../src/runtime/data/index.js';
import { multiLabel } from '../../../src/runtime/tasks/multi-label.js';
import { lbfgs } from '../../../src/runtime/train/lbfgs.js';
import { LinearObjective } from '../../../src/runtime/train/linear-objective.js';
import { figuresShown, labelIntervals, numbersOf, translator } from '../../../src/words/index.js';
import { failure } from '../../support/failure.js';
import { pictureFolder } from '../../support/pictures.js';

type Metrics = Readonly<Record<'loss' | 'meanAveragePrecision' | 'macroF1' | 'microF1' | 'exactMatch', number>>;
interface Fit {
  readonly l2: number;
  readonly kernel: readonly number[];
  readonly bias: readonly number[];
}
interface Golden {
  readonly labels: {
    readonly truths: readonly (readonly number[])[];
    readonly scores: readonly (readonly number[])[];
    readonly thresholds: readonly number[];
    readonly each: readonly Readonly<Record<'precision' | 'recall' | 'f1' | 'averagePrecision' | 'bestF1', number>>[];
    readonly metrics: Metrics;
    readonly intervals: Readonly<Record<'meanAveragePrecision' | 'macroF1' | 'microF1', readonly [number, number]>>;
  };
  readonly oneAgainstRest: {
    readonly x: readonly number[];
    readonly y: readonly number[];
    readonly dimensions: number;
    readonly columns: number;
    readonly fits: readonly Fit[];
  };
}
const golden = JSON.parse(readFileSync(path.resolve('test/fixtures/tasks/golden.json'), 'utf8')) as Golden;
const close = (value: number | undefined, expected: number | undefined, most: number) => {
  assert.ok(Math.abs((value ?? NaN) - (expected ?? NaN)) <= most, `${value ?? ''} is not ${expected ?? ''}`);
};

const names = ['a', 'b', 'c'];
const { truths, scores, thresholds, each, metrics, intervals } = golden.labels;
const outputs = {
  names,
  examples: truths.map((row, i) => ({ id: `${i}.png`, label: row.flatMap((one, c) => (one === 1 ? [c] : [])) })),
  values: Float32Array.from(scores.flat()),
};
// A score that equals its threshold is said: in 32 bits too.
const cuts = thresholds.map(Math.fround);
const figures = multiLabel.figures(outputs, { kind: 'binaryCrossentropy' }, cuts);
assert.ok(isMultiLabel(figures));

test('F1, average precision, mAP, exact match and loss are those of scikit-learn', () => {
  for (const name of ['loss', 'meanAveragePrecision', 'macroF1', 'microF1', 'exactMatch'] as const)
    close(figures.metrics[name], metrics[name], 1e-6);
  each.forEach((one, i) => {
    for (const name of ['precision', 'recall', 'f1', 'averagePrecision'] as const)
      close(figures.perLabel[i]?.[name], one[name], 1e-6);
  });
});

test('a threshold is tuned to the largest F1 that there is', () => {
  const tuned = multiLabel.figures(outputs, { kind: 'binaryCrossentropy' }, multiLabel.tune?.(outputs));
  assert.ok(isMultiLabel(tuned));
  each.forEach(({ bestF1 }, i) => {
    close(tuned.perLabel[i]?.f1, bestF1, 1e-6);
  });
  const none = { ...outputs, examples: outputs.examples.map(({ id }) => ({ id, label: [] })) };
  assert.deepEqual(multiLabel.tune?.(none), [0.5, 0.5, 0.5]);
});

test('the intervals are those of a bootstrap in SciPy', () => {
  const found = labelIntervals(figures);
  for (const name of ['meanAveragePrecision', 'macroF1', 'microF1'] as const) {
    const width = intervals[name][1] - intervals[name][0];
    close(found?.metrics[name].low, intervals[name][0], width * 0.12);
    close(found?.metrics[name].high, intervals[name][1], width * 0.12);
  }
  const { list, rows } = figuresShown(translator({}), numbersOf('en'), figures);
  assert.match(list[0]?.text ?? '', /^0\.\d{3} \(0\.\d{3}–\d\.\d{3}\)$/);
  assert.deepEqual(
    rows.map(([name, threshold]) => [name, threshold]),
    [
      ['a', '0.500'],
      ['b', '0.400'],
      ['c', '0.605'],
    ],
  );
});

for (const { l2, kernel, bias } of golden.oneAgainstRest.fits) {
  test(`one against the rest with a penalty of ${l2} is that of scikit-learn`, async () => {
    const { x, y, dimensions, columns } = golden.oneAgainstRest;
    const objective = new LinearObjective(Float32Array.from(x), Float32Array.from(y), dimensions, columns, 'sigmoid');
    const weights = new Float32Array(y.length / columns).fill(1);
    const start = new Float64Array(objective.parameters);
    const theta = await lbfgs(objective.objective(weights, l2), start, { tolerance: 1e-6, maxIterations: 1_000 });
    [...kernel, ...bias].forEach((expected, i) => {
      close(theta[i], expected, 1e-3);
    });
    await objective.close();
  });
}

test('pictures with most labels wrong come first', () => {
  const some = {
    names,
    examples: [
      { id: 'right.png', label: [0] },
      { id: 'one.png', label: [1] },
      { id: 'two.png', label: [] },
    ],
    values: Float32Array.of(0.9, 0.1, 0.1, 0.1, 0.4, 0.2, 0.9, 0.8, 0.1),
  };
  assert.deepEqual(multiLabel.mistakes(some, [0.5, 0.5, 0.5]), [
    { file: 'two.png', actual: '–', predicted: 'a, b' },
    { file: 'one.png', actual: 'b', predicted: '–' },
  ]);
  assert.deepEqual(multiLabel.say(Float32Array.of(0.4, 0.6, 0.3), names, [0.3, 0.7, 0.5]).labels?.[0], {
    ...{ name: 'a', threshold: 0.3, said: true },
    probability: Math.fround(0.4),
  });
});

const options = { size: [16, 16], seed: 3, task: 'multi-label' } as const;
const indices = Array.from({ length: 12 }, (_, i) => i);

async function withTable(head: string, line: (i: number) => string): Promise<string> {
  const file = path.join(await pictureFolder(['all'], 12), 'labels.csv');
  writeFileSync(file, [head, ...indices.map((i) => `all/${i}.png,${line(i)}`)].join('\n'));
  return file;
}

const turns = (...cells: readonly string[]) => ({ of: (i: number) => cells[i % cells.length] ?? '' });
for (const { what, head, line, dogs } of [
  { what: 'a bar', head: 'file,labels', line: turns('cat', 'cat|dog', 'dog | cat', '').of, dogs: 6 },
  { what: 'a semicolon', head: 'file,labels', line: turns('cat', 'cat;dog', 'dog; cat', 'dog').of, dogs: 9 },
  { what: 'a column for each', head: 'file,cat,dog', line: turns('1,0', '1,1', '1,1', '0,0').of, dogs: 6 },
  { what: 'yes and no', head: 'file,cat,dog', line: turns('Yes,no', 'yes,yes', 'yes,YES', 'no,no').of, dogs: 6 },
  {
    what: 'true and false',
    head: 'file,cat,dog',
    line: turns('TRUE,FALSE', 'True,True', 'true,true', 'false,false').of,
    dogs: 6,
  },
  { what: '1 and -1', head: 'file,cat,dog', line: turns('1,-1', '1,1', '1,1', '-1,-1').of, dogs: 6 },
]) {
  test(`labels of a table are read, and lead to their task: ${what}`, async () => {
    const file = await withTable(head, line);
    const data = await imageCsv(file, options);
    assert.deepEqual(
      data.classes.map((name) => name.toLowerCase()),
      ['cat', 'dog'],
    );
    const labelOf = (i: number) => [...data.train, ...data.validation].find(({ id }) => id === `all/${i}.png`)?.label;
    assert.deepEqual([labelOf(0), labelOf(1), labelOf(2)], [[0], [0, 1], [0, 1]]);
    const summary = await summarizeData(file);
    assert.deepEqual([summary.task, summary.tasks, summary.count], ['multi-label', ['multi-label'], 12]);
    assert.deepEqual(
      data.report.classes.map(({ train, validation }) => train + validation),
      [9, dogs],
    );
  });
}

/** A line for each label of a picture. */
async function withLines(lines: (i: number) => readonly string[]): Promise<string> {
  const file = path.join(await pictureFolder(['all'], 12), 'labels.csv');
  const all = indices.flatMap((i) => lines(i).map((label) => `${i % 2 === 0 ? '' : './'}all/${i}.png,${label}`));
  writeFileSync(file, ['path,label', ...all].join('\n'));
  return file;
}

test('a line for each label of a picture: one example with all of them, to which such a table leads by itself', async () => {
  const file = await withLines((i) => (i % 3 === 0 ? ['cat', 'dog'] : i % 3 === 1 ? ['cat'] : ['dog']));
  assert.deepEqual((await summarizeData(file)).tasks, ['multi-label', 'classification']);
  const { train, validation, report } = await imageCsv(file, options);
  const all = [...train, ...validation];
  assert.deepEqual([all.length, report.skipped.length, report.duplicates.length], [12, 0, 0]);
  const labelOf = (i: number) => all.find(({ id }) => id.endsWith(`all/${i}.png`))?.label;
  assert.deepEqual([labelOf(0), labelOf(1), labelOf(2)], [[0, 1], [0], [1]]);
  assert.ok(report.notes.includes('4 pictures have several lines: their labels are put together.'));
});

test('a picture that is listed twice with two classes is left out, and what it may have been is said', async () => {
  const one = await withLines((i) => (i === 5 ? ['cat', 'dog'] : [i % 2 === 0 ? 'cat' : 'dog']));
  const { report } = await imageCsv(one, { size: [16, 16], seed: 3 });
  assert.equal(report.skipped.length, 2);
  assert.match(
    report.notes.join(' '),
    /1 picture is listed with several labels, and left out: \.\/all\/5\.png.*say task: 'multi-label'/,
  );
  const error = await failure(imageCsv(await withLines(() => ['cat', 'dog']), { size: [16, 16], seed: 3 }));
  assert.match(error.message, /in other classes too|no pictures|is in several classes/);
  assert.match(error.action, /multi-label/);
});

test('lines of a picture on two sides of the split are refused', async () => {
  const file = path.join(await pictureFolder(['all'], 12), 'labels.csv');
  const line = (i: number) => `all/${i}.png,cat,${i < 8 ? 'train' : 'test'}`;
  writeFileSync(file, ['path,label,split', ...indices.map(line), 'all/3.png,dog,test'].join('\n'));
  const error = await failure(imageCsv(file, options));
  assert.match(error.message, /line 14: all\/3\.png is for test, and in line 5 for train/);
});

test('labels apart by spaces: where the same words come in ever other cells', async () => {
  const file = await withTable(
    'file,labels',
    turns('clear primary', 'haze primary', 'clear road', 'haze road', 'primary').of,
  );
  assert.deepEqual((await imageCsv(file, options)).classes, ['clear', 'haze', 'primary', 'road']);
  const named = await withTable('file,labels', turns('fire engine', 'police car', 'ice cream').of);
  assert.deepEqual((await imageCsv(named, options)).classes, ['fire engine', 'ice cream', 'police car']);
});

test('a cell without a class: where a picture may show none of them is said', async () => {
  const error = await failure(imageCsv(await withTable('file,label', turns('cat', 'dog', '').of), { size: [16, 16] }));
  assert.match(error.message, /line 4, column label is empty/);
  assert.match(error.action, /may show none of them, say task: 'multi-label'/);
});

test('columns in which each picture has one 1 are classes, or labels where that is said', async () => {
  const file = await withTable('file,cat,dog', (i) => (i % 2 === 0 ? '1,0' : '0,1'));
  assert.deepEqual((await summarizeData(file)).tasks, ['classification', 'multi-label']);
  assert.equal((await summarizeData(file, { task: 'multi-label' })).task, 'multi-label');
});

test('a rare label is on both sides where it can be, and is said to be missing where it cannot', async () => {
  const file = await withTable('file,labels', (i) => (i === 0 ? 'common|once' : i < 3 ? 'common|rare' : 'common'));
  const { report } = await imageCsv(file, options);
  const of = (name: string) => report.classes.find((one) => one.name === name);
  assert.deepEqual([of('rare')?.train, of('rare')?.validation], [1, 1]);
  assert.deepEqual([of('once')?.train, of('once')?.validation], [1, 0]);
  assert.ok(report.notes.includes('The validation set has no pictures of once.'));
});

test('labels are refused that nobody can read', async () => {
  const empty = await failure(imageCsv(await withTable('file,labels', () => ''), options));
  assert.match(empty.message, /No picture of .* has a label/);
  const columns = { label: ['cat', 'dog'] };
  const file = await withTable('file,cat,dog', (i) => (i === 1 ? '1,perhaps' : '1,0'));
  const wrong = await failure(imageCsv(file, { ...options, columns }));
  assert.match(wrong.message, /line 3, column dog: "perhaps" is neither 0 nor 1, nor yes or no/);
});

test('a report of labels is believed field by field', () => {
  const report = {
    ...{
      status: 'done',
      technique: 'fine-tuning',
      base: 'b',
      engine: 'onnxruntime',
      task: 'multi-label',
      classes: names,
    },
    ...figures,
    ...{ mistakes: [], skipped: [], seed: 1, history: [], created: '' },
    timing: { decode: 0, prefix: 0, train: 0, evaluate: 0, total: 0 },
    hashes: { data: '', base: '', model: '' },
  };
  assert.ok('value' in checkReport(report));
  for (const [change, reason] of [
    [{ perLabel: figures.perLabel.slice(1) }, /3 labels, but 2 rows/],
    [{ perLabel: [{ ...figures.perLabel[0], truths: 'x' }] }, /perLabel/],
    [{ metrics: { loss: 1, accuracy: 1, macroF1: 1 } }, /metrics/],
  ] as const) {
    const checked = checkReport({ ...report, ...change });
    assert.match('wrong' in checked ? checked.wrong : 'it is believed', reason);
  }
});
