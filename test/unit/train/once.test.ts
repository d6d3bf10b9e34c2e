import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { mock, test } from 'node:test';

import { registerBase } from '../../../src/runtime/bases/base.js';
import { ActivationCache } from '../../../src/runtime/cache/activation-cache.js';
import { imageFolder } from '../../../src/runtime/data/index.js';
import { GraphBuilder } from '../../../src/runtime/graph/ir.js';
import { tf } from '../../../src/runtime/tf.js';
import { extractFeatures } from '../../../src/runtime/train/features.js';
import { fit } from '../../../src/runtime/train/fit.js';
import { pictureFolder, temporaryFolder } from '../../support/pictures.js';
import { inRun } from '../../support/run.js';

function made(): tf.LayersModel {
  const input = tf.input({ shape: [16, 16, 3] });
  const conv = (name: string, trainable: boolean) =>
    tf.layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, name, trainable });
  const x = conv('two', true).apply(conv('one', false).apply(input)) as tf.SymbolicTensor;
  const base = tf.model({ inputs: input, outputs: x, name: 'base' });
  registerBase(base, { name: 'base', preprocessing: 'tf', weights: 'made up', hash: 'h', licence: 'MIT' });
  return base;
}

test('fit lowers each of its two stages once for training and once for inference', async () => {
  await inRun(temporaryFolder(), async () => {
    const data = await imageFolder(await pictureFolder(['a', 'b'], 6), { size: [16, 16], seed: 1 });
    const base = made();
    const pooled = tf.layers.globalAveragePooling2d({}).apply(base.outputs) as tf.SymbolicTensor;
    const outputs = tf.layers.dense({ units: 2, activation: 'softmax' }).apply(pooled) as tf.SymbolicTensor;
    const model = tf.model({ inputs: base.inputs, outputs });
    const build = mock.method(GraphBuilder.prototype, 'build');
    await fit(model, data, { epochs: 1, headEpochs: 1, batchSize: 4, learningRate: 1e-3, seed: 1 });
    const names = build.mock.calls.map(({ arguments: [made] }) => Object.keys(made)[0]);
    build.mock.restore();
    assert.equal(names.filter((name) => name === 'loss').length, 2);
    assert.equal(names.filter((name) => name === 'outputs').length, 2);
    model.dispose();
  });
});

for (const { what, before, error } of [
  { what: 'is stopped', before: 'stop', error: { name: 'StoppedError' } },
  { what: 'finds a class without pictures', before: 'delete', error: { name: 'GraftError' } },
] as const) {
  test(`where extractFeatures ${what}, the cache is closed`, async () => {
    await inRun(temporaryFolder(), async (run) => {
      const folder = await pictureFolder(['a', 'b'], 5);
      const data = await imageFolder(folder, { size: [16, 16], seed: 1 });
      if (before === 'stop') run.control.handle('stop');
      else for (const example of ['0', '1', '2', '3', '4']) rmSync(path.join(folder, 'b', `${example}.png`));
      const close = mock.method(ActivationCache.prototype, 'close');
      data.decoded?.clear();
      await assert.rejects(extractFeatures(made(), data), error);
      assert.equal(close.mock.callCount(), 1);
      close.mock.restore();
    });
  });
}
