/** The 95 % intervals of figures, and where each comes from. */

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The intervals of the figures that a confusion matrix holds. */
export interface Intervals {
  readonly accuracy: Interval;
  readonly macroF1: Interval;
  /** In the order of the classes. Absent where a figure is not defined: nothing of the class, nothing predicted as it. */
  readonly perClass: readonly ProportionIntervals[];
}

/** Those of one class or label. Absent where a figure is not defined. */
export interface ProportionIntervals {
  readonly precision?: Interval;
  readonly recall?: Interval;
  readonly f1?: Interval;
}

type Confusion = readonly (readonly number[])[];

/** From so many examples on, figures stand alone: an interval of a few points says little more. */
export const enough = 1_000;
const resamples = 1_000;
export const z = 1.959963984540054;

/** Wilson's score interval of one proportion of `n`. */
export function wilson(proportion: number, n: number): Interval {
  if (n === 0) return { low: 0, high: 1 };
  const middle = (proportion + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = (z / (1 + z ** 2 / n)) * Math.sqrt((proportion * (1 - proportion)) / n + z ** 2 / (4 * n ** 2));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/** Accuracy where all that is known of it is how many examples it was measured on. */
export function accuracyInterval(accuracy: number, n: number | undefined): Interval | undefined {
  return n === undefined || n === 0 || n >= enough ? undefined : wilson(accuracy, n);
}

/**
 * Accuracy, precision and recall are proportions (Wilson). So is TP / (TP + FP + FN), of which a class's F1 is a rising function. Macro F1 is
 * none: it is computed again for a thousand draws of as many examples with replacement (bootstrap, percentiles). The draws are the same
 * each time, so that a figure is the same wherever it is shown.
 *
 * @param confusion rows true, columns predicted, counts: all that these figures depend on.
 * @returns undefined for none, and for a thousand or more examples.
 */
export function intervalsOf(confusion: Confusion): Intervals | undefined {
  const n = confusion.reduce((sum, row) => sum + row.reduce((total, count) => total + count, 0), 0);
  if (n === 0 || n >= enough) return undefined;
  const right = confusion.reduce((sum, row, c) => sum + (row[c] ?? 0), 0);
  const accuracy = wilson(right / n, n);
  const predictedAs = confusion.map((_, c) => confusion.reduce((sum, row) => sum + (row[c] ?? 0), 0));
  const perClass = confusion.map((row, c) => {
    const support = row.reduce((sum, count) => sum + count, 0);
    return proportionIntervals({ hits: row[c] ?? 0, support, said: predictedAs[c] ?? 0 });
  });
  // Draws from examples that are all right, or all wrong, are all alike, and would feign certainty.
  const macroF1 = right === 0 || right === n ? accuracy : bootstrapMacroF1(confusion);
  return { accuracy, macroF1, perClass };
}

/**
 * Precision and recall are proportions (Wilson). So is hits / (support + said − hits), of which F1 is a rising function.
 *
 * @param said examples that were said to be of it; `support` those that are; `hits` both.
 */
export function proportionIntervals({
  hits,
  support,
  said,
}: {
  readonly hits: number;
  readonly support: number;
  readonly said: number;
}): ProportionIntervals {
  const either = support + said - hits;
  const overlap = either === 0 ? undefined : wilson(hits / either, either);
  const f1 = (jaccard: number) => (2 * jaccard) / (1 + jaccard);
  return {
    ...(said === 0 ? {} : { precision: wilson(hits / said, said) }),
    ...(support === 0 ? {} : { recall: wilson(hits / support, support) }),
    ...(overlap === undefined ? {} : { f1: { low: f1(overlap.low), high: f1(overlap.high) } }),
  };
}

interface Pair {
  readonly truth: number;
  readonly predicted: number;
}

const none: Pair = { truth: 0, predicted: 0 };

/** The mean of the F1 of the classes that occur among the examples. */
function bootstrapMacroF1(confusion: Confusion): Interval {
  const classes = confusion.length;
  const pairs = confusion.flatMap((row, truth) =>
    row.flatMap((count, predicted) => new Array<Pair>(count).fill({ truth, predicted })),
  );
  const random = uniform(pairs.length);
  const [hits, support, predicted] = [new Uint32Array(classes), new Uint32Array(classes), new Uint32Array(classes)];
  const occurring = [...new Set(pairs.map(({ truth }) => truth))];
  const values = Float64Array.from({ length: resamples }, () => {
    for (const counts of [hits, support, predicted]) counts.fill(0);
    let left = pairs.length;
    while (left-- > 0) {
      const { truth, predicted: said } = pairs[Math.floor(random() * pairs.length)] ?? none;
      support[truth] = (support[truth] ?? 0) + 1;
      predicted[said] = (predicted[said] ?? 0) + 1;
      if (truth === said) hits[truth] = (hits[truth] ?? 0) + 1;
    }
    const drawn = occurring.filter((c) => (support[c] ?? 0) > 0);
    const sum = drawn.reduce((total, c) => total + (2 * (hits[c] ?? 0)) / ((support[c] ?? 0) + (predicted[c] ?? 0)), 0);
    return sum / drawn.length;
  }).sort();
  return { low: quantile(values, 0.025), high: quantile(values, 0.975) };
}

/** The quantile of sorted values, linear between two of them. */
function quantile(sorted: Float64Array, fraction: number): number {
  const place = fraction * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? 0;
  return below + (place - Math.floor(place)) * (above - below);
}

/** Marsaglia's xorshift: uniform in [0, 1). */
function uniform(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/**
 * Figures for a thousand draws of `n` of `n` examples with replacement, and the 95 % in the middle of each. The draws are the same each time,
 * and do not depend on the order that the examples come in.
 *
 * @param columns what the examples differ by: they are put in order by it.
 * @param figures of the examples at these places.
 */
export function bootstrap(
  n: number,
  columns: readonly ArrayLike<number>[],
  figures: (drawn: Uint32Array) => readonly number[],
): Interval[] {
  const order = Uint32Array.from({ length: n }, (_, place) => place).sort((a, b) => {
    const column = columns.find((values) => values[a] !== values[b]);
    return (column?.[a] ?? 0) - (column?.[b] ?? 0);
  });
  const random = uniform(n);
  const drawn = new Uint32Array(n);
  const draws = Array.from({ length: resamples }, () => {
    for (let i = 0; i < n; i++) drawn[i] = order[Math.floor(random() * n)] ?? 0;
    return figures(drawn);
  });
  return (draws[0] ?? []).map((_, place) => {
    const values = Float64Array.from(draws, (draw) => draw[place] ?? NaN).sort();
    return { low: quantile(values, 0.025), high: quantile(values, 0.975) };
  });
}
