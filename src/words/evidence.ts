import type { RunReport } from '../protocol/index.js';
import type { Numbers } from './numbers.js';
import type { Translate } from './translate.js';

/** How many of the validation pictures a model got right, as a fraction. */
export interface Score {
  readonly accuracy: number;
  readonly pictures: number;
}

/** What a report was measured on, and how well it did. */
export function scoreOf({ metrics, confusion }: Pick<RunReport, 'metrics' | 'confusion'>): Score {
  return { accuracy: metrics.accuracy, pictures: confusion.flat().reduce((sum, count) => sum + count, 0) };
}

/** The accuracy of `a` minus that of `b`, and the interval that holds the true difference 95 times of 100. */
export interface Difference {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Newcombe's hybrid score interval for the difference of two proportions (Newcombe 1998, method 10). It makes no use of both
 * models having seen the same pictures, so it is rather too wide than too narrow.
 */
export function differenceOf(a: Score, b: Score): Difference {
  const [one, other] = [wilson(a), wilson(b)];
  const difference = a.accuracy - b.accuracy;
  return {
    difference,
    low: difference - Math.hypot(a.accuracy - one.low, other.high - b.accuracy),
    high: difference + Math.hypot(one.high - a.accuracy, b.accuracy - other.low),
  };
}

const z = 1.959964;

/** Wilson's score interval of one proportion. */
function wilson({ accuracy, pictures: n }: Score): { low: number; high: number } {
  if (n === 0) return { low: 0, high: 1 };
  const middle = (accuracy + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = (z / (1 + z ** 2 / n)) * Math.sqrt((accuracy * (1 - accuracy)) / n + z ** 2 / (4 * n ** 2));
  return { low: middle - half, high: middle + half };
}

/** What pre-trained weights are worth, in a sentence: the same training with them and with random ones. */
export function evidence(
  t: Translate,
  { percent, count, fixed }: Pick<Numbers, 'percent' | 'count' | 'fixed'>,
  pretrained: Score,
  random: Score,
): { readonly verdict: 'helps' | 'unclear' | 'harms'; readonly text: string } {
  const { difference, low, high } = differenceOf(pretrained, random);
  const points = (fraction: number) => fixed(100 * Math.abs(fraction), 1);
  const both = [percent(pretrained.accuracy), percent(random.accuracy), count(pretrained.pictures)] as const;
  if (low > 0) {
    const text = t(
      'Transfer helps: {0} with the pre-trained weights, {1} with random ones, on the same {2} validation pictures. That is {3} points more (95 % interval: {4} to {5}).',
      ...both,
      ...[difference, low, high].map(points),
    );
    return { verdict: 'helps', text };
  }
  if (high < 0) {
    const text = t(
      'Transfer harms here: {0} with the pre-trained weights, {1} with random ones, on the same {2} validation pictures. Try another base, or unfreeze more of this one.',
      ...both,
    );
    return { verdict: 'harms', text };
  }
  const text = t(
    '{0} with the pre-trained weights, {1} with random ones: {2} validation pictures cannot tell the two apart. More of them would.',
    ...both,
  );
  return { verdict: 'unclear', text };
}
