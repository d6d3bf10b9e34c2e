import { isClassification } from '../../protocol/index.js';
import { argmax, classProbabilities, evaluateOutputs } from './class-metrics.js';
import type { Outputs, TaskDefinition } from './task.js';

/** One class of several: softmax over the classes, or a sigmoid for the second of two. */
export const classification: TaskDefinition = {
  name: 'classification',
  outputName: 'probabilities',
  namesFile: 'classes.json',
  losses: [
    { loss: 'categoricalCrossentropy', activations: ['softmax'] },
    { loss: 'binaryCrossentropy', activations: ['sigmoid'] },
    { loss: 'meanSquaredError', activations: ['softmax', 'sigmoid'] },
  ],
  monitors: [
    { metric: 'accuracy', better: 'higher' },
    { metric: 'macroF1', better: 'higher' },
    { metric: 'loss', better: 'lower' },
  ],
  fits: (units, { length }, activation) =>
    units === length || (units === 1 && activation === 'sigmoid' && length === 2),
  misfit: (received, { length }) => `the model ends in ${received}, but the data has ${length} classes`,
  outputsOf: classProbabilities,
  writeTarget(label, row) {
    if (row.length === 1) row[0] = Number(label);
    else row[Number(label)] = 1;
  },
  tableOptions: () => ({}),
  figures({ values, examples, names }, { kind }) {
    const labels = examples.map(({ label }) => Number(label));
    const outputs = { data: values, shape: [examples.length, names.length] };
    const { metrics, perClass, confusion } = evaluateOutputs(outputs, labels, names, kind);
    return { metrics, perClass, confusion };
  },
  countsRight: true,
  right: (outputs) => predicted(outputs).map((one, i) => one === outputs.examples[i]?.label),
  mistakes(outputs) {
    const { values, examples, names } = outputs;
    return predicted(outputs)
      .flatMap((one, i) => {
        const { id: file = '', label: is = one } = examples[i] ?? {};
        const label = Number(is);
        const confidence = values[i * names.length + one] ?? 0;
        return one === label ? [] : [{ file, actual: names[label] ?? '', predicted: names[one] ?? '', confidence }];
      })
      .sort((a, b) => b.confidence - a.confidence);
  },
  say: (outputs, names) => ({
    classes: names
      .map((name, c) => ({ name, probability: outputs[c] ?? 0 }))
      .sort((a, b) => b.probability - a.probability),
  }),
  trainMetrics: (metrics) => (isClassification(metrics) ? { loss: metrics.loss, accuracy: metrics.accuracy } : metrics),
  missing(labels, names) {
    const there = new Set(labels);
    return names.find((_, label) => !there.has(label));
  },
};

function predicted({ values, names: { length } }: Outputs): number[] {
  return Array.from({ length: values.length / length }, (_, i) =>
    argmax(values.subarray(i * length, (i + 1) * length)),
  );
}
