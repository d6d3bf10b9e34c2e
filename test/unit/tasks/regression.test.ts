import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import {
  compared,
  figuresShown,
  numbersOf,
  regressionIntervals,
  translator,
  verdict,
} from '../../../src/words/index.js';
import { imageCsv, summarizeData } from '../../../src/runtime/data/index.js';
import { regression } from '../../../src/runtime/tasks/regression.js';
import { lbfgs } from '../../../src/runtime/train/lbfgs.js';
import { LinearObjective } from '../../../src/runtime/train/linear-objective.js';
import { checkReport, isRegression, type Figures } from '../../../src/protocol/index.js';
import { failure } from '../../support/failure.js';
import { pictureFolder } from '../../support/pictures.js';

interface NumberFigures {
  readonly mae: number;
  readonly rmse: number;
  readonly r2: number;
}
interface Golden {
  readonly numbers: {
    readonly truths: readonly number[][];
    readonly predictions: readonly number[][];
    readonly each: readonly NumberFigures[];
    readonly mean: NumberFigures;
    readonly intervals: Readonly<Record<keyof NumberFigures, readonly [number, number]>>;
    readonly constant: readonly NumberFigures[];
  };
  readonly ridge: {
    readonly x: readonly number[];
    readonly y: readonly number[];
    readonly dimensions: number;
    readonly columns: number;
    readonly fits: readonly {
      readonly l2: number;
      readonly kernel: readonly number[];
      readonly bias: readonly number[];
    }[];
  };
}
const golden = JSON.parse(readFileSync(path.resolve('test/fixtures/tasks/golden.json'), 'utf8')) as Golden;
const close = (value: number | undefined, expected: number | undefined, most: number) => {
  assert.ok(Math.abs((value ?? NaN) - (expected ?? NaN)) <= most, `${value ?? ''} is not ${expected ?? ''}`);
};
const [t, numbers] = [translator({}), numbersOf('en')];

/** Figures of numbers, given number by number. */
function figuresOf(names: readonly string[], truths: readonly number[][], predictions: readonly number[][]) {
  const n = truths[0]?.length ?? 0;
  const row = (columns: readonly number[][], i: number) => columns.map((column) => column[i] ?? 0);
  const outputs = {
    names,
    examples: Array.from({ length: n }, (_, i) => ({ id: `${i}.png`, label: row(truths, i) })),
    values: Float32Array.from(Array.from({ length: n }, (_, i) => row(predictions, i)).flat()),
  };
  const figures = regression.figures(outputs, { kind: 'meanSquaredError' });
  assert.ok(isRegression(figures));
  return { outputs, figures };
}

test('MAE, RMSE and R² are those of scikit-learn, of each number and over several', () => {
  const { truths, predictions, each, mean } = golden.numbers;
  const { figures } = figuresOf(['weight', 'share'], truths, predictions);
  for (const name of ['mae', 'rmse', 'r2'] as const) {
    close(figures.metrics[name], mean[name], 1e-5);
    each.forEach((one, i) => {
      close(figures.perNumber[i]?.[name], one[name], 1e-5);
    });
  }
  close(figures.metrics.loss, ((each[0]?.rmse ?? 0) ** 2 + (each[1]?.rmse ?? 0) ** 2) / 2, 1e-4);
  assert.equal(figures.measured, 40);
});

test('the loss is measured in the standard deviations of training, so that each number counts alike; figures are in units', () => {
  const truths = [
    [0, 2000, 4000, 6000],
    [0.1, 0.2, 0.3, 0.4],
  ];
  const predictions = [
    [1000, 3000, 5000, 7000],
    [0.2, 0.3, 0.4, 0.5],
  ];
  const { outputs } = figuresOf(['weight', 'share'], truths, predictions);
  // Means 3000 and 0.25.
  const { deviations } = regression.lossScale?.(outputs.examples, outputs.names) ?? {};
  close(deviations?.[0], Math.sqrt(5e6), 1e-9);
  close(deviations?.[1], Math.sqrt(0.0125), 1e-12);
  const figures = regression.figures(outputs, { kind: 'meanSquaredError', deviations: deviations ?? [] });
  close(figures.metrics.loss, (1000 ** 2 / 5e6 + 0.1 ** 2 / 0.0125) / 2, 1e-6);
  assert.ok(isRegression(figures));
  close(figures.metrics.mae, 500.05, 1e-4);
});

