import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';

import { mobileNetV2, resNet50 } from '../../src/runtime/bases/definitions/index.js';
import { weightsFile } from '../../src/runtime/bases/download/download.js';
import { loadBase } from '../../src/runtime/bases/load-base.js';
import { knownBase } from '../../src/runtime/bases/known.js';
import { dataKinds, decodeMany, imageData } from '../../src/runtime/data/index.js';
import { GraftError, present } from '../../src/common/errors.js';
import { runnerOf } from '../../src/runtime/engines/index.js';
import { inputsOf, programOf } from '../../src/runtime/graph/index.js';
import { setRandomSeed } from '../../src/common/random.js';
import { tf } from '../../src/runtime/tf.js';
import { writeKerasWeights } from './keras-h5.js';

export type BaseName = 'mobilenet-v2' | 'resnet50';

/**
 * Puts a base's weights, without the classifier, into `target` as one Keras `.h5` that Graft, Keras and PyTorch all read.
 *
 * @param source 'imagenet' (downloaded once), 'random', an `.h5`, or a `model.json` of MobileNetV2 with folded normalization.
 * @param data pictures that give the statistics which folding has removed.
 */
export async function prepareWeights(base: BaseName, source: string, target: string, data: string): Promise<void> {
  if (existsSync(target)) return;
  if (source === 'random') await writeKerasWeights(await randomBase(base), target);
  else if (source.endsWith('.json')) await writeKerasWeights(await unfolded(base, source, data), target);
  else await copyFile(source === 'imagenet' ? await downloaded(base) : source, target);
}

async function downloaded(base: BaseName): Promise<string> {
  const published = knownBase(base)?.weights;
  const file = published === 'bundled' ? undefined : published?.notop;
  const { path } = await weightsFile(present(file, base)).catch((error: unknown) => {
    throw new GraftError(`The ImageNet weights of ${base} cannot be had.`, {
      action: `Give an .h5 file with --${base}, or --${base} random.`,
      cause: error,
    });
  });
  return path;
}

function build(base: BaseName): Promise<tf.LayersModel> {
  setRandomSeed(7);
  const options = { weights: null, includeTop: false, inputShape: [224, 224, 3] } as const;
  return base === 'resnet50' ? resNet50(options) : mobileNetV2(options);
}

/**
 * Random weights whose activations stay in the range of a trained network's: kernels keep the variance through a ReLU (He et al.
 * 2015), a residual branch adds a quarter to it.
 */
async function randomBase(base: BaseName): Promise<tf.LayersModel> {
  const model = await build(base);
  for (const layer of model.layers) {
    const [kernel, ...others] = layer.getWeights();
    if (kernel === undefined) continue;
    if (kernel.rank === 4) {
      const fanIn = kernel.shape.slice(0, layer.getClassName() === 'DepthwiseConv2D' ? 2 : 3).reduce((a, b) => a * b);
      const pixels = layer.name === 'conv1_conv' ? 64 : 1;
      layer.setWeights([tf.randomNormal(kernel.shape, 0, Math.sqrt(2 / fanIn) / pixels, 'float32', fanIn), ...others]);
    } else if (/_3_bn$|project_BN$/.test(layer.name)) layer.setWeights([tf.fill(kernel.shape, 0.5), ...others]);
  }
  return model;
}

/** MobileNetV2 from a model with the same convolutions, in the same order, whose normalizations were folded into them. */
async function unfolded(base: BaseName, file: string, data: string): Promise<tf.LayersModel> {
  if (base !== 'mobilenet-v2')
    throw new GraftError(`${file}: only MobileNetV2 can be read from a model.json.`, { action: 'Give an .h5 file.' });
  const folded = (await loadBase(file)).layers.filter((layer) => layer.weights.length === 2);
  const model = await build(base);
  const convolutions = model.layers.filter((layer) => layer.getClassName().endsWith('Conv2D'));
  const biases = convolutions.map((layer, i) => {
    const [kernel, bias] = present(folded[i], `Convolution ${i} of ${file}`).getWeights();
    layer.setWeights([present(kernel, 'A kernel')]);
    return present(bias, 'A bias');
  });
  const normalizations = model.layers.filter((layer) => layer.getClassName() === 'BatchNormalization');
  const epsilon = 1e-3;
  for (const [i, layer] of normalizations.entries()) {
    const bias = present(biases[i], 'A bias');
    const [zero, one] = [tf.zerosLike(bias), tf.onesLike(bias)];
    layer.setWeights([one, bias, zero, one.sub(epsilon)]);
  }
  // With the pictures' own statistics the function stays the same, and training in training mode starts from it too.
  const statistics = await channelStatistics(model, convolutions, data);
  for (const [i, layer] of normalizations.entries()) {
    const { mean, variance } = present(statistics[i], 'Statistics');
    layer.setWeights([variance.add(epsilon).sqrt(), present(biases[i], 'A bias').add(mean), mean, variance]);
  }
  return model;
}

/** Mean and variance over 64 pictures of each channel that the layers give. */
async function channelStatistics(model: tf.LayersModel, layers: readonly tf.layers.Layer[], folder: string) {
  const size = [224, 224] as const;
  const outputs = layers.map(({ output }) => output as tf.SymbolicTensor);
  const program = programOf(tf.model({ inputs: model.inputs, outputs }));
  const runner = runnerOf(program, inputsOf(dataKinds.image, { size, resize: 'crop' }, 'tf'));
  const { train } = await imageData(folder, { size });
  const step = Math.max(1, Math.floor(train.length / 64));
  const items = train.filter((_, i) => i % step === 0).map((example) => ({ example, view: 0 }));
  const sums = layers.map(() => [tf.scalar(0), tf.scalar(0)] as [tf.Tensor, tf.Tensor]);
  let count = 0;
  for await (const decoded of decodeMany(items, { size, resize: 'crop', augment: undefined, seed: 0 })) {
    if ('error' in decoded) continue;
    count++;
    const taps = await runner.run({ pixels: { data: decoded.pixels, shape: [1, ...size, 3] } });
    taps.forEach(({ data: tap }, i) => {
      const channels = Number(outputs[i]?.shape.at(-1));
      sums[i] = tf.tidy(() => {
        const values = tf.tensor2d(tap, [tap.length / channels, channels]);
        const [mean, square] = present(sums[i], 'Sums');
        return [mean.add(values.mean(0)), square.add(values.square().mean(0))];
      });
    });
  }
  await runner.dispose();
  return sums.map(([sum, squares]) => {
    const mean = sum.div(count);
    return { mean, variance: squares.div(count).sub(mean.square()).relu() };
  });
}
