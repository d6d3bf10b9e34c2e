import type { ClassReport, Metrics } from '../../protocol/index.js';
import type { FloatTensor } from '../engines/types.js';

export interface Evaluation {
  readonly metrics: Metrics;
  readonly perClass: readonly ClassReport[];
  /** Rows true, columns predicted, counts. */
  readonly confusion: readonly (readonly number[])[];
  /** Predicted class of each example. */
  readonly predictions: readonly number[];
}

/**
 * Loss (mean categorical cross-entropy, probabilities clipped at 1e-7 as in Keras), accuracy, macro F1 (a class that
 * never occurs and is never predicted does not count), per-class precision, recall and F1 (0 where undefined).
 *
 * @param probabilities [n, classes], each row sums to 1.
 * @param labels index of the true class of each row.
 */
export function evaluateOutputs(
  probabilities: FloatTensor,
  labels: readonly number[],
  classes: readonly string[],
): Evaluation {
  const k = classes.length;
  const confusion = classes.map(() => new Array<number>(k).fill(0));
  const predictions: number[] = [];
  let loss = 0;
  labels.forEach((label, i) => {
    const row = probabilities.data.subarray(i * k, (i + 1) * k);
    const predicted = argmax(row);
    predictions.push(predicted);
    const counts = confusion[label];
    if (counts !== undefined) counts[predicted] = (counts[predicted] ?? 0) + 1;
    loss -= Math.log(Math.max(row[label] ?? 0, 1e-7));
  });
  const perClass = classes.map((name, c) => classReport(name, confusion, c));
  const occurring = perClass.filter(({ support }, c) => support > 0 || confusion.some((row) => (row[c] ?? 0) > 0));
  const correct = confusion.reduce((sum, row, c) => sum + (row[c] ?? 0), 0);
  const n = Math.max(labels.length, 1);
  const macroF1 = occurring.reduce((sum, { f1 }) => sum + f1, 0) / Math.max(occurring.length, 1);
  return { metrics: { loss: loss / n, accuracy: correct / n, macroF1 }, perClass, confusion, predictions };
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
