import assert from 'node:assert/strict';
import { test } from 'node:test';

import { registerBase } from '../../../src/runtime/bases/base.js';
import { imageFolder } from '../../../src/runtime/data/index.js';
import { tf } from '../../../src/runtime/tf.js';
import { fit } from '../../../src/runtime/train/fit.js';
import { freeze } from '../../../src/runtime/train/freeze.js';
import type { FitOptions } from '../../../src/runtime/train/options.js';
import { events } from '../../support/cli.js';
import { pictureFolder, temporaryFolder } from '../../support/pictures.js';
import { inRun } from '../../support/run.js';

/** Three convolutions, the first frozen, and a classifier: two stages, of which the second trains three layers. */
function partlyFrozen(): tf.LayersModel {
  const input = tf.input({ shape: [16, 16, 3] });
  let x = input;
  for (const name of ['one', 'two', 'three'])
    x = tf.layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, name }).apply(x) as tf.SymbolicTensor;
  const base = tf.model({ inputs: input, outputs: x, name: 'base' });
  registerBase(base, { name: 'base', preprocessing: 'tf', weights: 'made up', hash: 'h', licence: 'MIT' });
  freeze(base, { upTo: 'one' });
  const pooled = tf.layers.globalAveragePooling2d({}).apply(x) as tf.SymbolicTensor;
  const y = tf.layers.dense({ units: 2, activation: 'softmax', name: 'head' }).apply(pooled) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: y });
}

test('a refused, a stopped and a finished training leave `trainable` as the user set it', async () => {
  await inRun(temporaryFolder(), async (run) => {
    const data = await imageFolder(await pictureFolder(['a', 'b'], 6), { size: [16, 16], seed: 1 });
    const model = partlyFrozen();
    const trainable = () => model.layers.filter((layer) => layer.trainable).map(({ name }) => name);
    const asSet = trainable();
    assert.ok(asSet.includes('two') && asSet.includes('three') && asSet.includes('head') && !asSet.includes('one'));
    const options: FitOptions = { epochs: 1, headEpochs: 1, batchSize: 4, learningRate: 1e-3, seed: 1 };

    await assert.rejects(fit(model, data, { ...options, memoryLimit: 1000 }), /of memory, and 0\.0 GB is available/);
    assert.deepEqual(trainable(), asSet);

    run.control.handle('stop');
    await assert.rejects(fit(model, data, options), { name: 'StoppedError' });
    assert.deepEqual(trainable(), asSet);
    run.control.stopRequested = false;

    // The advised second try trains what the first would have.
    await fit(model, data, options);
    assert.deepEqual(trainable(), asSet);
    const stages = events(run.folder)
      .filter((event) => event.type === 'stage')
      .slice(-2);
    const convolution = 3 * 3 * 4 * 4 + 4;
    const head = 4 * 2 + 2;
    assert.deepEqual(
      stages.map((stage) => [stage.stage, stage.trainable]),
      [
        ['head', head],
        ['fine-tune', 2 * convolution + head],
      ],
    );
    model.dispose();
  });
});
