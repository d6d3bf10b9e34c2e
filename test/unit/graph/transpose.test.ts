import assert from 'node:assert/strict';
import { test } from 'node:test';

import { transpose } from '../../../src/runtime/graph/transpose.js';
import { tf } from '../../../src/runtime/tf.js';

const cases: [number[], number[]][] = [
  [
    [3, 3, 5, 7],
    [3, 2, 0, 1],
  ],
  [
    [7, 5, 3, 2],
    [2, 3, 1, 0],
  ],
  [
    [1, 1, 4, 6],
    [3, 2, 0, 1],
  ],
  [
    [3, 3, 5, 1],
    [2, 3, 0, 1],
  ],
  [
    [4, 2, 3],
    [2, 1, 0],
  ],
  [
    [2, 3],
    [0, 1],
  ],
  [
    [1, 1],
    [1, 0],
  ],
];

for (const [shape, permutation] of cases) {
  test(`[${shape.join()}] by ${permutation.join()} is what TensorFlow.js gives`, () => {
    const size = shape.reduce((product, length) => product * length, 1);
    const data = Float32Array.from({ length: size }, (_, i) => i);
    const expected = tf.tidy(() => tf.transpose(tf.tensor(data, shape), permutation).dataSync());
    assert.deepEqual(transpose(data, shape, permutation), Float32Array.from(expected));
  });
}
