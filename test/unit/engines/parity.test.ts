import assert from 'node:assert/strict';
import { test } from 'node:test';

import { chooseEngine, type Batch, type TrainerOptions } from '../../../src/runtime/engines/index.js';
import { programOf } from '../../../src/runtime/graph/index.js';
import { tf } from '../../../src/runtime/tf.js';
import { sgd } from '../../../src/runtime/train/optimizers.js';
import { restore, snapshot } from '../../../src/runtime/train/weights.js';
import { openTrainer } from '../../support/engines.js';
import { noise, poolsAfterZeros, relativeDifference } from '../../support/made-up.js';

/**
 * Gradients of ONNX Runtime's graph against TensorFlow.js's own, which share no code: three steps, layer by layer. A trainable
 * convolution comes before each layer, so that dL/dx is checked as well as dL/dw.
 */
type Made = tf.layers.Layer | readonly tf.layers.Layer[] | ((x: tf.SymbolicTensor) => tf.SymbolicTensor);
const apply = (layer: tf.layers.Layer, ...x: tf.SymbolicTensor[]) => layer.apply(x) as tf.SymbolicTensor;

/** Squeeze and excitation (Hu et al. 2018): channels weighed by what is in the whole picture. */
function squeezeExcite(x: tf.SymbolicTensor): tf.SymbolicTensor {
  let scale = apply(tf.layers.globalAveragePooling2d({}), x);
  scale = apply(tf.layers.dense({ units: 2, activation: 'relu' }), scale);
  scale = apply(tf.layers.dense({ units: 4, activation: 'sigmoid' }), scale);
  return apply(tf.layers.multiply(), x, apply(tf.layers.reshape({ targetShape: [1, 1, 4] }), scale));
}

/** Self-attention with two heads (Vaswani et al. 2017) from plain layers, over the places of the picture. */
function attention(x: tf.SymbolicTensor): tf.SymbolicTensor {
  const tokens = apply(tf.layers.reshape({ targetShape: [90, 4] }), x);
  const heads = [0, 1].map(() => {
    // A bias of the keys changes nothing after the softmax: its gradient would be rounding alone.
    const [q, k, v] = [true, false, true].map((useBias) => apply(tf.layers.dense({ units: 3, useBias }), tokens));
    assert.ok(q && k && v);
    const scores = apply(tf.layers.softmax({ axis: -1 }), apply(tf.layers.dot({ axes: [2, 2] }), q, k));
    return apply(tf.layers.dot({ axes: [2, 1] }), scores, v);
  });
  const joined = apply(tf.layers.dense({ units: 4 }), apply(tf.layers.concatenate(), ...heads));
  return apply(tf.layers.reshape({ targetShape: [9, 10, 4] }), joined);
}

const layers: Record<string, () => Made> = {
  'conv same stride 2': () => tf.layers.conv2d({ filters: 5, kernelSize: 3, strides: 2, padding: 'same' }),
  'conv 1×1 stride 2': () => tf.layers.conv2d({ filters: 5, kernelSize: 1, strides: 2, padding: 'same' }),
  'conv 1×1': () => tf.layers.conv2d({ filters: 5, kernelSize: 1 }),
  'conv 1×1 on a small map': () => [
    tf.layers.averagePooling2d({ poolSize: 5 }),
    tf.layers.conv2d({ filters: 300, kernelSize: 1 }),
  ],
  'conv valid 5×3': () => tf.layers.conv2d({ filters: 4, kernelSize: [5, 3], strides: [2, 1], activation: 'relu' }),
  depthwise: () => tf.layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' }),
  'depthwise stride 2': () => tf.layers.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same' }),
  'depthwise valid multiplier 2': () => tf.layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 }),
  separable: () => tf.layers.separableConv2d({ filters: 6, kernelSize: 3, padding: 'same' }),
  'max pool': () => tf.layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
  ...poolsAfterZeros,
  'average pool same': () => tf.layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
  'average pool valid': () => tf.layers.averagePooling2d({ poolSize: 2 }),
  'batch norm': () => tf.layers.batchNormalization({}),
  'conv and batch norm': () => [
    tf.layers.conv2d({ filters: 5, kernelSize: 3, padding: 'same' }),
    tf.layers.batchNormalization(),
  ],
  'conv without bias and batch norm': () => [
    tf.layers.conv2d({ filters: 5, kernelSize: 1, useBias: false }),
    tf.layers.batchNormalization({ epsilon: 0.1 }),
  ],
  'zero padding': () =>
    tf.layers.zeroPadding2d({
      padding: [
        [1, 2],
        [0, 3],
      ],
    }),
  'up sampling': () => tf.layers.upSampling2d({ size: [2, 3] }),
  'conv transpose stride 2': () =>
    tf.layers.conv2dTranspose({ filters: 5, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }),
  'conv transpose valid': () => tf.layers.conv2dTranspose({ filters: 3, kernelSize: [2, 4], strides: [1, 3] }),
  permute: () => [tf.layers.permute({ dims: [3, 1, 2] }), tf.layers.conv2d({ filters: 4, kernelSize: 3 })],
  'conv 1-D': () => [
    tf.layers.reshape({ targetShape: [90, 4] }),
    tf.layers.conv1d({ filters: 6, kernelSize: 5, strides: 2, padding: 'same', activation: 'tanh' }),
    tf.layers.conv1d({ filters: 4, kernelSize: 4, useBias: false }),
    tf.layers.reshape({ targetShape: [6, 7, 4] }),
  ],
  'largest of a sequence': () => [
    tf.layers.reshape({ targetShape: [90, 4] }),
    tf.layers.globalMaxPooling1d({}),
    tf.layers.reshape({ targetShape: [1, 1, 4] }),
  ],
  'squeeze and excitation': () => squeezeExcite,
  'attention with two heads': () => attention,
  'dense on a map': () => tf.layers.dense({ units: 4, activation: 'sigmoid' }),
  'leaky relu': () => tf.layers.leakyReLU({ alpha: 0.2 }),
  relu6: () => tf.layers.reLU({ maxValue: 0.3 }),
  elu: () => tf.layers.activation({ activation: 'elu' }),
  selu: () => tf.layers.activation({ activation: 'selu' }),
  softplus: () => tf.layers.activation({ activation: 'softplus' }),
  softsign: () => tf.layers.activation({ activation: 'softsign' }),
  swish: () => tf.layers.activation({ activation: 'swish' }),
  mish: () => tf.layers.activation({ activation: 'mish' }),
};

