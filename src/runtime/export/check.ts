import { preprocess } from '../data/preprocessing.js';
import { GraftError, messageOf } from '../../common/errors.js';
import { classProbabilities } from '../evaluate/metrics.js';
import { uniform } from '../../common/random.js';
import { tf } from '../tf.js';
import type { TrainedModel } from './types.js';

/** Largest difference of a probability between the export and the model that passes the check. */
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
  file: string,
  pictures: readonly CheckPicture[],
  exported: (picture: CheckPicture) => Promise<Float32Array>,
  model: (picture: CheckPicture) => Promise<Float32Array>,
): Promise<number> {
  let difference = 0;
  for (const picture of pictures)
    difference = Math.max(difference, largestDifference(await exported(picture), await model(picture)));
  if (difference <= exportTolerance) return difference;
  throw new GraftError(
    `The export ${file} gives other probabilities than the model (up to ${difference.toPrecision(3)}), so it was thrown away.`,
    { action: 'Please report this, with the base model.' },
  );
}

/** What TensorFlow.js computes for pictures of the model's size: [n, classes]. */
export async function tfProbabilities(
  { model, size, preprocessing }: Pick<TrainedModel, 'model' | 'size' | 'preprocessing'>,
  pixels: Uint8Array | Float32Array,
  n: number,
): Promise<Float32Array> {
  const output = tf.tidy(
    () => model.predict(tf.tensor(preprocess(pixels, preprocessing), [n, ...size, 3])) as tf.Tensor,
  );
  try {
    return classProbabilities({ data: Float32Array.from(await output.data()), shape: output.shape });
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
