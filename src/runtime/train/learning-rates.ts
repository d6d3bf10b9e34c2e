/** The mathematics of a learning-rate range test; `find-learning-rate.ts` runs it. */
import { smooth } from '../../words/index.js';
import type { OptimizerSpec } from '../engines/specs.js';

/** How many updates a test takes, unless the loss explodes before. */
export const testSteps = 100;
/** The part of the mean that stays when a loss is added: each counts as long as about five updates. */
const memory = 0.8;
/** A fall of less than this part of the first loss is noise. */
const leastFall = 0.05;

/** The rate of update `index`, from 0: it rises by the same factor each time. Adam's steps are about as large as the rate, SGD's as the gradient allows. */
export function testedRate(index: number, { kind }: OptimizerSpec): number {
  const [first, last] = kind === 'sgd' ? [1e-5, 10] : [1e-6, 1];
  return first * (last / first) ** (index / (testSteps - 1));
}

/** The running mean of the losses so far. */
export function smoothed(losses: readonly number[]): readonly number[] {
  return smooth(losses, memory);
}

/** Whether the last loss has left what the ones before had reached: nothing is learnt at such a rate any more. */
export function hasExploded(means: readonly number[]): boolean {
  const last = means.at(-1) ?? 0;
  return !Number.isFinite(last) || (means.length > 10 && last > 4 * Math.min(...means));
}

/**
 * The rate between the one at which a tenth of the loss's fall is behind and the one at which nine tenths are, in the middle on a
 * logarithmic scale: where the curve is steep, well below where it turns up (Smith 2017 reads it off by eye; fastai's `valley`
 * takes the middle of the longest fall, which small rates, with their noise, draw down). Undefined where no rate made it fall.
 */
export function suggestedRate(rates: readonly number[], losses: readonly number[]): number | undefined {
  const means = smoothed(losses);
  const first = means[0] ?? 0;
  const lowest = means.indexOf(Math.min(...means));
  const fall = first - (means[lowest] ?? first);
  if (!(fall > leastFall * Math.abs(first))) return undefined;
  const from = means.findLastIndex((mean, i) => i <= lowest && mean >= first - 0.1 * fall);
  const to = means.findIndex((mean, i) => i >= from && mean <= first - 0.9 * fall);
  const rate = Math.sqrt((rates[from] ?? 0) * (rates[to] ?? 0));
  return Number(rate.toPrecision(2));
}
