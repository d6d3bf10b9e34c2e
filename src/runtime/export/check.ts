import { channelsOf, preprocess } from '../data/preprocessing.js';
import { GraftError, messageOf } from '../../common/errors.js';
import { uniform } from '../../common/random.js';
import { taskOf } from '../tasks/index.js';
import { tf } from '../tf.js';
import type { TrainedModel } from './types.js';

/** Largest difference of a probability, or of a number as a part of it, between the export and the model that passes the check. */
export const exportTolerance = 1e-4;

/** A decoded picture, [height, width, 3], RGB. */
export interface CheckPicture {
  readonly pixels: Uint8Array;
  /** [height, width] */
  readonly size: readonly [number, number];
}

/** Pictures for checking an export, of the model's size and of odd ones: noise and smooth ramps, always the same. */
export function checkPictures({ size: [height, width] }: Pick<TrainedModel, 'size'>): CheckPicture[] {
  const random = uniform(20261124);
  const sizes = [
    [height, width],
    [height, width],
    [2 * height + 3, Math.ceil(1.3 * width)],
    [Math.ceil(0.7 * height), 5 * width + 1],
    [Math.ceil(height / 3), Math.ceil(width / 2)],
  ] as const;
  return sizes.map((size, picture) => {
    const pixels = Uint8Array.from({ length: size[0] * size[1] * 3 }, (_, i) =>
      picture % 2 === 0 ? random() * 256 : (i / (3 * (picture + 2)) + 40 * (i % 3)) % 256,
    );
    return { pixels, size };
  });
}

/**
 * How far an export is from the model on these pictures.
 *
 * @throws GraftError when it is too far.
 */
export async function compareExport(
  trained: Pick<TrainedModel, 'task'>,
  file: string,
  pictures: readonly CheckPicture[],
  exported: (picture: CheckPicture) => Promise<Float32Array>,
  model: (picture: CheckPicture) => Promise<Float32Array>,
): Promise<number> {
  const { outputName } = taskOf(trained);
  let [difference, relative] = [0, 0];
  for (const picture of pictures) {
    const [theirs, ours] = [await exported(picture), await model(picture)];
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

/** What TensorFlow.js computes for pictures of the model's size: [n, names]. */
export async function tfOutputs(
  { model, size, preprocessing, ...more }: Pick<TrainedModel, 'model' | 'task' | 'size' | 'preprocessing'>,
  pixels: Uint8Array | Float32Array,
  n: number,
): Promise<Float32Array> {
  const channels = channelsOf(model);
  const output = tf.tidy(
    () => model.predict(tf.tensor(preprocess(pixels, preprocessing, channels), [n, ...size, channels])) as tf.Tensor,
  );
  try {
    return taskOf(more).outputsOf({ data: Float32Array.from(await output.data()), shape: output.shape });
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
