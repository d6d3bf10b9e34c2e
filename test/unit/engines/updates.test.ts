import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Batch, Trainer, TrainerOptions } from '../../../src/runtime/engines/index.js';
import { programOf } from '../../../src/runtime/graph/index.js';
import type { tf } from '../../../src/runtime/tf.js';
import { adamW, sgd } from '../../../src/runtime/train/optimizers.js';
import { snapshot, type Snapshot } from '../../../src/runtime/train/weights.js';
import { openTrainer } from '../../support/engines.js';
import { noise, relativeDifference, tinyModel } from '../../support/made-up.js';

const engines = ['wasm', 'onnxruntime'] as const;

function batchOf(n: number, step = 0): Batch {
  const labels = new Float32Array(n * 4);
  for (let i = 0; i < n; i++) labels[i * 4 + ((i * 7 + step) % 4)] = 1;
  return {
    inputs: [{ data: Float32Array.from(noise(n * 768, 100 + step), (value) => value * 2), shape: [n, 16, 16, 3] }],
    labels: { data: labels, shape: [n, 4] },
    weights: Float32Array.from(noise(n, 200 + step), (value) => 1 + value),
  };
}

/** The examples [start, end) of a batch. */
function part({ inputs, labels, weights }: Batch, start: number, end: number): Batch {
  const cut = ({ data, shape: [n = 1, ...rest] }: Batch['labels']) => {
    const size = data.length / n;
    return { data: data.slice(start * size, end * size), shape: [end - start, ...rest] };
  };
  return { inputs: inputs.map(cut), labels: cut(labels), weights: weights.slice(start, end) };
}

const options = (more: Partial<TrainerOptions> = {}): TrainerOptions => ({
  loss: { kind: 'categoricalCrossentropy', labelSmoothing: 0 },
  optimizer: adamW(),
  globalClipnorm: undefined,
  batchSize: 8,
  ...more,
});

/** Trains a new model and returns its weights. */
async function train(
  engine: (typeof engines)[number],
  work: (trainer: Trainer) => Promise<void>,
  more: (model: tf.LayersModel) => Partial<TrainerOptions> = () => ({}),
): Promise<Snapshot> {
  const model = tinyModel();
  const trainer = await openTrainer(engine, programOf(model), options(more(model)));
  await work(trainer);
  await trainer.pull();
  const weights = await snapshot(model.layers);
  await trainer.dispose();
  model.dispose();
  return weights;
}

const fixedStatistics = (model: tf.LayersModel) => ({ inference: new Set(model.layers), globalClipnorm: 0.3 });

for (const engine of engines) {
  test(`${engine}: accumulated batches, the last one smaller, make the update of the large batch`, async () => {
    const large = [0, 1, 2].map((step) => batchOf(8, step));
    const expected = await train(
      engine,
      async (trainer) => {
        for (const batch of large) await trainer.step(batch, { learningRate: 0.01, seed: 1 });
      },
      fixedStatistics,
    );
    const received = await train(
      engine,
      async (trainer) => {
        for (const batch of large) {
          for (const [start, end] of [
            [0, 3],
            [3, 6],
            [6, 8],
          ] as const)
            await trainer.step(part(batch, start, end), { learningRate: 0.01, seed: 1, accumulate: end < 8 });
        }
      },
      fixedStatistics,
    );
    for (const [name, { data }] of expected) {
      const difference = relativeDifference(received.get(name)?.data ?? [], data);
      assert.ok(difference < 1e-4, `${name} differs by ${difference}`);
    }
    const start = await train(engine, () => Promise.resolve());
    const moved = relativeDifference(expected.get('dense/0')?.data ?? [], start.get('dense/0')?.data ?? []);
    assert.ok(moved > 0.01, 'the weights have moved');
  });

  test(`${engine}: while a gradient is accumulated no weight moves`, async () => {
    const start = await train(engine, () => Promise.resolve(), fixedStatistics);
    const after = await train(
      engine,
      async (trainer) => {
        await trainer.step(batchOf(8), { learningRate: 1, seed: 1, accumulate: true });
        assert.equal((await trainer.optimizerState()).step, 0);
      },
      fixedStatistics,
    );
    assert.deepEqual(after, start);
  });

  for (const [name, optimizer] of Object.entries({ adamW: adamW({ weightDecay: 0.1 }), sgd: sgd({ momentum: 0.9 }) })) {
    test(`${engine}: ${name} with a multiplier takes that layer's steps at that share of the rate`, async () => {
      const step = (learningRate: number, learningRateMultipliers: Record<string, number>) =>
        train(
          engine,
          async (trainer) => {
            await trainer.step(batchOf(8), { learningRate, seed: 1 });
          },
          () => ({ optimizer, learningRateMultipliers }),
        );
      const [mixed, whole, half, none] = await Promise.all([
        step(0.02, { depthwise: 0.5, conv: 0 }),
        step(0.02, {}),
        step(0.01, {}),
        train(engine, () => Promise.resolve()),
      ]);
      const same = (weight: string, expected: Snapshot) => {
        assert.deepEqual(mixed.get(weight), expected.get(weight), weight);
      };
      same('dense/0', whole);
      same('depthwise/0', half);
      same('conv/0', none);
      assert.notDeepEqual(whole.get('depthwise/0'), half.get('depthwise/0'));
    });
  }

  test(`${engine}: the last, smaller batch needs no other graph, and gives what a trainer for it alone gives`, async () => {
    const work = async (batches: readonly Batch[]) => {
      const losses: number[] = [];
      await train(
        engine,
        async (trainer) => {
          for (const batch of batches) losses.push((await trainer.step(batch, { learningRate: 1e-12, seed: 1 })).loss);
        },
        fixedStatistics,
      );
      return losses;
    };
    const [, afterLarge = NaN] = await work([batchOf(8), batchOf(3, 1)]);
    const [alone = NaN] = await work([batchOf(3, 1)]);
    assert.ok(Math.abs(afterLarge - alone) < 1e-5, `${afterLarge} and ${alone}`);
  });
}
