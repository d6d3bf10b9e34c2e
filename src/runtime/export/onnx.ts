import { rename, rm } from 'node:fs/promises';
import path from 'node:path';

import { preprocess } from '../data/preprocessing.js';
import { GraftError, messageOf, present } from '../errors.js';
import { classProbabilities } from '../evaluate/metrics.js';
import { temporaryFor, writeAtomic } from '../files.js';
import { clearAbandoned } from '../leftovers.js';
import { inferenceContext, lower, UnsupportedLayer } from '../graph/from-layers.js';
import { GraphBuilder, type Value } from '../graph/ir.js';
import { pixelInput } from '../graph/inputs.js';
import { programOf } from '../graph/program.js';
import { encodeModel } from '../graph/protobuf.js';
import { openSession } from '../engines/session.js';
import { uniform } from '../random.js';
import { tf } from '../tf.js';
import type { TrainedModel } from './types.js';

/** Largest difference of a probability between the export and the model that passes the check. */
export const exportTolerance = 1e-4;

/**
 * The whole model as ONNX: `pixels` [N, height, width, 3], uint8, RGB → `probabilities` [N, classes]. Preprocessing is
 * inside; the class names are in the metadata, as JSON under `classes`.
 *
 * @throws UnsupportedLayer for a layer that ONNX lacks.
 */
export function onnxModel({ model, size, preprocessing, classes, resize, base }: TrainedModel): Uint8Array {
  const builder = new GraphBuilder();
  const input = pixelInput({ preprocessing, size });
  const pixels = builder.input(input.name, ['N', ...input.shape], input.type);
  const [output] = lower(programOf(model), [input.nodes(builder, pixels)], inferenceContext(builder));
  const probabilities = bothClasses(builder, present(output, 'An output'));
  return encodeModel(
    builder.build({ probabilities }, { classes: JSON.stringify(classes), resize, base: base.name, producer: 'graft' }),
  );
}

/** One output stands for two classes: it is the probability of the second. */
function bothClasses(builder: GraphBuilder, output: Value): Value {
  if (output.shape[1] !== 1) return output;
  const first = builder.op('Sub', [builder.scalar(1), output], {}, output.shape);
  return builder.op('Concat', [first, output], { axis: 1 }, ['N', 2]);
}

/**
 * Writes a model as ONNX and checks the file: loaded again, it must give the model's own probabilities.
 *
 * @throws GraftError when a layer cannot be exported or the check fails; nothing is left behind then.
 */
export async function exportOnnx(
  trained: TrainedModel,
  file: string,
  signal?: AbortSignal,
): Promise<{ difference: number }> {
  const temporary = temporaryFor(file);
  await clearAbandoned(path.dirname(file), path.basename(file));
  try {
    await writeAtomic(temporary, onnxModel(trained));
    const pixels = checkPixels(trained, 4);
    const written = await onnxProbabilities(temporary, trained, pixels, 4);
    signal?.throwIfAborted();
    const difference = largestDifference(written, await tfProbabilities(trained, pixels, 4));
    checkDifference(difference, file);
    signal?.throwIfAborted();
    await rename(temporary, file);
    return { difference };
  } catch (error) {
    if (error instanceof UnsupportedLayer) {
      throw new GraftError(`The model cannot be exported to ONNX: ${error.message}.`, {
        action: 'Export it with --to tfjs.',
        cause: error,
      });
    }
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function onnxProbabilities(
  file: string,
  { size }: TrainedModel,
  pixels: Uint8Array,
  n: number,
): Promise<Float32Array> {
  const session = await openSession(file);
  try {
    const outputs = await session.run({ pixels: { data: pixels, shape: [n, ...size, 3] } });
    return outputs['probabilities']?.data as Float32Array;
  } finally {
    await session.release();
  }
}

/** @throws GraftError when an export differs from the model. */
export function checkDifference(difference: number, file: string): void {
  if (difference <= exportTolerance) return;
  throw new GraftError(
    `The export ${file} gives other probabilities than the model (up to ${difference.toPrecision(3)}), so it was thrown away.`,
    {
      action: 'Please report this, with the base model.',
    },
  );
}

/** Pictures for checking an export: noise and smooth ramps, always the same. */
export function checkPixels({ size: [height, width] }: TrainedModel, n: number): Uint8Array {
  const random = uniform(20261124);
  return Uint8Array.from({ length: n * height * width * 3 }, (_, i) => {
    const image = Math.floor(i / (height * width * 3));
    return image % 2 === 0 ? random() * 256 : (i / (3 * (image + 2)) + 40 * (i % 3)) % 256;
  });
}

/** What TensorFlow.js computes for these pixels: [n, classes]. */
export async function tfProbabilities(
  { model, size, preprocessing }: TrainedModel,
  pixels: Uint8Array,
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

export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Infinity;
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (b[i] ?? NaN))), 0);
}
