import assert from 'node:assert/strict';
import { test } from 'node:test';

import { imageFolder } from '../../../src/runtime/data/index.js';
import { tf } from '../../../src/runtime/tf.js';
import { constantColumns, extractFeatures } from '../../../src/runtime/train/features.js';
import { events } from '../../support/cli.js';
import { pictureFolder, temporaryFolder } from '../../support/pictures.js';
import { inRun } from '../../support/run.js';

test('columns that hold one value', () => {
  assert.equal(constantColumns(Float32Array.of(1, 2, 3, 1, 5, 3, 1, 2, 3), 3), 2);
  assert.equal(constantColumns(Float32Array.of(1, 2, 3), 3), 0);
});

/** Four features per picture, of which only the first `alive` depend on it. */
function base(alive: number): tf.LayersModel {
  const input = tf.input({ shape: [16, 16, 3] });
  const layer = tf.layers.conv2d({ filters: 4, kernelSize: 1, activation: 'relu' });
  const model = tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor, name: 'poor' });
  const bias = [0, 1, 2, 3].map((feature) => (feature < alive ? 10 : -1_000));
  layer.setWeights([tf.ones([1, 1, 3, 4]), tf.tensor1d(bias)]);
  return model;
}

for (const { alive, warnings } of [
  { alive: 4, warnings: [] },
  { alive: 2, warnings: [] },
  {
    alive: 1,
    warnings: [
      {
        message: '3 of the 4 features of poor are the same for every picture.',
        action: 'Try another base, or check that its weights and its preprocessing belong together.',
      },
    ],
  },
]) {
  test(`a base of whose four features ${alive} vary`, async () => {
    await inRun(temporaryFolder(), async (run) => {
      const data = await imageFolder(await pictureFolder(['a', 'b'], 5), { size: [16, 16], seed: 1 });
      await extractFeatures(base(alive), data);
      const said = events(run.folder).flatMap((event) =>
        event.type === 'warning' ? [{ message: event.message, action: event.action }] : [],
      );
      assert.deepEqual(said, warnings);
    });
  });
}
