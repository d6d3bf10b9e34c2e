import {
  isClassification,
  isMultiLabel,
  isRegression,
  type Figures,
  type Metrics,
  type RunReport,
} from '../protocol/index.js';
import { wilson, z } from './intervals.js';
import type { Numbers } from './numbers.js';
import type { Translate } from './translate.js';

/** How many of the validation pictures a model got right, as a fraction. */
interface Score {
  readonly accuracy: number;
  readonly pictures: number;
}

/** The accuracy of `a` minus that of `b`, and the interval that holds the true difference 95 times of 100. */
interface Difference {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Newcombe's hybrid score interval for the difference of two proportions (Newcombe 1998, Statistics in Medicine 17,
 * 873–890, method 10). Of models that have seen the same pictures it is rather too wide than too narrow.
 */
export function differenceOf(a: Score, b: Score): Difference {
  const [one, other] = [wilson(a.accuracy, a.pictures), wilson(b.accuracy, b.pictures)];
  const difference = a.accuracy - b.accuracy;
  return {
    difference,
    low: difference - Math.hypot(a.accuracy - one.low, other.high - b.accuracy),
    high: difference + Math.hypot(one.high - a.accuracy, b.accuracy - other.low),
  };
}

/** How many of the pictures that both models were asked about each got right. */
interface Pairs {
  readonly both: number;
  readonly first: number;
  readonly second: number;
  readonly neither: number;
}

/**
 * Pairs the results of two runs picture by picture.
 *
 * @returns undefined where they were not measured on the same pictures, or where one of them (of an older version) does not say which it
 * got right.
 */
export function pairsOf(a: Measured, b: Measured): Pairs | undefined {
  const [one, other] = [a.correct, b.correct];
  if (one === undefined || other === undefined || a.data !== b.data || one.length !== other.length) return undefined;
  const counts = { both: 0, first: 0, second: 0, neither: 0 };
  for (let i = 0; i < one.length; i++) {
    if (one[i] === '-' || other[i] === '-') continue;
    counts[one[i] === '1' ? (other[i] === '1' ? 'both' : 'first') : other[i] === '1' ? 'second' : 'neither']++;
  }
  return counts.both + counts.first + counts.second + counts.neither === 0 ? undefined : counts;
}

/** Hash of the data set, and how each validation example went: a report's `correct`, or of numbers how far each was off. */
export interface Measured {
  readonly data: string;
  readonly correct?: string;
  readonly errors?: readonly number[];
}

/** What of a report is held against another's. */
export function measuredOf(report: RunReport): Measured {
  const { hashes, correct } = report;
  const errors = isClassification(report) ? undefined : isMultiLabel(report) ? wrongLabelsOf(report) : errorsOf(report);
  return {
    data: hashes.data,
    ...(correct === undefined ? {} : { correct }),
    ...(errors === undefined ? {} : { errors }),
  };
}

/** The absolute error of each example, over several numbers their mean; undefined where not all examples are known. */
function errorsOf({ perNumber, measured }: Figures<'regression'>): number[] | undefined {
  if (perNumber.some(({ truths }) => truths.length !== measured)) return undefined;
  return Array.from(
    { length: measured },
    (_, i) =>
      perNumber.reduce((sum, { truths, predictions }) => sum + Math.abs((predictions[i] ?? 0) - (truths[i] ?? 0)), 0) /
      perNumber.length,
  );
}

/** The share of the labels that is wrong for each example. */
function wrongLabelsOf({ perLabel, measured }: Figures<'multi-label'>): number[] | undefined {
  if (perLabel.some(({ truths = '' }) => truths.length !== measured)) return undefined;
  return Array.from({ length: measured }, (_, i) => {
    const wrong = perLabel.filter(
      ({ truths, scores = [], threshold }) => (truths?.[i] === '1') !== (scores[i] ?? 0) >= threshold,
    );
    return wrong.length / perLabel.length;
  });
}

/** Two runs held against each other example by example. */
export type Compared = Pairs | Difference;

