import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import type { ImageExample } from '../../../src/runtime/data/index.js';
import { GraftError, nearest } from '../../../src/common/errors.js';
import { evaluateOutputs } from '../../../src/runtime/evaluate/metrics.js';
import { assemble, epochBatches, itemTable, mixup } from '../../../src/runtime/train/batches.js';
import { freeze, frozenUpTo, unfreeze } from '../../../src/runtime/train/freeze.js';
import { lbfgs } from '../../../src/runtime/train/lbfgs.js';
import { readSafetensors, writeSafetensors } from '../../../src/runtime/train/safetensors.js';
import { constant, cosine, learningRateAt, step } from '../../../src/runtime/train/schedules.js';
import { SoftmaxRegression } from '../../../src/runtime/train/softmax-regression.js';
import { tinyModel } from '../../support/made-up.js';
import { temporaryFolder } from '../../support/pictures.js';

const rates = [
  { name: 'constant', schedule: constant({ peak: 0.1 }), expected: [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1] },
  {
    name: 'constant with warm-up',
    schedule: constant({ peak: 0.1, warmup: 0.2 }),
    expected: [0.05, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1],
  },
  {
    name: 'cosine',
    schedule: cosine({ peak: 1, warmup: 0.2, floor: 0.2 }),
    expected: [0.5, 1, 1, 0.9696, 0.8828, 0.7531, 0.6, 0.4469, 0.3172, 0.2304],
  },
  {
    name: 'step',
    schedule: step({ peak: 1, every: 0.3, factor: 0.5 }),
    expected: [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125],
  },
];
for (const { name, schedule, expected } of rates) {
  test(`schedule ${name}`, () => {
    assert.deepEqual(
      expected.map((_, i) => Number(learningRateAt(schedule, i, 10).toFixed(4))),
      expected,
    );
  });
}

test('freeze by name, index and depth', () => {
  const model = tinyModel();
  const trainable = () => model.layers.filter((layer) => layer.trainable).map(({ name }) => name);
  freeze(model, { upTo: 'add' });
  assert.deepEqual(trainable(), ['pool', 'dense']);
  assert.equal(frozenUpTo(model), 'add');
  freeze(model, { upTo: 2 });
  assert.deepEqual(trainable(), ['relu', 'depthwise', 'swish', 'add', 'pool', 'dense']);
  freeze(model, { upTo: -2 });
  assert.deepEqual(trainable(), ['dense']);
  freeze(model, { upTo: { depth: 0.5 } });
  assert.deepEqual(trainable(), ['relu', 'depthwise', 'swish', 'add', 'pool', 'dense']);
  freeze(model);
  assert.deepEqual(trainable(), []);
  unfreeze(model);
  assert.equal(trainable().length, model.layers.length);
  assert.throws(
    () => {
      freeze(model, { upTo: 'dens' });
    },
    (error: GraftError) => error instanceof GraftError && error.action === 'Did you mean "dense"?',
  );
  assert.throws(() => {
    freeze(model, { upTo: 99 });
  }, /has 9 layers/);
  assert.throws(() => {
    freeze(model, { upTo: { depth: 2 } });
  }, /freeze: upTo\.depth is 2/);
  model.dispose();
});

test('safetensors come back bit for bit; a cut file is refused', async () => {
  const file = path.join(temporaryFolder(), 'x.safetensors');
  const tensors = new Map([
    ['a', { data: Float32Array.of(1, -0, NaN, Infinity), shape: [2, 2] }],
    ['empty', { data: new Float32Array(0), shape: [0, 3] }],
    ['scalar', { data: Float32Array.of(3), shape: [] }],
  ]);
  await writeSafetensors(file, { tensors, metadata: { state: '{"x":1}' } });
  const back = await readSafetensors(file, 1000);
  assert.deepEqual(back.tensors, tensors);
  assert.deepEqual(back.metadata, { state: '{"x":1}' });
  truncateSync(file, 150);
  await assert.rejects(readSafetensors(file, 1000), /is not whole/);
});

const examples = Array.from({ length: 7 }, (_, i): ImageExample => ({
  id: String(i),
  label: i % 2,
  hash: String(i),
  source: { kind: 'file', path: '' },
}));

test('an epoch sees every example once, in a seeded order, its views in turn', () => {
  const items = itemTable(examples, 3);
  const ids = (epoch: number, seed: number) =>
    epochBatches(items, 3, epoch, seed).map((batch) => batch.map(({ example, view }) => `${example.id}${view}`));
  const first = ids(0, 1);
  assert.deepEqual(
    first.map(({ length }) => length),
    [3, 3, 1],
  );
  assert.deepEqual(
    first
      .flat()
      .map((id) => id[0])
      .sort(),
    ['0', '1', '2', '3', '4', '5', '6'],
  );
  assert.deepEqual(ids(0, 1), first);
  assert.notDeepEqual(ids(0, 2), first);
  const seen = new Set([0, 1, 2].flatMap((epoch) => ids(epoch, epoch).flat()));
  assert.equal(seen.size, 21);
});

