import type { ClassReport, Figures } from '../../protocol/index.js';
import type { FloatTensor } from '../../common/tensor.js';
import type { LossName } from '../engines/specs.js';

interface Evaluation extends Figures<'classification'> {
  /** Predicted class of each example. */
  readonly predictions: readonly number[];
}

/** One output stands for two classes: it is the probability of the second. Returns [n, classes]. */
export function classProbabilities({ data, shape }: FloatTensor): Float32Array {
  if (shape[1] !== 1) return data;
  return Float32Array.from({ length: data.length * 2 }, (_, i) => {
    const second = data[i >> 1] ?? 0;
    return i % 2 === 0 ? 1 - second : second;
  });
}

/**
 * Loss (the mean over the examples, probabilities clipped at 1e-7 as in Keras, without label smoothing), accuracy, macro F1 (the mean over the
 * classes that occur), per-class precision, recall and F1 (0 where undefined).
 *
 * @param probabilities [n, classes]; after a softmax each row sums to 1.
 * @param labels index of the true class of each row.
 */
export function evaluateOutputs(
  probabilities: FloatTensor,
  labels: readonly number[],
  classes: readonly string[],
  loss: LossName = 'categoricalCrossentropy',
): Evaluation {
  const k = classes.length;
  const confusion = classes.map(() => new Array<number>(k).fill(0));
  const predictions: number[] = [];
  let total = 0;
  labels.forEach((label, i) => {
    const row = probabilities.data.subarray(i * k, (i + 1) * k);
    const predicted = argmax(row);
    predictions.push(predicted);
    const counts = confusion[label];
    if (counts !== undefined) counts[predicted] = (counts[predicted] ?? 0) + 1;
    total += lossOf(row, label, loss);
  });
  const perClass = classes.map((name, c) => classReport(name, confusion, c));
  const occurring = perClass.filter(({ support }) => support > 0);
  const correct = confusion.reduce((sum, row, c) => sum + (row[c] ?? 0), 0);
  const n = Math.max(labels.length, 1);
  const macroF1 = occurring.reduce((sum, { f1 }) => sum + f1, 0) / Math.max(occurring.length, 1);
  return { metrics: { loss: total / n, accuracy: correct / n, macroF1 }, perClass, confusion, predictions };
}

function lossOf(row: Float32Array, label: number, loss: LossName): number {
  const log = (probability: number) => Math.log(Math.max(probability, 1e-7));
  const meanOf = (term: (p: number, c: number) => number) =>
    row.reduce((sum, p, c) => sum + term(p, c), 0) / row.length;
  switch (loss) {
    case 'categoricalCrossentropy':
      return -log(row[label] ?? 0);
    case 'binaryCrossentropy':
      return meanOf((p, c) => -log(c === label ? p : 1 - p));
    case 'meanSquaredError':
      return meanOf((p, c) => (p - Number(c === label)) ** 2);
  }
}

/** Index of the largest value; the first of equals. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
}

function classReport(name: string, confusion: readonly (readonly number[])[], c: number): ClassReport {
  const truePositives = confusion[c]?.[c] ?? 0;
  const support = confusion[c]?.reduce((sum, count) => sum + count, 0) ?? 0;
  const predicted = confusion.reduce((sum, row) => sum + (row[c] ?? 0), 0);
  const precision = predicted === 0 ? 0 : truePositives / predicted;
  const recall = support === 0 ? 0 : truePositives / support;
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { name, precision, recall, f1, support };
}