/** @returns undefined where they were not measured on the same examples, or it is not known how each went. */
export function compared(a: Measured, b: Measured): Compared | undefined {
  if (a.errors === undefined || b.errors === undefined) return pairsOf(a, b);
  if (a.data !== b.data || a.errors.length !== b.errors.length) return undefined;
  return pairedMeanOf(a.errors.map((error, i) => (b.errors?.[i] ?? 0) - error));
}

/** The mean of differences, and its 95 % interval (normal approximation: from some thirty examples on). */
function pairedMeanOf(differences: readonly number[]): Difference | undefined {
  const n = differences.length;
  if (n < 2) return undefined;
  const mean = differences.reduce((sum, value) => sum + value, 0) / n;
  const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = z * Math.sqrt(variance / n);
  return { difference: mean, low: mean - half, high: mean + half };
}

/**
 * Newcombe's interval for the difference of two proportions of the same examples (Newcombe 1998, Statistics in Medicine 17, 2635–2650,
 * method 10): that of independent ones, less by how far the two go together (φ, corrected for continuity).
 */
export function pairedDifferenceOf({ both, first, second, neither }: Pairs): Difference {
  const n = both + first + second + neither;
  const [p, q] = [(both + first) / n, (both + second) / n];
  const [one, other] = [wilson(p, n), wilson(q, n)];
  const product = (both + first) * (second + neither) * (both + second) * (first + neither);
  const covariance = both * neither - first * second;
  const corrected = covariance > 0 ? Math.max(covariance - n / 2, 0) : covariance;
  const phi = product === 0 ? 0 : corrected / Math.sqrt(product);
  const joined = (x: number, y: number) => Math.sqrt(Math.max(0, x ** 2 - 2 * phi * x * y + y ** 2));
  return {
    difference: p - q,
    low: p - q - joined(p - one.low, other.high - q),
    high: p - q + joined(one.high - p, q - other.low),
  };
}

export interface Evidence {
  readonly verdict: 'helps' | 'unclear' | 'harms';
  readonly text: string;
}

/** By the interval of a difference in favour of the pre-trained weights; where there is none, nothing is said for sure. */
function judged(
  found: Difference | undefined,
  say: {
    readonly helps: (found: Difference) => string;
    readonly harms: () => string;
    readonly unclear: () => string;
  },
): Evidence {
  if (found !== undefined && found.low > 0) return { verdict: 'helps', text: say.helps(found) };
  if (found !== undefined && found.high < 0) return { verdict: 'harms', text: say.harms() };
  return { verdict: 'unclear', text: say.unclear() };
}

/** A run's metrics, and how many validation pictures they were measured on. */
export interface Result {
  readonly metrics: Metrics;
  readonly pictures: number;
}

/** What pre-trained weights are worth, in a sentence: the same training with them and with random ones; undefined where they learnt other tasks. */
export function verdict(
  t: Translate,
  numbers: Pick<Numbers, 'percent' | 'count' | 'fixed' | 'quantity'>,
  pretrained: Result,
  random: Result,
  how: Compared | undefined,
): Evidence | undefined {
  const [a, b] = [pretrained.metrics, random.metrics];
  if (isClassification(a) && isClassification(b)) {
    const scores = [a, b].map(({ accuracy }, i) => ({ accuracy, pictures: [pretrained, random][i]?.pictures ?? 0 }));
    const [first, second] = scores;
    const pairs = how !== undefined && 'both' in how ? how : undefined;
    return first && second && evidence(t, numbers, first, second, pairs);
  }
  const difference = how !== undefined && 'difference' in how ? how : undefined;
  if (isMultiLabel(a) && isMultiLabel(b))
    return labelEvidence(t, numbers, pretrained, [a.meanAveragePrecision, b.meanAveragePrecision], difference);
  if (!isRegression(a) || !isRegression(b)) return undefined;
  return numberEvidence(t, numbers, { mae: a.mae, pictures: pretrained.pictures }, b.mae, difference);
}

