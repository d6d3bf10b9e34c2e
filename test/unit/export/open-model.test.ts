import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { ModelKeeper, openModel, type OpenModel } from '../../../src/runtime/export/open-model.js';
import { saveTrained } from '../../../src/runtime/export/saved-model.js';
import { tf } from '../../../src/runtime/tf.js';
import { tinyModel } from '../../support/made-up.js';
import { temporaryFolder } from '../../support/pictures.js';

async function save(folder: string, run = 'r'): Promise<void> {
  const model = tinyModel();
  await saveTrained(
    {
      ...{ model, classes: ['a', 'b', 'c', 'd'], size: [16, 16], resize: 'crop', preprocessing: 'tf' },
      ...{ base: { name: 'tiny', hash: '' }, technique: 'fine-tuning', run, dataHash: '', seed: 1 },
      metrics: { accuracy: 1, loss: 0, macroF1: 1 },
    },
    folder,
  );
  model.dispose();
}

const same = (model: OpenModel) => Promise.resolve(model);

test('a model is opened once for as long as its files hold the same bytes', async () => {
  const before = tf.memory().numTensors;
  const folder = path.join(temporaryFolder(), 'model');
  await save(folder);
  const keeper = new ModelKeeper();
  const first = await keeper.use(folder, same);
  assert.equal(await keeper.use(path.join(folder, 'model.json'), same), first);
  const held = tf.memory().numTensors - before;
  assert.equal(held, first.trained.model.weights.length);

  await save(folder, 'another');
  const second = await keeper.use(folder, same);
  assert.deepEqual([first.trained.run, second.trained.run], ['r', 'another']);
  assert.equal(tf.memory().numTensors - before, held);

  const weights = path.join(folder, 'weights.bin');
  const bytes = readFileSync(weights);
  const damaged = Buffer.from(bytes);
  damaged[8] = (damaged[8] ?? 0) ^ 1;
  writeFileSync(weights, damaged);
  await assert.rejects(keeper.use(folder, same), /weights/);
  writeFileSync(weights, bytes);
  assert.equal((await keeper.use(folder, same)).trained.run, 'another');

  await assert.rejects(keeper.use(path.join(folder, 'none'), same), /none/);
  await keeper.drop();
  assert.equal(tf.memory().numTensors, before);
});

test('work that fails leaves the model, and a model that is closed leaves nothing', async () => {
  const before = tf.memory().numTensors;
  const folder = path.join(temporaryFolder(), 'model');
  await save(folder);
  const keeper = new ModelKeeper();
  const model = await keeper.use(folder, same);
  await assert.rejects(
    keeper.use(folder, () => Promise.reject(new Error('why'))),
    /why/,
  );
  assert.equal(await keeper.use(folder, same), model);
  await keeper.drop();
  await (await openModel(folder)).close();
  assert.equal(tf.memory().numTensors, before);
});
