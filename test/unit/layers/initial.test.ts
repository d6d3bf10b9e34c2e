import assert from 'node:assert/strict';
import { test } from 'node:test';

import '../../../src/runtime/layers/index.js';
import { zeroInitializers } from '../../../src/runtime/bases/keras/own-words.js';
import { tf } from '../../../src/runtime/tf.js';

/** A number that all have, or the largest that Glorot and Bengio 2010 draw: √(6 / (fan in + fan out)). */
type Initial = number | { readonly glorot: readonly [fanIn: number, fanOut: number] };

interface Case {
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputs: readonly (readonly number[])[];
  /** Of each weight, in their order, as Keras has them in a layer that nobody has trained. */
  readonly weights: readonly (readonly [name: string, shape: readonly number[], initial: Initial, trains?: false])[];
}

const picture = [6, 6, 8];
const convolution = {
  kernelSize: [3, 3],
  strides: [1, 1],
  padding: 'same',
  dilationRate: [1, 1],
  activation: 'linear',
};

const cases: readonly Case[] = [
  {
    className: 'Normalization',
    config: { axes: [3] },
    inputs: [picture],
    weights: [
      ['mean', [8], 0, false],
      ['variance', [8], 1, false],
    ],
  },
  {
    className: 'AxisNormalization',
    config: { axis: 1, epsilon: 1e-3, center: true, scale: true },
    inputs: [picture],
    weights: [
      ['gamma', [6], 1],
      ['beta', [6], 0],
      ['moving_mean', [6], 0, false],
      ['moving_variance', [6], 1, false],
    ],
  },
  {
    className: 'GroupNormalization',
    config: { groups: 4, epsilon: 1e-3, center: true, scale: true },
    inputs: [picture],
    weights: [
      ['gamma', [8], 1],
      ['beta', [8], 0],
    ],
  },
  {
    className: 'RootNormalization',
    config: { of: 'mean', epsilon: 1e-6, scale: true },
    inputs: [picture],
    weights: [['scale', [8], 1]],
  },
  { className: 'LayerScale', config: { projectionDim: 8 }, inputs: [picture], weights: [['gamma', [8], 1e-6]] },
  {
    className: 'LayerScale',
    config: { projectionDim: 8, initialValue: 0.1 },
    inputs: [picture],
    weights: [['gamma', [8], 0.1]],
  },
  {
    className: 'GlobalResponseNormalization',
    config: { epsilon: 1e-6 },
    inputs: [picture],
    weights: [
      ['gamma', [1, 1, 1, 8], 0],
      ['beta', [1, 1, 1, 8], 0],
    ],
  },
  {
    className: 'GroupedConv2D',
    config: { ...convolution, filters: 16, groups: 2, useBias: true },
    inputs: [picture],
    weights: [
      ['kernel', [3, 3, 4, 16], { glorot: [36, 144] }],
      ['bias', [16], 0],
    ],
  },
  {
    className: 'DilatedDepthwiseConv2D',
    config: { ...convolution, dilationRate: [2, 2], depthMultiplier: 2, useBias: true },
    inputs: [picture],
    weights: [
      ['depthwise_kernel', [3, 3, 8, 2], { glorot: [72, 18] }],
      ['bias', [16], 0],
    ],
  },
  {
    className: 'EinsumDense',
    config: { contracted: 1, units: [4, 5], biasShape: [4, 5], activation: 'linear' },
    inputs: [[9, 12]],
    weights: [
      ['kernel', [12, 4, 5], { glorot: [48, 60] }],
      ['bias', [4, 5], 0],
    ],
  },
  {
    className: 'Attention',
    config: { heads: 4, keyDim: 5, valueDim: 6, outputDim: 12, useBias: true },
    inputs: [
      [9, 12],
      [7, 10],
    ],
    weights: [
      ['query_kernel', [12, 4, 5], { glorot: [48, 60] }],
      ['query_bias', [4, 5], 0],
      ['key_kernel', [10, 4, 5], { glorot: [40, 50] }],
      ['key_bias', [4, 5], 0],
      ['value_kernel', [10, 4, 6], { glorot: [40, 60] }],
      ['value_bias', [4, 6], 0],
      ['output_kernel', [4, 6, 12], { glorot: [24, 48] }],
      ['output_bias', [12], 0],
    ],
  },
];

function built({ className, config, inputs }: Case, more: object = {}): tf.layers.Layer {
  const [make, fromConfig] = tf.serialization.SerializationMap.getMap().classNameMap[className] ?? [];
  assert.ok(make && fromConfig, className);
  const layer = fromConfig(make, { ...config, ...more } as tf.serialization.ConfigDict);
  assert.ok(layer instanceof tf.layers.Layer);
  const given = inputs.map((shape) => tf.input({ shape: [...shape] }));
  layer.apply(given.length === 1 && given[0] ? given[0] : given);
  return layer;
}

for (const one of cases) {
  const { className, config, weights } = one;
  test(`${className} ${JSON.stringify(config)} begins as in Keras`, () => {
    const layer = built(one);
    assert.deepEqual(
      layer.weights.map(({ originalName, shape, trainable }) => [originalName.split('/').at(-1), shape, trainable]),
      weights.map(([name, shape, , trains]) => [name, [...shape], trains ?? true]),
    );
    layer.weights.forEach((weight, i) => {
      const values = Float32Array.from(weight.read().dataSync());
      const initial = weights[i]?.[2] ?? NaN;
      const what = weight.originalName;
      if (typeof initial === 'number') {
        assert.ok(
          values.every((value) => value === Math.fround(initial)),
          what,
        );
        return;
      }
      const [fanIn, fanOut] = initial.glorot;
      const limit = Math.sqrt(6 / (fanIn + fanOut));
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      assert.ok(largest <= limit && largest > 0.9 * limit, `${what}: up to ${largest}, with a limit of ${limit}`);
      assert.ok(Math.abs(mean) < (6 * limit) / Math.sqrt(3 * values.length), `${what}: ${mean} in the mean`);
    });
    layer.dispose();
  });
}

test('where weights are to be loaded, no kernel is drawn', () => {
  for (const one of cases) {
    const layer = built(one, zeroInitializers(one.className));
    layer.weights.forEach((weight, i) => {
      if (typeof one.weights[i]?.[2] === 'number') return;
      assert.ok(
        weight
          .read()
          .dataSync()
          .every((value) => value === 0),
        weight.originalName,
      );
    });
    layer.dispose();
  }
});
