import type { Figures, NumberReport } from '../protocol/index.js';
import { bootstrap, enough, type Interval } from './intervals.js';

/** The intervals of the figures of numbers. */
interface NumberIntervals {
  readonly mae: Interval;
  readonly rmse: Interval;
  readonly r2: Interval;
}

export interface RegressionIntervals extends NumberIntervals {
  /** In the order of the numbers. */
  readonly perNumber: readonly NumberIntervals[];
}

const fewest = 10;
const figureNames = ['mae', 'rmse', 'r2'] as const;

/**
 * By bootstrap, percentiles: each figure is computed again for a thousand draws of as many examples with replacement, the same examples for
 * all numbers.
 *
 * @returns undefined for fewer than ten, whose draws say little of others, and for a thousand or more examples.
 */
export function regressionIntervals({ perNumber, measured }: Figures<'regression'>): RegressionIntervals | undefined {
  const known = perNumber.every(({ truths }) => truths.length === measured);
  if (measured < fewest || measured >= enough || perNumber.length === 0 || !known) return undefined;
  const columns = [...perNumber.map(({ truths }) => truths), ...perNumber.map(({ predictions }) => predictions)];
  const intervals = bootstrap(measured, columns, (drawn) => {
    const each = perNumber.map((number) => numberFigures(number, drawn));
    const means = figureNames.map((name) => each.reduce((sum, one) => sum + one[name], 0) / each.length);
    return [...means, ...each.flatMap((one) => figureNames.map((name) => one[name]))];
  });
  const at = (place: number): NumberIntervals => {
    const [mae, rmse, r2] = intervals.slice(3 * place, 3 * place + 3);
    const none = { low: NaN, high: NaN };
    return { mae: mae ?? none, rmse: rmse ?? none, r2: r2 ?? none };
  };
  return { ...at(0), perNumber: perNumber.map((_, i) => at(i + 1)) };
}

/**
 * Mean absolute error, root of the mean squared error, and R² as scikit-learn has it: where all truths are the same, 1 for perfect
 * predictions and else 0.
 *
 * @param drawn places of the examples, each perhaps several times.
 */
export function numberFigures(
  { truths, predictions }: Pick<NumberReport, 'truths' | 'predictions'>,
  drawn: readonly number[] | Uint32Array,
): { mae: number; rmse: number; r2: number } {
  const n = Math.max(1, drawn.length);
  let [sum, absolute, squared] = [0, 0, 0];
  for (const place of drawn) {
    const truth = truths[place] ?? 0;
    const error = (predictions[place] ?? 0) - truth;
    sum += truth;
    absolute += Math.abs(error);
    squared += error ** 2;
  }
  const mean = sum / n;
  let spread = 0;
  for (const place of drawn) spread += ((truths[place] ?? 0) - mean) ** 2;
  const r2 = spread > 0 ? 1 - squared / spread : squared === 0 ? 1 : 0;
  return { mae: absolute / n, rmse: Math.sqrt(squared / n), r2 };
}
