import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { GraftError } from '../../../src/common/errors.js';
import { imageFolder } from '../../../src/runtime/data/index.js';
import { tf } from '../../../src/runtime/tf.js';
import { fit } from '../../../src/runtime/train/fit.js';
import { sgd } from '../../../src/runtime/train/optimizers.js';
import { step } from '../../../src/runtime/train/schedules.js';
import { pictureFolder, temporaryFolder } from '../../support/pictures.js';
import { inRun } from '../../support/run.js';

function model(): tf.LayersModel {
  const input = tf.input({ shape: [16, 16, 3] });
  let x = tf.layers.conv2d({ filters: 4, kernelSize: 3, strides: 2 }).apply(input) as tf.SymbolicTensor;
  x = tf.layers.globalAveragePooling2d({}).apply(x) as tf.SymbolicTensor;
  return tf.model({
    inputs: input,
    outputs: tf.layers.dense({ units: 2, activation: 'softmax' }).apply(x) as tf.SymbolicTensor,
  });
}

test('a training that goes astray leaves the model of its best epoch, and says where; before one there is none', async () => {
  await inRun(temporaryFolder(), async (run) => {
    const data = await imageFolder(await pictureFolder(['a', 'b'], 6), { size: [16, 16], seed: 1 });
    const folder = path.join(run.folder, 'model');
    const options = { epochs: 4, batchSize: 16, optimizer: sgd(), seed: 1 };
    const early = fit(model(), data, { ...options, learningRate: 1e38 });
    await assert.rejects(early, (error: GraftError) => {
      assert.ok(error instanceof GraftError);
      assert.match(
        error.message,
        /^The validation loss became NaN in epoch 1 \(head\) at a learning rate of 1\.00e\+38\./,
      );
      assert.doesNotMatch(error.action, /model/);
      return true;
    });
    assert.ok(!existsSync(folder));

    // The second half of the epochs at a rate that nothing survives.
    const later = fit(model(), data, { ...options, learningRate: step({ peak: 1e-3, every: 0.5, factor: 1e40 }) });
    await assert.rejects(later, (error: GraftError) => {
      assert.match(error.message, /^The (training|validation) loss became (NaN|Infinity) in .*epoch [34] \(head\)/);
      assert.match(error.action, /^Lower learningRate .* The model of the best epoch until then \(head [12]\) is in /);
      assert.ok(error.action.endsWith(`${folder}.`), error.action);
      return true;
    });
    const weights = new Float32Array(Uint8Array.from(readFileSync(path.join(folder, 'weights.bin'))).buffer);
    assert.ok(weights.length > 100 && weights.every(Number.isFinite));
  });
});
