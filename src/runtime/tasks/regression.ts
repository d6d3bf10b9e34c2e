import type { NumberReport } from '../../protocol/index.js';
import { numberFigures } from '../../words/index.js';
import { textOf } from '../data/targets/numbers.js';
import { scalesOf } from './scales.js';
import type { Outputs, TaskDefinition } from './task.js';

/** So many examples have their true and predicted values in the report; where there are more, evenly chosen ones. */
const mostPoints = 2_000;

/** A number, or several: a linear output for each. */
export const regression: TaskDefinition = {
  name: 'regression',
  outputName: 'numbers',
  namesFile: 'numbers.json',
  losses: [{ loss: 'meanSquaredError', activations: ['linear', 'relu', 'softplus', 'sigmoid', 'tanh'] }],
  monitors: [
    { metric: 'loss', better: 'lower' },
    { metric: 'mae', better: 'lower' },
    { metric: 'rmse', better: 'lower' },
    { metric: 'r2', better: 'higher' },
  ],
  fits: (units, { length }) => units === length,
  misfit: (received, names) =>
    `the model ends in ${received}, but the data has ${names.length === 1 ? 'one number' : `${names.length} numbers`}: ${names.join(', ')}`,
  outputsOf: ({ data }) => data,
  writeTarget(label, row) {
    row.set(label as readonly number[]);
  },
  tableOptions: (names) => ({ task: 'regression', columns: { label: names } }),
  lossScale: (examples, names) => {
    const rows = examples.map(({ label }) => label as readonly number[]);
    return { deviations: scalesOf(rows, names.length).deviations };
  },
  figures(outputs, { deviations }) {
    const { names, examples } = outputs;
    const all = examples.map((_, i) => i);
    const chosen = evenly(examples.length);
    const perNumber = names.map((name, column): NumberReport => {
      const [truths, predictions] = [truthsOf(outputs, column), predictionsOf(outputs, column)];
      const figures = numberFigures({ truths, predictions }, all);
      const at = (values: readonly number[]) => chosen.map((i) => values[i] ?? 0);
      return { name, ...figures, truths: at(truths), predictions: at(predictions) };
    });
    const mean = (of: (report: NumberReport, i: number) => number) =>
      perNumber.reduce((sum, report, i) => sum + of(report, i), 0) / Math.max(1, perNumber.length);
    const metrics = {
      loss: mean(({ rmse }, i) => (rmse / (deviations?.[i] ?? 1)) ** 2),
      mae: mean(({ mae }) => mae),
      rmse: mean(({ rmse }) => rmse),
      r2: mean(({ r2 }) => r2),
    };
    return { metrics, perNumber, measured: examples.length };
  },
  countsRight: false,
  right: () => undefined,
  /** Farthest off first: over several numbers the sum, each error as a part of the spread of what is true. */
  mistakes(outputs) {
    const { names, examples } = outputs;
    const rows = examples.map(({ label }) => label as readonly number[]);
    const { deviations } = scalesOf(rows, names.length);
    const columns = names.map((_, column) => ({
      truths: truthsOf(outputs, column),
      predictions: predictionsOf(outputs, column),
      spread: deviations[column] ?? 1,
    }));
    const off = (i: number) =>
      columns.reduce((sum, one) => sum + Math.abs((one.predictions[i] ?? 0) - (one.truths[i] ?? 0)) / one.spread, 0);
    return examples
      .map(({ id }, i) => ({
        file: id,
        actual: valuesText(
          names,
          columns.map(({ truths }) => truths[i] ?? 0),
        ),
        predicted: valuesText(
          names,
          columns.map(({ predictions }) => predictions[i] ?? 0),
        ),
        off: off(i),
      }))
      .sort((a, b) => b.off - a.off)
      .map(({ file, actual, predicted }) => ({ file, actual, predicted }));
  },
  say: (outputs, names) => ({ numbers: names.map((name, i) => ({ name, value: outputs[i] ?? 0 })) }),
  trainMetrics: ({ loss }) => ({ loss }),
  missing: () => undefined,
};

/** `3.5`; of several numbers with their names: `count 3.5, size 12`. */
function valuesText(names: readonly string[], values: readonly number[]): string {
  const rounded = values.map((value) => Number(value.toPrecision(4)));
  return names.length === 1 ? textOf(rounded) : names.map((name, i) => `${name} ${rounded[i] ?? ''}`).join(', ');
}

function truthsOf({ examples }: Outputs, column: number): number[] {
  return examples.map(({ label }) => (label as readonly number[])[column] ?? 0);
}

function predictionsOf({ values, examples, names }: Outputs, column: number): number[] {
  return examples.map((_, i) => values[i * names.length + column] ?? 0);
}

/** Places of the examples whose values are kept. */
function evenly(n: number): number[] {
  const count = Math.min(n, mostPoints);
  return Array.from({ length: count }, (_, i) => Math.floor((i * n) / count));
}