function build(make: () => Made): tf.LayersModel {
  const input = tf.input({ shape: [9, 10, 3] });
  let x = tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same' }).apply(input) as tf.SymbolicTensor;
  const made = make();
  const y = typeof made === 'function' ? made(x) : [made].flat().reduce((value, layer) => apply(layer, value), x);
  // A second way around, so that gradients add up.
  const both = [x, y].map((value) => tf.layers.globalAveragePooling2d({}).apply(value) as tf.SymbolicTensor);
  const largest = tf.layers.globalMaxPooling2d({}).apply(y) as tf.SymbolicTensor;
  x = tf.layers.concatenate().apply([...both, largest]) as tf.SymbolicTensor;
  return tf.model({
    inputs: input,
    outputs: tf.layers.dense({ units: 3, activation: 'softmax' }).apply(x) as tf.SymbolicTensor,
  });
}

const batch = (step: number): Batch => ({
  inputs: [{ data: Float32Array.from(noise(4 * 9 * 10 * 3, 30 + step), (value) => 2 * value), shape: [4, 9, 10, 3] }],
  labels: { data: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0), shape: [4, 3] },
  weights: Float32Array.of(1, 2, 0.5, 1),
});

for (const [name, make] of Object.entries(layers)) {
  // A bias before batch statistics has no gradient but rounding: those are compared with fixed statistics only.
  const modes = name === 'batch norm' ? [false, true] : [name.endsWith('batch norm')];
  for (const inference of modes) {
    test(`${name}${inference ? ' with fixed statistics' : ''}: ONNX Runtime trains as TensorFlow.js does`, async () => {
      const model = build(make);
      const start = await snapshot(model.layers);
      const results: { losses: number[]; weights: Awaited<ReturnType<typeof snapshot>> }[] = [];
      for (const engine of ['wasm', 'onnxruntime'] as const) {
        restore(model.layers, start);
        const trainer = await openTrainer(engine, programOf(model), {
          loss: { kind: 'categoricalCrossentropy', labelSmoothing: 0.1 },
          optimizer: sgd(),
          globalClipnorm: undefined,
          inference: new Set(inference ? model.layers : []),
          batchSize: 4,
        });
        const losses: number[] = [];
        for (let step = 0; step < 3; step++)
          losses.push((await trainer.step(batch(step), { learningRate: 0.2, seed: 1 })).loss);
        losses.push(...(await trainer.predict(batch(5).inputs)).data);
        await trainer.pull();
        results.push({ losses, weights: await snapshot(model.layers) });
        await trainer.dispose();
      }
      const [expected, received] = results;
      assert.ok(expected && received);
      assert.ok(
        relativeDifference(received.losses, expected.losses) < 1e-4,
        `${received.losses.join(' ')}\n${expected.losses.join(' ')}`,
      );
      for (const [weight, { data }] of expected.weights) {
        const difference = relativeDifference(received.weights.get(weight)?.data ?? [], data);
        assert.ok(difference < 2e-3, `${weight} differs by ${difference}`);
      }
      model.dispose();
    });
  }
}

const loss = { kind: 'categoricalCrossentropy', labelSmoothing: 0 } as const;

const dilated: Record<string, () => Made> = {
  SeparableConv2D: () =>
    tf.layers.separableConv2d({ filters: 6, kernelSize: 3, dilationRate: 2, padding: 'same', name: 'wide' }),
  Conv2D: () => tf.layers.conv2d({ filters: 3, kernelSize: 3, dilationRate: 2, padding: 'same', name: 'wide' }),
  DepthwiseConv2D: () => tf.layers.depthwiseConv2d({ kernelSize: 3, dilationRate: 2, padding: 'same', name: 'wide' }),
  Conv1D: () => [
    tf.layers.reshape({ targetShape: [90, 4] }),
    tf.layers.conv1d({ filters: 4, kernelSize: 3, dilationRate: 2, padding: 'same', name: 'wide' }),
    tf.layers.reshape({ targetShape: [9, 10, 4] }),
  ],
};

for (const [name, make] of Object.entries(dilated)) {
  test(`dilated ${name}: ONNX Runtime trains it, wasm says why it cannot`, () => {
    const model = build(make);
    const program = programOf(model);
    const options: TrainerOptions = { loss, optimizer: sgd(), globalClipnorm: undefined, batchSize: 4 };
    assert.equal(chooseEngine('onnxruntime').compileTraining(program, options).refusal, undefined);
    assert.match(chooseEngine('wasm').compileTraining(program, options).refusal ?? '', /wide.*dilat/);
    model.dispose();
  });
}
