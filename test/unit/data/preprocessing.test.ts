import assert from 'node:assert/strict';
import { test } from 'node:test';

import { channelTransform, suits, transformed, type Preprocessing } from '../../../src/runtime/data/preprocessing.js';
import { inputsOf, programOf } from '../../../src/runtime/graph/index.js';
import { dataKinds } from '../../../src/runtime/data/index.js';
import { runnerOf } from '../../../src/runtime/engines/index.js';
import { tf } from '../../../src/runtime/tf.js';
import { pixels } from '../../support/made-up.js';

test('a deviation below 1 is of pixels from 0 to 1, as PyTorch has it', () => {
  const torch = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
  assert.deepEqual(channelTransform(torch, 3), channelTransform('torch', 3));
  assert.deepEqual(channelTransform({ mean: [0.5], std: [0.5] }, 3).offset, [-1, -1, -1]);
  assert.deepEqual(channelTransform({ mean: [120, 110, 100], std: [50] }, 3), {
    order: [0, 1, 2],
    scale: [0.02, 0.02, 0.02],
    offset: [-2.4, -2.2, -2],
  });
});

test('colours have no mean in a grey picture', () => {
  const three = { mean: [1, 2, 3], std: [1] };
  const given: readonly Preprocessing[] = ['tf', 'unit', 'none', { mean: [1], std: [1] }, 'caffe', 'torch', three];
  assert.deepEqual(
    given.map((preprocessing) => suits(preprocessing, 1)),
    [true, true, true, true, false, false, false],
  );
});

/** Pillow 12: Image.new('RGB', (1, 1), colour).convert('L').getpixel((0, 0)). */
const luminances: readonly (readonly [readonly number[], number])[] = [
  [[255, 0, 0], 76],
  [[0, 255, 0], 150],
  [[0, 0, 255], 29],
  [[255, 255, 255], 255],
  [[77, 77, 77], 77],
  [[1, 2, 250], 30],
];

test('a grey picture is the luminance that Pillow computes', () => {
  const colours = Uint8Array.from(luminances.flatMap(([colour]) => colour));
  assert.deepEqual(
    [...transformed(colours, channelTransform('none', 1))],
    luminances.map(([, grey]) => grey),
  );
});

for (const preprocessing of ['none', 'tf', { mean: [100], std: [50] }] as const)
  test(`ONNX has the same grey numbers, ${JSON.stringify(preprocessing)}`, async () => {
    const [size, n] = [[16, 16] as const, 4];
    const input = tf.input({ shape: [...size, 1] });
    const model = tf.model({ inputs: input, outputs: tf.layers.reLU().apply(input) as tf.SymbolicTensor });
    const runner = runnerOf(
      programOf(model),
      inputsOf(dataKinds.image, { size, resize: 'crop' }, preprocessing, model),
    );
    const data = pixels(16, 16, n);
    const [output] = await runner.run({ pixels: { data, shape: [n, 16, 16, 3] } });
    await runner.dispose();
    assert.deepEqual(output?.shape, [n, 16, 16, 1]);
    const expected = transformed(data, channelTransform(preprocessing, 1));
    // Whole numbers are the same; others are rounded to float32 at other places.
    const tolerance = preprocessing === 'none' ? 0 : 1e-6;
    output.data.forEach((value, i) => {
      assert.ok(Math.abs(value - Math.max(0, expected[i] ?? NaN)) <= tolerance, `${i}: ${value}`);
    });
  });
