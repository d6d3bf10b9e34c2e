import assert from 'node:assert/strict';
import { test } from 'node:test';

import { layer } from '../../../../src/runtime/bases/build/layers.js';
import { disposeModel } from '../../../../src/runtime/bases/dispose.js';
import { assignWeights } from '../../../../src/runtime/bases/files/assign.js';
import type { LayerWeights } from '../../../../src/runtime/bases/files/h5-file.js';
import { tf } from '../../../../src/runtime/tf.js';
import { Normalization } from '../../../../src/runtime/layers/index.js';

/** Normalization → convolution → convolution with a name → normalization → convolution. */
function model(): tf.LayersModel {
  const normalization = (x: tf.SymbolicTensor) => layer(Normalization, 'normalization', { axes: [3] }, x);
  const convolution = (name: string) => tf.layers.conv2d({ filters: 1, kernelSize: 1, useBias: false, name });
  const layers = [
    convolution('conv2d'),
    convolution('stem'),
    tf.layers.batchNormalization({ name: 'batch_normalization' }),
    convolution('conv2d_1'),
  ];
  const input = tf.input({ shape: [4, 4, 1] });
  const output = layers.reduce<tf.SymbolicTensor>(
    (x, next) => next.apply(x) as tf.SymbolicTensor,
    normalization(input),
  );
  return tf.model({ inputs: input, outputs: output, name: 'network' });
}

/** Weights of so many numbers: [1, 1, 1, 1] with 4 sizes. */
const group = (layer: string, ...values: readonly (readonly [value: number, rank: 0 | 1 | 4])[]): LayerWeights => ({
  layer,
  weights: values.map(([value, rank]) => ({
    shape: Array.from({ length: rank }, () => 1),
    ...(rank > 0 ? { data: Float32Array.of(value) } : { data: undefined }),
  })),
});
const kernel = (value: number) => [value, 4] as const;
const number = (value: number) => [value, 1] as const;
const count = [9, 0] as const;
const statistics = [number(4), number(5), number(6), number(7)] as const;
const none = group('activation');

const cases: readonly [string, readonly LayerWeights[]][] = [
  [
    'by name, in whatever order',
    [
      group('conv2d_1', kernel(8)),
      group('stem', kernel(3)),
      none,
      group('conv2d', kernel(2)),
      group('batch_normalization', ...statistics),
      group('normalization', number(0), number(1)),
    ],
  ],
  [
    'by place, where the names are those of another session, and what a Normalization has seen is counted',
    [
      group('normalization_3', number(0), number(1), count),
      group('conv2d_1', kernel(2)),
      none,
      group('stem', kernel(3)),
      group('batch_normalization_1', ...statistics),
      group('conv2d_2', kernel(8)),
    ],
  ],
  [
    'a model within the model, its weights in one place',
    [
      group('normalization', number(0), number(1), count),
      group('block', kernel(2), kernel(3)),
      group('batch_normalization_1', ...statistics),
      group('conv2d_2', kernel(8)),
    ],
  ],
];

for (const [name, source] of cases) {
  test(`weights are assigned ${name}`, () => {
    const network = model();
    assignWeights(network, source, 'weights.h5');
    const values = network.layers.flatMap(({ weights }) => weights.map((weight) => weight.read().dataSync()[0]));
    assert.deepEqual(values, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    disposeModel(network);
  });
}

const [, [, shifted]] = cases as [never, [string, readonly LayerWeights[]]];
const refused: readonly [string, readonly LayerWeights[], RegExp][] = [
  [
    'a name that was chosen, at the place of another layer',
    [shifted[0], shifted[3], shifted[1], ...shifted.slice(4)].flatMap((entry) => entry ?? []),
    /does not fit network: its 5 layers with weights are not the model's 5, in their order\./,
  ],
  ['a layer less', shifted.slice(0, -1), /its 4 layers with weights are not the model's 5, in their order\./],
  ['a chosen name less', shifted.filter((entry) => entry.layer !== 'stem'), /it has no weights for the layer stem\./],
  [
    'a layer more',
    [...(cases[0]?.[1] ?? []), group('predictions', kernel(1))],
    /it has weights for 1 layers that the model lacks, the first one predictions\./,
  ],
  [
    'another shape at the place',
    shifted.map((entry) => (entry.layer === 'conv2d_2' ? group('conv2d_2', number(8)) : entry)),
    /conv2d_1\/kernel is \[1\] in it, and \[1, 1, 1, 1\] in the model\./,
  ],
];

for (const [name, source, message] of refused) {
  test(`weights are refused, and none is assigned: ${name}`, () => {
    const network = model();
    const before = network.getWeights().map((weight) => weight.dataSync()[0]);
    assert.throws(() => {
      assignWeights(network, source, 'weights.h5');
    }, message);
    assert.deepEqual(
      network.getWeights().map((weight) => weight.dataSync()[0]),
      before,
    );
    disposeModel(network);
  });
}