test('R² where all truths are the same is that of scikit-learn', () => {
  const [perfect, wrong] = [
    [2, 2, 2],
    [2, 3, 2],
  ].map((said) => figuresOf(['n'], [[2, 2, 2]], [said]).figures.metrics.r2);
  assert.deepEqual(
    [perfect, wrong],
    golden.numbers.constant.map(({ r2 }) => r2),
  );
});

test('the intervals do not depend on the order of the pictures', () => {
  const { truths, predictions } = golden.numbers;
  const backwards = (columns: readonly number[][]) => columns.map((column) => [...column].reverse());
  const names = truths.map((_, i) => `n${i}`);
  const { figures } = figuresOf(names, truths, predictions);
  const again = figuresOf(names, backwards(truths), backwards(predictions));
  const [one, other] = [figures, again.figures].map((each) => regressionIntervals(each));
  assert.ok(one !== undefined && other !== undefined);
  one.perNumber.forEach(({ mae }, i) => {
    close(mae.low, other.perNumber[i]?.mae.low ?? NaN, 1e-9);
    close(mae.high, other.perNumber[i]?.mae.high ?? NaN, 1e-9);
  });
});

test('the intervals are those of a bootstrap in SciPy', () => {
  const { truths, predictions, intervals } = golden.numbers;
  const { figures } = figuresOf(['weight'], truths.slice(0, 1), predictions.slice(0, 1));
  const found = regressionIntervals(figures);
  for (const name of ['mae', 'rmse', 'r2'] as const) {
    const width = intervals[name][1] - intervals[name][0];
    close(found?.[name].low, intervals[name][0], width * 0.08);
    close(found?.[name].high, intervals[name][1], width * 0.08);
  }
  const { list, rows, note } = figuresShown(t, numbers, figures);
  assert.match(list[0]?.text ?? '', /^\d\.\d+ \(\d\.\d+–\d\.\d+\)$/);
  assert.equal(rows.length, 1);
  assert.equal(note, 'In brackets: 95 % intervals.');
});

for (const { l2, kernel, bias } of golden.ridge.fits) {
  test(`ridge regression with a penalty of ${l2} is that of scikit-learn`, async () => {
    const { x, y, dimensions, columns } = golden.ridge;
    const objective = new LinearObjective(Float32Array.from(x), Float32Array.from(y), dimensions, columns, 'linear');
    const weights = new Float32Array(y.length / columns).fill(1);
    const start = new Float64Array(objective.parameters);
    const theta = await lbfgs(objective.objective(weights, l2), start, { tolerance: 1e-6, maxIterations: 1_000 });
    [...kernel, ...bias].forEach((expected, i) => {
      close(theta[i], expected, 2e-4);
    });
    await objective.close();
  });
}

test('what is farthest off comes first, each number by its own spread', () => {
  const { outputs } = figuresOf(
    ['big', 'small'],
    [
      [100, 200, 300],
      [0.1, 0.2, 0.3],
    ],
    [
      [110, 200, 300],
      [0.1, 0.2, 0.6],
    ],
  );
  assert.deepEqual(regression.mistakes(outputs).slice(0, 2), [
    { file: '2.png', actual: 'big 300, small 0.3', predicted: 'big 300, small 0.6' },
    { file: '0.png', actual: 'big 100, small 0.1', predicted: 'big 110, small 0.1' },
  ]);
});

