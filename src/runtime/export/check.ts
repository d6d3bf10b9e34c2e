import { GraftError, messageOf, present } from '../../common/errors.js';
import type { NamedTensors } from '../../common/tensor.js';
import { kindOf } from '../data/index.js';
import { inputsOf } from '../graph/inputs.js';
import { taskOf } from '../tasks/index.js';
import { tf } from '../tf.js';
import type { CheckExample } from './export-kind.js';
import { exportKindOf } from './kinds.js';
import type { TrainedModel } from './types.js';

/** Largest difference of a probability, or of a number as a part of it, between the export and the model that passes the check. */
const exportTolerance = 1e-4;

/**
 * How far an export is from the model on a few examples.
 *
 * @throws GraftError when it is too far.
 */
export async function compareExport(
  trained: TrainedModel,
  file: string,
  exported: (example: CheckExample) => Promise<Float32Array>,
): Promise<number> {
  const { outputName } = taskOf(trained);
  let [difference, relative] = [0, 0];
  for (const example of exportKindOf(trained).checkExamples(trained)) {
    const [theirs, ours] = [await exported(example), await tfOutputs(trained, example.tensors)];
    const largest = ours.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    const differs = largestDifference(theirs, ours);
    difference = Math.max(difference, differs);
    relative = Math.max(relative, differs / largest);
  }
  if (relative <= exportTolerance) return difference;
  throw new GraftError(
    `The export ${file} gives other ${outputName} than the model (up to ${difference.toPrecision(3)}), so it was thrown away.`,
    { action: 'Please report this, with the base model.' },
  );
}

/** What TensorFlow.js computes for a batch of one: [1, names]. */
export async function tfOutputs(trained: TrainedModel, tensors: NamedTensors): Promise<Float32Array> {
  const { model, preprocessing } = trained;
  const output = tf.tidy(() => {
    const given = inputsOf(kindOf(trained), trained, preprocessing, model).map(({ name, compute }) => {
      const { data, shape } = compute(present(tensors[name], `The input ${name}`));
      return tf.tensor(data, [...shape]);
    });
    return model.predict(given) as tf.Tensor;
  });
  try {
    return taskOf(trained).outputsOf({ data: Float32Array.from(await output.data()), shape: output.shape });
  } catch (error) {
    throw new GraftError(`The model cannot be computed: ${messageOf(error)}`, {
      action: 'Train it again.',
      cause: error,
    });
  } finally {
    output.dispose();
  }
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Infinity;
  // A number that is none differs from everything.
  return a.reduce((largest, value, i) => {
    const difference = Math.abs(value - (b[i] ?? NaN));
    return difference <= largest ? largest : Number.isNaN(difference) ? Infinity : difference;
  }, 0);
}
