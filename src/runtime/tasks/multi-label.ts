import type { LabelReport } from '../../protocol/index.js';
import { labelFigures, labelMetrics } from '../../words/index.js';
import type { Outputs, TaskDefinition } from './task.js';

/** Of so many examples, what each label was given is in the report: enough for the intervals of those that need one. */
const mostScores = 1_000;

/** Any number of labels: a sigmoid for each, and a threshold of its own above which it is said. */
export const multiLabel: TaskDefinition = {
  name: 'multi-label',
  outputName: 'probabilities',
  namesFile: 'classes.json',
  losses: [{ loss: 'binaryCrossentropy', activations: ['sigmoid'] }],
  monitors: [
    { metric: 'meanAveragePrecision', better: 'higher' },
    { metric: 'macroF1', better: 'higher' },
    { metric: 'microF1', better: 'higher' },
    { metric: 'exactMatch', better: 'higher' },
    { metric: 'loss', better: 'lower' },
  ],
  fits: (units, { length }) => units === length,
  misfit: (received, { length }) => `the model ends in ${received}, but the data has ${length} labels`,
  outputsOf: ({ data }) => data,
  writeTarget(label, row) {
    for (const one of label as readonly number[]) row[one] = 1;
  },
  tableOptions: () => ({ task: 'multi-label' }),
  figures(outputs, _, thresholds = tuned(outputs)) {
    const { names, examples } = outputs;
    const columns = names.map((_name, column) => columnOf(outputs, column));
    const all = examples.map((_example, i) => i);
    const kept = examples.length < mostScores;
    const perLabel = names.map((name, column): LabelReport => {
      const { truths, scores } = columns[column] ?? { truths: [], scores: [] };
      const threshold = thresholds[column] ?? 0.5;
      const figures = labelFigures({ truths, scores, threshold }, all);
      return { name, threshold, ...figures, ...(kept ? { truths: truths.join(''), scores } : {}) };
    });
    const metrics = labelMetrics(
      columns.map((one, column) => ({ ...one, threshold: thresholds[column] ?? 0.5 })),
      all,
    );
    return { metrics: { loss: lossOf(outputs), ...metrics }, perLabel, measured: examples.length };
  },
  tune: tuned,
  countsRight: false,
  right: () => undefined,
  /** Most labels wrong first; of as many, the surest. */
  mistakes(outputs, thresholds = tuned(outputs)) {
    const { names, examples, values } = outputs;
    const width = names.length;
    return examples
      .flatMap(({ id, label }, i) => {
        const truth = new Set(label as readonly number[]);
        const wrong = names.map((_, c) => (values[i * width + c] ?? 0) >= (thresholds[c] ?? 0.5) !== truth.has(c));
        const count = wrong.filter(Boolean).length;
        if (count === 0) return [];
        const said = names.filter((_, c) => (values[i * width + c] ?? 0) >= (thresholds[c] ?? 0.5));
        const surest = names.reduce((most, _, c) => {
          const p = values[i * width + c] ?? 0;
          return wrong[c] === true ? Math.max(most, truth.has(c) ? 1 - p : p) : most;
        }, 0);
        const actual = namesText(names.filter((_, c) => truth.has(c)));
        return [{ file: id, actual, predicted: namesText(said), count, surest }];
      })
      .sort((a, b) => b.count - a.count || b.surest - a.surest)
      .map(({ file, actual, predicted }) => ({ file, actual, predicted }));
  },
  say: (outputs, names, thresholds = []) => ({
    labels: names
      .map((name, c) => {
        const [probability, threshold] = [outputs[c] ?? 0, thresholds[c] ?? 0.5];
        return { name, probability, threshold, said: probability >= threshold };
      })
      .sort((a, b) => Number(b.said) - Number(a.said) || b.probability - a.probability),
  }),
  trainMetrics: ({ loss }) => ({ loss }),
  missing(labels, names) {
    const there = new Set(labels.flatMap((label) => label));
    return names.find((_, label) => !there.has(label));
  },
};

function namesText(names: readonly string[]): string {
  return names.length === 0 ? '–' : names.join(', ');
}

/** What is true of one label, and what the model gave it. */
function columnOf({ values, examples, names }: Outputs, column: number): { truths: number[]; scores: number[] } {
  return {
    truths: examples.map(({ label }) => Number((label as readonly number[]).includes(column))),
    scores: examples.map((_, i) => values[i * names.length + column] ?? 0),
  };
}

/** As in Keras: the mean over the labels and the examples, probabilities clipped at 1e-7. */
function lossOf({ values, examples, names }: Outputs): number {
  const log = (probability: number) => Math.log(Math.max(probability, 1e-7));
  let total = 0;
  examples.forEach(({ label }, i) => {
    const truth = new Set(label as readonly number[]);
    names.forEach((_, c) => {
      const p = values[i * names.length + c] ?? 0;
      total -= log(truth.has(c) ? p : 1 - p);
    });
  });
  return total / Math.max(1, examples.length * names.length);
}

/**
 * The threshold of each label with the largest F1 on these examples: in the middle between two probabilities that were given. One half
 * where the label does not occur.
 */
function tuned(outputs: Outputs): number[] {
  return outputs.names.map((_, column) => {
    const { truths, scores } = columnOf(outputs, column);
    const positives = truths.reduce((sum, one) => sum + one, 0);
    if (positives === 0) return 0.5;
    const order = scores.map((score, i) => ({ score, truth: truths[i] ?? 0 })).sort((a, b) => b.score - a.score);
    let [hits, best, threshold] = [0, -1, 0.5];
    order.forEach(({ score, truth }, i) => {
      hits += truth;
      const next = order[i + 1]?.score ?? 0;
      if (next === score) return;
      const f1 = (2 * hits) / (positives + i + 1);
      if (f1 <= best) return;
      best = f1;
      threshold = (score + next) / 2;
    });
    return threshold;
  });
}
