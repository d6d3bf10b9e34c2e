import uPlot from 'uplot';

import type { EpochPoint } from '../../src/protocol/index.js';
import { smooth } from '../../src/words/index.js';
import { metricWords, text } from '../strings.js';
import type { ChartOptions, RunData } from '../store.js';

/** A line of a chart. Colour is never alone: the dash tells lines apart as well. */
export interface Curve {
  readonly name: string;
  /** Index into the theme's colours. */
  readonly colour: number;
  readonly dash: readonly number[];
  readonly width: number;
  readonly points: boolean;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** The loss, or the metric of the task that says most: the accuracy, where there are classes. */
export type Quantity = 'loss' | 'metric';

/** The figures of each epoch, on the validation set. */
function valuesOf(quantity: Quantity, epochs: readonly EpochPoint[]): number[] {
  // The epochs of a run are all of one task.
  const metric = epochs[0] && metricWords(epochs[0].validation)[0];
  return epochs.map(({ validation }) => (quantity === 'loss' ? validation.loss : (metric?.of(validation) ?? NaN)));
}

/** A run's own chart: batches faint, training solid, validation dashed. */
export function runCurves(run: RunData, quantity: Quantity, { smoothing, batches }: ChartOptions): Curve[] {
  const x = run.epochs.map((point) => point.x);
  const points = x.length < 60;
  const series = withDetail(run);
  // Thousands of dashes cost more than a frame; a long curve is told apart by being thin.
  const dotted = series.x.length < 500;
  const all: Curve[] = [
    {
      name: text.batches,
      colour: 2,
      dash: dotted ? [1, 2] : [],
      width: 1,
      points: false,
      x: series.x,
      y: quantity === 'loss' ? series.loss : series.accuracy,
    },
    {
      name: text.train,
      colour: 0,
      dash: [],
      width: 2,
      points,
      x,
      y: run.epochs.map(({ train }) => (quantity === 'loss' ? train.loss : (train.accuracy ?? NaN))),
    },
    {
      name: text.validation,
      colour: 1,
      dash: [6, 3],
      width: 2,
      points,
      x,
      y: valuesOf(quantity, run.epochs),
    },
  ];
  // Nothing but the loss is known of batches and of the training examples where there are no classes.
  const hasTrain =
    quantity === 'loss' || run.epochs.length === 0 || run.epochs.some(({ train }) => train.accuracy !== undefined);
  return all.slice(hasTrain ? (batches ? 0 : 1) : 2).map((curve) => ({ ...curve, y: smooth(curve.y, smoothing) }));
}

/** The overview, with the zoomed part replaced by what is known about it. */
function withDetail({ batches, detail }: RunData) {
  if (detail === undefined || detail.points.x.length === 0) return batches;
  const from = detail.points.x[0] ?? 0;
  const to = detail.points.x.at(-1) ?? 0;
  const before = batches.x.findIndex((x) => x >= from);
  const after = batches.x.findIndex((x) => x > to);
  const splice = (overview: readonly number[], fine: readonly number[]) => [
    ...overview.slice(0, before === -1 ? undefined : before),
    ...fine,
    ...(after === -1 ? [] : overview.slice(after)),
  ];
  return {
    x: splice(batches.x, detail.points.x),
    loss: splice(batches.loss, detail.points.loss),
    accuracy: splice(batches.accuracy, detail.points.accuracy),
  };
}

const dashes = [[], [6, 3], [2, 2], [10, 3, 2, 3], [12, 4], [1, 4]];

/** Validation curves of several runs over each other. */
export function comparedCurves(
  runs: readonly (readonly [id: string, run: RunData])[],
  quantity: Quantity,
  { smoothing }: ChartOptions,
): Curve[] {
  const last = Math.max(...runs.flatMap(([, { epochs }]) => epochs.map(({ x }) => x)));
  return runs.map(([name, { epochs }], i) => {
    const y = valuesOf(quantity, epochs);
    const [level] = y;
    // What was trained in one step has no curve: a level that the others can be seen to reach.
    const isLevel = y.length === 1 && level !== undefined && last > 1;
    return {
      name,
      colour: i,
      // After all colours, the same ones with other dashes.
      dash: dashes[(i + Math.floor(i / dashes.length)) % dashes.length] ?? [],
      width: 2,
      points: !isLevel && epochs.length < 60,
      x: isLevel ? [1, last] : epochs.map((point) => point.x),
      y: isLevel ? [level, level] : smooth(y, smoothing),
    };
  });
}

/** All curves on one axis, as uPlot takes them; a curve has gaps where only others have points. */
export function aligned(curves: readonly Curve[]): uPlot.AlignedData {
  const tables = curves.map(({ x, y }): uPlot.AlignedData => [[...x], [...y]]);
  return tables.length === 0 ? [[]] : uPlot.join(tables);
}