test('mixup mixes inputs, labels and weights by the same share', () => {
  const items = examples.slice(0, 4).map((example) => ({ example, view: 0 }));
  const inputs = [{ data: Float32Array.of(0, 10, 20, 30), shape: [4, 1] }];
  const batch = assemble(inputs, items, 2, ({ label }) => [1, 3][label] ?? 0);
  assert.deepEqual([...batch.labels.data], [1, 0, 0, 1, 1, 0, 0, 1]);
  assert.deepEqual([...batch.weights], [1, 3, 1, 3]);
  const mixed = mixup(batch, 0.4, 5);
  assert.deepEqual(mixup(batch, 0.4, 5), mixed);
  for (let i = 0; i < 4; i++) {
    const [a = 0, b = 0] = mixed.labels.data.subarray(i * 2, i * 2 + 2);
    assert.ok(Math.abs(a + b - 1) < 1e-6);
    assert.ok(Math.abs((mixed.weights[i] ?? 0) - (a + 3 * b)) < 1e-5);
  }
});

test('metrics of a small example, by hand', () => {
  const probabilities = {
    data: Float32Array.of(0.7, 0.2, 0.1, 0.1, 0.8, 0.1, 0.3, 0.4, 0.3, 0.2, 0.2, 0.6),
    shape: [4, 3],
  };
  const { metrics, confusion, perClass, predictions } = evaluateOutputs(probabilities, [0, 1, 0, 1], ['a', 'b', 'c']);
  assert.deepEqual(predictions, [0, 1, 1, 2]);
  assert.deepEqual(confusion, [
    [1, 1, 0],
    [0, 1, 1],
    [0, 0, 0],
  ]);
  assert.equal(metrics.accuracy, 0.5);
  assert.ok(Math.abs(metrics.loss - -(Math.log(0.7) + Math.log(0.8) + Math.log(0.3) + Math.log(0.2)) / 4) < 1e-6);
  assert.deepEqual(
    perClass.map(({ precision, recall }) => [precision, recall]),
    [
      [1, 0.5],
      [0.5, 0.5],
      [0, 0],
    ],
  );
  // Over the classes that occur: there is no c.
  assert.ok(Math.abs(metrics.macroF1 - (2 / 3 + 0.5) / 2) < 1e-9);
});

test('L-BFGS finds the minimum of the Rosenbrock function', async () => {
  const rosenbrock = ([x = 0, y = 0]: Float64Array) =>
    Promise.resolve({
      value: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
      gradient: Float64Array.of(-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)),
    });
  const [x = 0, y = 0] = await lbfgs(rosenbrock, Float64Array.of(-1.2, 1), { tolerance: 1e-8 });
  assert.ok(Math.abs(x - 1) < 1e-5 && Math.abs(y - 1) < 1e-5, `${x}, ${y}`);
});

test('the gradient of softmax regression equals finite differences', async () => {
  const x = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i * 1.7));
  const regression = new SoftmaxRegression(x, [0, 1, 2, 1], 3, 3);
  const objective = regression.objective(Float32Array.of(1, 2, 0, 0.5), 0.3);
  const theta = Float64Array.from({ length: 12 }, (_, i) => Math.cos(i * 2.3));
  const { gradient } = await objective(theta);
  for (let i = 0; i < theta.length; i++) {
    const moved = (by: number) =>
      objective(theta.map((value, j) => (j === i ? value + by : value))).then(({ value }) => value);
    const expected = ((await moved(0.01)) - (await moved(-0.01))) / 0.02;
    assert.ok(Math.abs((gradient[i] ?? 0) - expected) < 1e-3, `${i}: ${gradient[i] ?? 0} instead of ${expected}`);
  }
  await regression.close();
});

test('fits that ask together get the same answers as one by one', async () => {
  const x = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i * 1.7));
  const regression = new SoftmaxRegression(x, [0, 1, 2, 1], 3, 3);
  const fits = [0, 1, 2].map((k) => ({
    objective: regression.objective(Float32Array.of(1, 2 - k, k, 0.5), 0.3),
    theta: Float64Array.from({ length: 12 }, (_, i) => Math.cos(i * 2.3 + k)),
  }));
  const together = await Promise.all(fits.map(({ objective, theta }) => objective(theta)));
  for (const [k, { objective, theta }] of fits.entries()) {
    const { value, gradient } = await objective(theta);
    assert.ok(Math.abs((together[k]?.value ?? NaN) - value) < 1e-6);
    gradient.forEach((g, i) => {
      assert.ok(Math.abs((together[k]?.gradient[i] ?? NaN) - g) < 1e-6);
    });
  }
  await regression.close();
});

test('the nearest name, or none', () => {
  assert.equal(nearest('conv4_blok6_out', ['conv4_block5_out', 'conv4_block6_out', 'conv1']), 'conv4_block6_out');
  assert.equal(nearest('zzz', ['conv1']), undefined);
  // Two of three letters wrong is another word.
  assert.equal(nearest('cat', ['car', 'dog']), 'car');
  assert.equal(nearest('cat', ['cup', 'dog']), undefined);
});