test('what transfer is worth is said by the mean absolute error, in pairs', () => {
  const truths = Array.from({ length: 60 }, (_, i) => i);
  const off = (by: number) =>
    figuresOf(['n'], [truths], [truths.map((value) => value + by + (value % 3) / 10)]).figures;
  const [good, bad] = [off(0.1), off(2)];
  const errors = (figures: Figures<'regression'>) =>
    figures.perNumber[0]?.truths.map((truth, i) => Math.abs((figures.perNumber[0]?.predictions[i] ?? 0) - truth)) ?? [];
  const how = compared({ data: 'd', errors: errors(good) }, { data: 'd', errors: errors(bad) });
  const said = verdict(
    t,
    numbers,
    { metrics: good.metrics, pictures: 60 },
    { metrics: bad.metrics, pictures: 60 },
    how,
  );
  assert.equal(said?.verdict, 'helps');
  assert.match(
    said.text,
    /mean absolute error of 0\.2 with the pre-trained weights, 2\.1 with random ones.*That is 1\.9 less/,
  );
  assert.equal(compared({ data: 'd', errors: [1] }, { data: 'e', errors: [1] }), undefined);
});

const options = { size: [16, 16], seed: 3 } as const;
const indices = Array.from({ length: 12 }, (_, i) => i);

/** Twelve pictures and a table of them. */
async function withTable(head: string, line: (i: number) => string): Promise<string> {
  const file = path.join(await pictureFolder(['all'], 12), 'numbers.csv');
  writeFileSync(file, [head, ...indices.map((i) => `all/${i}.png,${line(i)}`)].join('\n'));
  return file;
}

test('numbers of a table are read: one, several, with a decimal comma; the columns are said', async () => {
  const one = await imageCsv(await withTable('file,age', (i) => `${i}.5`), { ...options, task: 'regression' });
  assert.deepEqual(one.classes, ['age']);
  assert.deepEqual([one.train.length, one.validation.length], [10, 2]);
  assert.deepEqual([...one.train, ...one.validation].find(({ id }) => id === 'all/3.png')?.label, [3.5]);
  assert.deepEqual(one.report.numbers, [{ name: 'age', min: 0.5, median: 6.5, max: 11.5 }]);
  const file = await withTable('file,id,width,height', (i) => `${i},${i * 2},"${i},25"`);
  const several = await imageCsv(file, { ...options, task: 'regression' });
  assert.deepEqual(several.classes, ['width', 'height']);
  assert.deepEqual([...several.train, ...several.validation].find(({ id }) => id === 'all/4.png')?.label, [8, 4.25]);
  assert.match(several.report.notes.join(' '), /file = picture, width = number, height = number/);
  const chosen = await imageCsv(file, { ...options, task: 'regression', columns: { label: 'height' } });
  assert.deepEqual(chosen.classes, ['height']);
});

const sums = (what: string, head: string, line: (i: number) => string, of: (i: number) => readonly number[]) => ({
  ...{ what, head, line, of },
});
/** How people write numbers: what a line says, and what is read. */
const written = [
  sums(
    'commas between thousands, and a fraction',
    'file,n',
    (i) => `"${i + 1},234.5"`,
    (i) => [1000 * (i + 1) + 234.5],
  ),
  sums(
    'commas between thousands, which other cells show',
    'file,n',
    (i) => (i === 0 ? '12.5' : `"${i},234"`),
    (i) => [i === 0 ? 12.5 : 1000 * i + 234],
  ),
  sums(
    'points between thousands, and a comma before the fraction',
    'file,n',
    (i) => (i === 0 ? '"1.234,5"' : i === 1 ? '2.345' : `"${i},5"`),
    (i) => [i === 0 ? 1234.5 : i === 1 ? 2345 : i + 0.5],
  ),
  sums(
    'a comma before three digits, which other cells show',
    'file,n',
    (i) => (i === 0 ? '"0,5"' : `"${i},250"`),
    (i) => [i === 0 ? 0.5 : i + 0.25],
  ),
  sums(
    'a point before three digits',
    'file,n',
    (i) => `${i}.125`,
    (i) => [i + 0.125],
  ),
  sums(
    'spaces between thousands',
    'file,n',
    (i) => `${i + 1} 000`,
    (i) => [1000 * (i + 1)],
  ),
  sums(
    'apostrophes, two groups',
    'file,n',
    (i) => `${i + 1}'000'500`,
    (i) => [1e6 * (i + 1) + 500],
  ),
  sums(
    'below zero, with a minus of typesetters too',
    'file,n',
    (i) => (i < 6 ? `-${i}.5` : `\u2212${i}`),
    (i) => [i < 6 ? -i - 0.5 : -i],
  ),
  sums(
    'millions and exponents',
    'file,n',
    (i) => (i === 0 ? '1e6' : `${i}000000`),
    (i) => [Math.max(1, i) * 1e6],
  ),
  sums(
    'units in the header',
    'file,weight (kg),"size, cm"',
    (i) => `${i}.5,${2 * i}`,
    (i) => [i + 0.5, 2 * i],
  ),
];
for (const { what, head, line, of } of written)
  test(`numbers are read as they are written: ${what}`, async () => {
    const data = await imageCsv(await withTable(head, line), { ...options, task: 'regression' });
    const all = [...data.train, ...data.validation].map(({ id, label }) => [id, label]);
    assert.deepEqual(Object.fromEntries(all), Object.fromEntries(indices.map((i) => [`all/${i}.png`, of(i)])));
  });

