import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { disposeModel } from '../../../../src/runtime/bases/dispose.js';
import { assignWeights } from '../../../../src/runtime/bases/files/assign.js';
import { readH5 } from '../../../../src/runtime/bases/files/h5-file.js';
import { loadBase, readModel } from '../../../../src/runtime/bases/load-base.js';
import { tf } from '../../../../src/runtime/tf.js';
import { fixtures, noise, relativeDifference } from '../../../support/made-up.js';

/** Files of Keras 2.2 to 2.15, and what they compute there: test/fixtures/keras/make_old.py. */
const folder = path.join(fixtures, 'old');
const golden = JSON.parse(readFileSync(path.join(fixtures, 'golden-old.json'), 'utf8')) as Record<string, number[]>;

function outputs(model: tf.LayersModel): Float32Array {
  const [, height = 0, width = 0] = (model.inputs[0]?.shape ?? []).map(Number);
  const values = noise(2 * height * width * 3, 5);
  const pictures = Float32Array.from(values, (value) => Math.floor((value + 0.5) * 256) / 64 - 2);
  return tf.tidy(
    () => (model.predict(tf.tensor(pictures, [2, height, width, 3])) as tf.Tensor).dataSync() as Float32Array,
  );
}

for (const [file, expected] of Object.entries(golden))
  test(`${file} gives the numbers of the Keras that wrote it, and is a base`, async () => {
    const { model } = await readModel(path.join(folder, file));
    const difference = relativeDifference(outputs(model), expected);
    assert.ok(difference < 1e-4, String(difference));
    disposeModel(model);
    const base = await loadBase(path.join(folder, file), { preprocessing: 'none' });
    assert.equal(base.outputs[0]?.shape.length, 4);
    disposeModel(base);
  });

test('every file of an old Keras has its numbers', () => {
  assert.deepEqual(
    readdirSync(folder).filter((name) => !name.startsWith('weights-')),
    Object.keys(golden).sort(),
  );
});

for (const version of ['2.2.4', '2.15.0'])
  test(`weights alone of Keras ${version} are those of the whole model`, async () => {
    const { model } = await readModel(path.join(folder, `net-${version}.h5`));
    const { config, layers } = await readH5(path.join(folder, `weights-${version}.h5`));
    assert.equal(config, undefined);
    const expected = outputs(model);
    for (const layer of model.layers)
      tf.tidy(() => {
        layer.setWeights(layer.getWeights().map((weight) => tf.zerosLike(weight)));
      });
    assignWeights(model, layers, 'weights.h5');
    assert.deepEqual(outputs(model), expected);
    disposeModel(model);
  });
