import type { Figures, Metrics } from '../protocol/index.js';
import {
  bootstrap,
  enough,
  proportionIntervals,
  wilson,
  type Interval,
  type ProportionIntervals,
} from './intervals.js';

/** One label over some examples: what is true (0 or 1), what the model gave it, and from where on it is said. */
interface LabelColumn {
  readonly truths: ArrayLike<number>;
  readonly scores: ArrayLike<number>;
  readonly threshold: number;
}

export interface LabelIntervals {
  readonly metrics: Readonly<Record<keyof LabelMetrics, Interval>>;
  readonly perLabel: readonly ProportionIntervals[];
}

type LabelMetrics = Omit<Metrics<'multi-label'>, 'loss'>;
type Places = readonly number[] | Uint32Array;

interface Counts {
  readonly hits: number;
  readonly support: number;
  readonly said: number;
}

function countsOf({ truths, scores, threshold }: LabelColumn, drawn: Places): Counts {
  let [hits, support, said] = [0, 0, 0];
  for (const place of drawn) {
    const [truth, is] = [truths[place] === 1, (scores[place] ?? 0) >= threshold];
    if (truth) support++;
    if (is) said++;
    if (truth && is) hits++;
  }
  return { hits, support, said };
}

const f1Of = ({ hits, support, said }: Counts) => (support + said === 0 ? 0 : (2 * hits) / (support + said));

/** Precision, recall and F1 at the threshold (0 where undefined), and average precision, which needs none. */
export function labelFigures(column: LabelColumn, drawn: Places) {
  const counts = countsOf(column, drawn);
  const { hits, support, said } = counts;
  return {
    precision: said === 0 ? 0 : hits / said,
    recall: support === 0 ? 0 : hits / support,
    f1: f1Of(counts),
    averagePrecision: averagePrecision(column, sortedPlaces(column.scores), countPlaces(drawn, column.scores.length)),
    support,
    said,
    hits,
  };
}

/**
 * Macro F1 and mean average precision (over the labels that occur), micro F1 (over all decisions), and the share of examples with
 * exactly the right labels.
 */
export function labelMetrics(columns: readonly LabelColumn[], drawn: Places): LabelMetrics {
  return metricsOf(
    columns,
    columns.map(({ scores }) => sortedPlaces(scores)),
    drawn,
  );
}

function metricsOf(columns: readonly LabelColumn[], orders: readonly Uint32Array[], drawn: Places): LabelMetrics {
  const counts = columns.map((column) => countsOf(column, drawn));
  const occurring = counts.flatMap(({ support }, i) => (support > 0 ? [i] : []));
  const mean = (of: (i: number) => number) =>
    occurring.reduce((sum, i) => sum + of(i), 0) / Math.max(1, occurring.length);
  const none = { hits: 0, support: 0, said: 0 };
  const all = counts.reduce(
    (sum, one) => ({ hits: sum.hits + one.hits, support: sum.support + one.support, said: sum.said + one.said }),
    none,
  );
  const times = countPlaces(drawn, columns[0]?.scores.length ?? 0);
  let exact = 0;
  for (const place of drawn)
    if (columns.every(({ truths, scores, threshold }) => (truths[place] === 1) === (scores[place] ?? 0) >= threshold))
      exact++;
  return {
    meanAveragePrecision: mean((i) => averagePrecision(columns[i], orders[i], times)),
    macroF1: mean((i) => f1Of(counts[i] ?? none)),
    microF1: f1Of(all),
    exactMatch: exact / Math.max(1, drawn.length),
  };
}

/** Places from the largest score to the smallest. */
function sortedPlaces(scores: ArrayLike<number>): Uint32Array {
  return Uint32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
}

/** How often each place was drawn. */
function countPlaces(drawn: Places, n: number): Uint32Array {
  const times = new Uint32Array(n);
  for (const place of drawn) times[place] = (times[place] ?? 0) + 1;
  return times;
}

/**
 * Σ (Rₙ − Rₙ₋₁) Pₙ over the thresholds, as scikit-learn has it: equal scores are one threshold. 0 where the label does not occur.
 *
 * @param times how often each example counts.
 */
function averagePrecision(
  { truths, scores }: Pick<LabelColumn, 'truths' | 'scores'> = { truths: [], scores: [] },
  order: Uint32Array = new Uint32Array(),
  times: Uint32Array,
): number {
  let [hits, seen, sum, before] = [0, 0, 0, 0];
  order.forEach((place, i) => {
    const count = times[place] ?? 0;
    seen += count;
    if (truths[place] === 1) hits += count;
    const next = order[i + 1];
    if ((next !== undefined && scores[next] === scores[place]) || seen === 0) return;
    sum += ((hits - before) * hits) / seen;
    before = hits;
  });
  return hits === 0 ? 0 : sum / hits;
}

/**
 * Precision and recall are proportions (Wilson), the F1 of a label is a rising function of one, exact match is one. Macro F1, micro F1 and
 * mean average precision are none: they are computed again for a thousand draws of as many examples with replacement.
 *
 * @returns undefined where there are none, a thousand or more examples, or they are not known.
 */
export function labelIntervals({ metrics, perLabel, measured }: Figures<'multi-label'>): LabelIntervals | undefined {
  if (measured === 0 || measured >= enough || perLabel.length === 0) return undefined;
  const columns = perLabel.flatMap(({ truths = '', scores = [], threshold }) =>
    truths.length === measured && scores.length === measured
      ? [{ truths: Uint8Array.from(truths, Number), scores: Float64Array.from(scores), threshold }]
      : [],
  );
  if (columns.length !== perLabel.length) return undefined;
  const orders = columns.map(({ scores }) => sortedPlaces(scores));
  const differing = [...columns.map(({ truths }) => truths), ...columns.map(({ scores }) => scores)];
  const [macroF1, microF1, meanAveragePrecision] = bootstrap(measured, differing, (drawn) => {
    const found = metricsOf(columns, orders, drawn);
    return [found.macroF1, found.microF1, found.meanAveragePrecision];
  });
  const exactMatch = wilson(metrics.exactMatch, measured);
  if (macroF1 === undefined || microF1 === undefined || meanAveragePrecision === undefined) return undefined;
  // Draws from examples that are all right are all alike, and would feign certainty.
  const wide = (interval: Interval) => (interval.low === interval.high ? exactMatch : interval);
  return {
    metrics: {
      meanAveragePrecision: wide(meanAveragePrecision),
      macroF1: wide(macroF1),
      microF1: wide(microF1),
      exactMatch,
    },
    perLabel: perLabel.map(proportionIntervals),
  };
}