test('where semicolons stand between columns, a comma is before a fraction', async () => {
  const file = path.join(await pictureFolder(['all'], 12), 'numbers.csv');
  const write = (cell: (i: number) => string) => {
    writeFileSync(file, ['file;n', ...indices.map((i) => `all/${i}.png;${cell(i)}`)].join('\n'));
  };
  const read = async () => {
    const { train, validation } = await imageCsv(file, { ...options, task: 'regression' });
    return [...train, ...validation].find(({ id }) => id === 'all/3.png')?.label;
  };
  write((i) => `${i + 1},234`);
  assert.deepEqual(await read(), [4.234]);
  // Whoever writes points does not write thousands with them because of that.
  write((i) => `${i + 1}.234`);
  assert.deepEqual(await read(), [4.234]);
});

test('the split gives each side its share of small and of large numbers', async () => {
  const file = path.join(await pictureFolder(['all'], 50), 'numbers.csv');
  writeFileSync(file, ['file,n', ...Array.from({ length: 50 }, (_, i) => `all/${i}.png,${i}`)].join('\n'));
  const { validation } = await imageCsv(file, { ...options, task: 'regression' });
  const fifths = validation.map(({ label }) => Math.floor((label[0] ?? 0) / 10)).sort();
  assert.deepEqual(fifths, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
});

for (const { what, head, line, tasks, task } of [
  { what: 'fractions', head: 'file,age', line: (i: number) => `${i}.5`, tasks: ['regression'], task: 'regression' },
  {
    what: 'several columns',
    head: 'file,a,b',
    line: (i: number) => `${i},${i}.5`,
    tasks: ['regression'],
    task: 'regression',
  },
  {
    what: 'whole numbers, few',
    head: 'file,label',
    line: (i: number) => String(i % 3),
    tasks: ['classification', 'regression'],
    task: 'classification',
  },
  {
    what: 'two numbers',
    head: 'file,label',
    line: (i: number) => String(i % 2),
    tasks: ['classification'],
    task: 'classification',
  },
  {
    what: 'words',
    head: 'file,label',
    line: (i: number) => 'ab'.charAt(i % 2),
    tasks: ['classification'],
    task: 'classification',
  },
]) {
  test(`what a table is for is seen by its labels: ${what}`, async () => {
    const summary = await summarizeData(await withTable(head, line));
    assert.deepEqual([summary.task, summary.tasks, summary.count], [task, tasks, 12]);
  });
}

for (const { what, head, line, message, action } of [
  {
    what: 'a word',
    head: 'file,n',
    line: (i: number) => (i === 2 ? 'many' : `${i}`),
    message: /line 4, column n: "many" is no number/,
    action: /Write a number/,
  },
  {
    what: 'an empty cell',
    head: 'file,n,m',
    line: (i: number) => (i === 2 ? '1,' : `${i},${i}`),
    message: /line 4, column m is empty/,
    action: /number/,
  },
  {
    what: 'one number only',
    head: 'file,n',
    line: () => '4',
    message: /n is 4 for every picture/,
    action: /nothing to learn/,
  },
  {
    what: 'NA',
    head: 'file,n',
    line: (i: number) => (i === 5 ? 'NA' : `${i}`),
    message: /line 7, column n: "NA" is no number/,
    action: /take the line out/,
  },
  {
    what: 'NA in one of several columns, which is not left out for it',
    head: 'file,n,m',
    line: (i: number) => (i === 5 ? '3,NA' : `${i},${i}`),
    message: /line 7, column m: "NA" is no number/,
    action: /To learn other columns, name them/,
  },
  {
    what: 'a unit in each cell',
    head: 'file,share',
    line: (i: number) => `${i + 3} %`,
    message: /line 2, column share: "3 %" is no number/,
    action: /^Write 3; the unit belongs into the name of the column: "share \(%\)"\./,
  },
  {
    what: 'thousands or fractions',
    head: 'file,price',
    line: (i: number) => `"${i + 1},234"`,
    message: /line 2, column price: "1,234" may be 1234 or 1\.234, and no other cell shows which/,
    action: /1234 or 1\.234/,
  },
  {
    what: 'one of several that is the same for all',
    head: 'file,year,n',
    line: (i: number) => `2024,${i}`,
    message: /year is 2024 for every picture/,
    action: /name the other columns: columns: \{ label: \['n'\] \}/,
  },
]) {
  for (const named of [true, false])
    test(`numbers are refused: ${what}, ${named ? 'columns named' : 'columns found'}`, async () => {
      const file = await withTable(head, line);
      const columns = named ? { columns: { label: head.split(',').slice(1) } } : {};
      const error = await failure(imageCsv(file, { ...options, task: 'regression', ...columns }));
      assert.match(error.message, message);
      assert.match(error.action, action);
    });
}

test('a table of numbers with one cell that is none leads to numbers all the same, several columns too', async () => {
  const error = await failure(summarizeData(await withTable('file,n,m', (i) => (i === 5 ? '3,NA' : `${i},${i}.5`))));
  assert.match(error.message, /line 7, column m: "NA" is no number/);
});

test('measurements without their task are refused, and the error names it', async () => {
  const error = await failure(imageCsv(await withTable('file,age', (i) => `${i}.5`), options));
  assert.match(error.message, /is a measurement/);
  assert.match(error.action, /task: 'regression'/);
});

test('a report of numbers is believed field by field', () => {
  const { figures } = figuresOf(['n'], [[1, 2]], [[1, 3]]);
  const report = {
    ...{
      status: 'done',
      technique: 'fine-tuning',
      base: 'b',
      engine: 'onnxruntime',
      task: 'regression',
      classes: ['n'],
    },
    ...figures,
    ...{ test: { ...figures, count: 2 }, mistakes: [{ file: 'a', actual: '2', predicted: '3' }], skipped: [], seed: 1 },
    timing: { decode: 0, prefix: 0, train: 0, evaluate: 0, total: 0 },
    ...{ hashes: { data: '', base: '', model: '' }, history: [], created: '' },
  };
  assert.ok('value' in checkReport(report));
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ perNumber: undefined }, /has no perNumber/],
    [{ task: 'classification' }, /metrics/],
    [{ task: 'guessing' }, /task/],
    [{ classes: ['n', 'm'] }, /2 numbers, but 1 rows/],
    [{ test: { ...figures } }, /test/],
    [{ perNumber: [{ ...figures.perNumber[0], predictions: [1] }] }, /not a prediction for each true n/],
  ];
  for (const [change, reason] of wrong) {
    const checked = checkReport({ ...report, ...change });
    assert.match('wrong' in checked ? checked.wrong : 'it is believed', reason);
  }
});
