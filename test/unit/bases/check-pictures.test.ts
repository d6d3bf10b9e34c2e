import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkPictures } from '../../../src/runtime/bases/check-pictures.js';
import { tf } from '../../../src/runtime/tf.js';

const convolved = (shape: (number | null)[], dataFormat: 'channelsLast' | 'channelsFirst' = 'channelsLast') => {
  const input = tf.input({ shape });
  const layer = tf.layers.conv2d({ filters: 2, kernelSize: 3, dataFormat, name: 'conv' });
  return tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
};

const refused: readonly (readonly [string, () => tf.LayersModel, RegExp])[] = [
  [
    'four channels',
    () => convolved([32, 32, 4]),
    /it takes pictures of 4 channels \(\[32, 32, 4\]\), and pictures have 3 here \(red, green and blue\), or 1 \(grey\)/,
  ],
  ['any size', () => convolved([null, null, 3]), /it takes pictures of any size \(\[\?, \?, 3\]\)/],
  ['channels first', () => convolved([3, 32, 32], 'channelsFirst'), /the layer "conv" has its channels first/],
  [
    'a row of numbers',
    () => tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [8] })] }),
    /it takes \[8\], and pictures are \[height, width, 3\]/,
  ],
  [
    'two inputs',
    () => {
      const inputs = [tf.input({ shape: [8, 8, 3] }), tf.input({ shape: [8, 8, 3] })];
      return tf.model({ inputs, outputs: tf.layers.add().apply(inputs) as tf.SymbolicTensor });
    },
    /it has 2 inputs, and a picture is one/,
  ],
];

for (const [what, make, expected] of refused) {
  test(`a model of ${what} is no base`, () => {
    const model = make();
    assert.throws(() => {
      checkPictures(model, 'x.h5');
    }, expected);
    model.dispose();
  });
}

test('a model of pictures is one', () => {
  for (const channels of [1, 3]) {
    const model = convolved([32, 48, channels]);
    checkPictures(model, 'x.h5');
    model.dispose();
  }
});
