import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Batch, TrainerOptions } from '../../../src/runtime/engines/index.js';
import { programOf } from '../../../src/runtime/graph/index.js';
import { tf } from '../../../src/runtime/tf.js';
import { adamW, sgd } from '../../../src/runtime/train/optimizers.js';
import { snapshot } from '../../../src/runtime/train/weights.js';
import { openTrainer } from '../../support/engines.js';
import { golden, noise, normDifference, relativeDifference, tinyModel } from '../../support/made-up.js';

const engines = ['wasm', 'onnxruntime'] as const;

function batchOf(step: number): Batch {
  const n = 6;
  const labels = new Float32Array(n * 4);
  for (let i = 0; i < n; i++) labels[i * 4 + ((i * 7 + step) % 4)] = 1;
  return {
    inputs: [
      { data: Float32Array.from(noise(n * 16 * 16 * 3, 100 + step), (value) => value * 2), shape: [n, 16, 16, 3] },
    ],
    labels: { data: labels, shape: [n, 4] },
    weights: Float32Array.from(noise(n, 200 + step), (value) => 1 + 0.5 * value),
  };
}

const options = (optimizer: TrainerOptions['optimizer']): TrainerOptions => ({
  loss: { kind: 'categoricalCrossentropy', labelSmoothing: 0.1 },
  optimizer,
  globalClipnorm: 0.5,
  batchSize: 6,
});

const cases = [
  { name: 'adamW', optimizer: adamW({ weightDecay: 0.1 }), rate: 0.01, frozen: [] },
  { name: 'adamW frozen', optimizer: adamW({ weightDecay: 0.1 }), rate: 0.01, frozen: ['conv', 'bn'] },
  { name: 'sgd', optimizer: sgd({ momentum: 0.9 }), rate: 0.05, frozen: [] },
  { name: 'nesterov', optimizer: sgd({ momentum: 0.9, nesterov: true }), rate: 0.05, frozen: [] },
] as const;

for (const engineName of engines) {
  for (const { name, optimizer, rate, frozen } of cases) {
    test(`${engineName}: ten steps of ${name} equal Keras`, async () => {
      const expected = golden().training[name];
      assert.ok(expected);
      const model = tinyModel();
      for (const layer of frozen) model.getLayer(layer).trainable = false;
      const before = await snapshot(model.layers.filter((layer) => !layer.trainable));
      const trainer = await openTrainer(engineName, programOf(model), options(optimizer));
      const losses: number[] = [];
      for (let step = 0; step < 10; step++)
        losses.push((await trainer.step(batchOf(step), { learningRate: rate, seed: step })).loss);
      await trainer.pull();
      assert.ok(
        relativeDifference(losses, expected.losses) < 1e-4,
        `losses ${losses.join(' ')} instead of ${expected.losses.join(' ')}`,
      );
      const value = (layer: string, i: number) => model.getLayer(layer).weights[i]?.read().dataSync() ?? [];
      const weights = { dense: value('dense', 0), depthwise: value('depthwise', 0), moving_mean: value('bn', 2) };
      for (const [key, received] of Object.entries(weights)) {
        const difference = normDifference(received, expected[key as keyof typeof weights]);
        assert.ok(difference < 1e-3, `${key} differs by ${difference}`);
      }
      assert.deepEqual(
        await snapshot(model.layers.filter((layer) => !layer.trainable)),
        before,
        'frozen weights moved',
      );
      await trainer.dispose();
      model.dispose();
    });
  }

  test(`${engineName}: dropout follows the seed, and the same seed gives the same losses bit for bit`, async () => {
    const run = async (seed: number) => {
      const model = tinyModel(0.5);
      const trainer = await openTrainer(engineName, programOf(model), options(adamW()));
      const losses: number[] = [];
      for (let step = 0; step < 4; step++)
        losses.push((await trainer.step(batchOf(step), { learningRate: 0.01, seed: seed + step })).loss);
      await trainer.dispose();
      model.dispose();
      return losses;
    };
    const [first, second, other] = [await run(1), await run(1), await run(50)];
    assert.deepEqual(first, second);
    assert.notDeepEqual(first, other);
  });

  test(`${engineName}: a trainer continued from another's state takes the same steps`, async () => {
    const model = tinyModel();
    const trainer = await openTrainer(engineName, programOf(model), options(adamW()));
    for (let step = 0; step < 3; step++) await trainer.step(batchOf(step), { learningRate: 0.01, seed: step });
    await trainer.pull();
    const state = await trainer.optimizerState();
    const weights = await snapshot(model.layers);
    await trainer.step(batchOf(3), { learningRate: 0.01, seed: 3 });
    await trainer.pull();
    const expected = await snapshot(model.layers);

    const copy = tinyModel();
    const { restore } = await import('../../../src/runtime/train/weights.js');
    restore(copy.layers, weights);
    const second = await openTrainer(engineName, programOf(copy), options(adamW()));
    await second.restoreOptimizer(state);
    await second.step(batchOf(3), { learningRate: 0.01, seed: 3 });
    await second.pull();
    assert.deepEqual(await snapshot(copy.layers), expected);
    await Promise.all([trainer.dispose(), second.dispose()]);
    model.dispose();
    copy.dispose();
  });

  test(`${engineName}: steps and predictions leave no tensors behind`, async () => {
    const model = tinyModel(0.5);
    const trainer = await openTrainer(engineName, programOf(model), options(adamW()));
    const work = async () => {
      await trainer.step(batchOf(0), { learningRate: 0.01, seed: 1 });
      await trainer.predict(batchOf(1).inputs);
      await trainer.optimizerState();
      await trainer.pull();
      return tf.memory().numTensors;
    };
    const after = await work();
    for (let i = 0; i < 5; i++) assert.equal(await work(), after);
    await trainer.dispose();
    model.dispose();
  });
}
