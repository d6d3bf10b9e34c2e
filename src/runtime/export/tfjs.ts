import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import { disposeModel } from '../bases/dispose.js';
import { readTfjsModel } from '../bases/files/tfjs-file.js';
import { channelTransform } from '../data/preprocessing.js';
import { GraftError } from '../errors.js';
import { temporaryFor, writeAtomic } from '../files.js';
import { clearAbandoned } from '../leftovers.js';
import { tf } from '../tf.js';
import { checkDifference, checkPixels, largestDifference, tfProbabilities } from './onnx.js';
import { layersModelFiles } from './saved-model.js';
import type { TrainedModel } from './types.js';

/**
 * Writes a model for plain TensorFlow.js, in the browser or anywhere: pixels 0 … 255, RGB, [n, height, width, 3] → probabilities.
 * Preprocessing is inside, as a 1×1 convolution; `classes.json` holds the class names. Checked by loading it again.
 *
 * @throws GraftError when the folder exists or the check fails; nothing is left behind then.
 */
export async function exportTfjs(
  trained: TrainedModel,
  directory: string,
  signal?: AbortSignal,
): Promise<{ difference: number }> {
  if (
    await stat(directory).then(
      () => true,
      () => false,
    )
  ) {
    throw new GraftError(`${directory} is there already.`, { action: 'Choose another folder with --out.' });
  }
  const temporary = temporaryFor(path.resolve(directory));
  await clearAbandoned(path.dirname(path.resolve(directory)), path.basename(path.resolve(directory)));
  const { model, size } = trained;
  const input = tf.input({ shape: [...size, 3], name: 'pixels' });
  const scaling = tf.layers.conv2d({ filters: 3, kernelSize: 1, name: 'preprocessing', trainable: false });
  const whole = tf.model({
    inputs: input,
    outputs: model.apply(scaling.apply(input)) as tf.SymbolicTensor,
    name: 'graft',
  });
  const { order, scale, offset } = channelTransform(trained.preprocessing);
  tf.tidy(() => {
    const kernel = tf.buffer([1, 1, 3, 3]);
    order.forEach((from, to) => {
      kernel.set(scale[to] ?? 1, 0, 0, from, to);
    });
    scaling.setWeights([kernel.toTensor(), tf.tensor1d([...offset])]);
  });
  try {
    await mkdir(temporary, { recursive: true });
    const { topology, weights } = await layersModelFiles(whole);
    await writeAtomic(path.join(temporary, 'weights.bin'), weights);
    await writeAtomic(path.join(temporary, 'model.json'), topology);
    await writeAtomic(path.join(temporary, 'classes.json'), `${JSON.stringify(trained.classes)}\n`);
    signal?.throwIfAborted();
    const pixels = checkPixels(trained, 4);
    const received = await writtenProbabilities(path.join(temporary, 'model.json'), trained, pixels, 4);
    signal?.throwIfAborted();
    const difference = largestDifference(received, await tfProbabilities(trained, pixels, 4));
    checkDifference(difference, directory);
    signal?.throwIfAborted();
    await rename(temporary, directory);
    return { difference };
  } finally {
    scaling.dispose();
    await rm(temporary, { recursive: true, force: true });
  }
}

async function writtenProbabilities(
  file: string,
  trained: TrainedModel,
  pixels: Uint8Array,
  n: number,
): Promise<Float32Array> {
  const { model } = await readTfjsModel(file);
  try {
    return await tfProbabilities({ ...trained, model, preprocessing: 'none' }, pixels, n);
  } finally {
    disposeModel(model);
  }
}