/** The same for numbers, by the mean absolute error. */
function numberEvidence(
  t: Translate,
  { quantity, count }: Pick<Numbers, 'quantity' | 'count'>,
  { mae, pictures }: { readonly mae: number; readonly pictures: number },
  random: number,
  paired: Difference | undefined,
): Evidence {
  const both = [quantity(mae), quantity(random), count(pictures)] as const;
  return judged(paired, {
    helps: ({ difference, low, high }) =>
      t(
        'Transfer helps: a mean absolute error of {0} with the pre-trained weights, {1} with random ones, on the same {2} validation pictures. That is {3} less (paired 95 % interval: {4} to {5}).',
        ...both,
        ...[difference, low, high].map(quantity),
      ),
    harms: () =>
      t(
        'Transfer harms here: a mean absolute error of {0} with the pre-trained weights, {1} with random ones, on {2} validation pictures. Try another base, or unfreeze more of this one.',
        ...both,
      ),
    unclear: () =>
      t(
        'A mean absolute error of {0} with the pre-trained weights, {1} with random ones: {2} validation pictures cannot tell the two apart. More of them would.',
        ...both,
      ),
  });
}

/** The same for labels: by the share of them that is wrong, since that is known example by example. */
function labelEvidence(
  t: Translate,
  { fixed, count, percent }: Pick<Numbers, 'fixed' | 'count' | 'percent'>,
  { pictures }: Result,
  [first, second]: readonly [number, number],
  paired: Difference | undefined,
): Evidence {
  const both = [fixed(first, 3), fixed(second, 3), count(pictures)] as const;
  return judged(paired, {
    helps: ({ difference, low, high }) =>
      t(
        'Transfer helps: a mean average precision of {0} with the pre-trained weights, {1} with random ones, on the same {2} validation pictures. {3} fewer of the labels are wrong (paired 95 % interval: {4} to {5}).',
        ...both,
        ...[difference, low, high].map((share) => percent(share)),
      ),
    harms: () =>
      t(
        'Transfer harms here: a mean average precision of {0} with the pre-trained weights, {1} with random ones, on {2} validation pictures. Try another base, or unfreeze more of this one.',
        ...both,
      ),
    unclear: () =>
      t(
        'A mean average precision of {0} with the pre-trained weights, {1} with random ones: {2} validation pictures cannot tell the two apart. More of them would.',
        ...both,
      ),
  });
}

/** What pre-trained weights are worth where classes are told apart. */
export function evidence(
  t: Translate,
  { percent, count, fixed }: Pick<Numbers, 'percent' | 'count' | 'fixed'>,
  pretrained: Score,
  random: Score,
  pairs: Pairs | undefined,
): Evidence {
  const points = (fraction: number) => fixed(100 * Math.abs(fraction), 1);
  const both = [percent(pretrained.accuracy), percent(random.accuracy), count(pretrained.pictures)] as const;
  return judged(pairs === undefined ? differenceOf(pretrained, random) : pairedDifferenceOf(pairs), {
    helps: ({ difference, low, high }) => {
      const values = [difference, low, high].map(points);
      return pairs === undefined
        ? t(
            'Transfer helps: {0} with the pre-trained weights, {1} with random ones, on {2} validation pictures. That is {3} points more (95 % interval: {4} to {5}; unpaired, since nothing says that both saw the same pictures, or which of them each got right).',
            ...both,
            ...values,
          )
        : t(
            'Transfer helps: {0} with the pre-trained weights, {1} with random ones, on the same {2} validation pictures. That is {3} points more (paired 95 % interval: {4} to {5}).',
            ...both,
            ...values,
          );
    },
    harms: () =>
      t(
        'Transfer harms here: {0} with the pre-trained weights, {1} with random ones, on {2} validation pictures. Try another base, or unfreeze more of this one.',
        ...both,
      ),
    unclear: () =>
      t(
        '{0} with the pre-trained weights, {1} with random ones: {2} validation pictures cannot tell the two apart. More of them would.',
        ...both,
      ),
  });
}
