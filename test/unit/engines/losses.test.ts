import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import type { Batch } from '../../../src/runtime/engines/index.js';
import { programOf } from '../../../src/runtime/graph/index.js';
import { tf } from '../../../src/runtime/tf.js';
import { sgd } from '../../../src/runtime/train/optimizers.js';
import type { LossSpec } from '../../../src/runtime/engines/specs.js';
import { openTrainer } from '../../support/engines.js';
import { fill, fixtures, noise, relativeDifference } from '../../support/made-up.js';

/** Losses and weights of five steps in Keras: test/fixtures/keras/make_losses.py, whose network and numbers these are. */
const golden = JSON.parse(readFileSync(path.join(fixtures, 'golden-losses.json'), 'utf8')) as Record<
  string,
  { losses: number[]; head: number[]; hidden: number[] }
>;

const examples = 6;
const float32 = (n: number, seed: number, f: (value: number) => number) => Float32Array.from(noise(n, seed), f);
const oneHot = (step: number) =>
  Float32Array.from({ length: examples * 3 }, (_, i) => Number(i % 3 === (Math.floor(i / 3) * 7 + step) % 3));
const several = (step: number) => float32(examples * 3, 700 + step, (value) => Number(value > 0));
const single = (step: number) => float32(examples, 800 + step, (value) => Number(value > 0));
const continuous = (step: number) => float32(examples * 3, 900 + step, (value) => value);

type Activation = 'softmax' | 'sigmoid' | 'linear';
interface Case {
  readonly loss: LossSpec;
  readonly outputs: number;
  readonly activation: Activation;
  readonly labels: (step: number) => Float32Array;
  /** The activation as a layer of its own, too. */
  readonly apart?: boolean;
}

const spec = (kind: LossSpec['kind'], labelSmoothing = 0): LossSpec => ({ kind, labelSmoothing });
const soft = { outputs: 3, activation: 'softmax', labels: oneHot, apart: true } as const;
const yesOrNo = { outputs: 3, activation: 'sigmoid', labels: several, apart: true } as const;
const cases: Record<string, Case> = {
  categoricalCrossentropy: { loss: spec('categoricalCrossentropy'), ...soft },
  'categoricalCrossentropy smoothed': { loss: spec('categoricalCrossentropy', 0.2), ...soft },
  binaryCrossentropy: { loss: spec('binaryCrossentropy'), ...yesOrNo },
  'binaryCrossentropy smoothed': { loss: spec('binaryCrossentropy', 0.2), ...yesOrNo },
  'binaryCrossentropy, one output': {
    ...{ loss: spec('binaryCrossentropy'), outputs: 1 },
    ...{ activation: 'sigmoid', labels: single },
  },
  meanSquaredError: { loss: spec('meanSquaredError'), outputs: 3, activation: 'linear', labels: continuous },
  'meanSquaredError of probabilities': { loss: spec('meanSquaredError'), ...soft },
};

function network(outputs: number, activation: Activation, apart = false): tf.LayersModel {
  const input = tf.input({ shape: [5], name: 'input' });
  const x = tf.layers.dense({ units: 7, activation: 'tanh', name: 'hidden' }).apply(input) as tf.SymbolicTensor;
  const head = tf.layers.dense({ units: outputs, activation: apart ? 'linear' : activation, name: 'head' });
  let y = head.apply(x) as tf.SymbolicTensor;
  if (apart) y = tf.layers.activation({ activation, name: 'activation' }).apply(y) as tf.SymbolicTensor;
  return fill(tf.model({ inputs: input, outputs: y }));
}

function batchOf({ outputs, labels }: Pick<Case, 'outputs' | 'labels'>, step: number): Batch {
  return {
    inputs: [{ data: float32(examples * 5, 600 + step, (value) => 2 * value), shape: [examples, 5] }],
    labels: { data: labels(step), shape: [examples, outputs] },
    weights: float32(examples, 650 + step, (value) => 1 + value),
  };
}

async function trainerFor(engine: 'wasm' | 'onnxruntime', model: tf.LayersModel, loss: LossSpec) {
  const options = { loss, optimizer: sgd(), globalClipnorm: undefined, batchSize: examples };
  return await openTrainer(engine, programOf(model), options);
}

for (const engine of ['wasm', 'onnxruntime'] as const) {
  for (const [name, given] of Object.entries(cases)) {
    for (const apart of given.apart === true ? [false, true] : [false]) {
      test(`${engine}: ${name}${apart ? ', the activation a layer of its own' : ''} trains as in Keras`, async () => {
        const { losses: expected, head, hidden } = golden[name] ?? { losses: [], head: [], hidden: [] };
        const model = network(given.outputs, given.activation, apart);
        const trainer = await trainerFor(engine, model, given.loss);
        const losses: number[] = [];
        for (let step = 0; step < expected.length; step++)
          losses.push((await trainer.step(batchOf(given, step), { learningRate: 0.3, seed: step })).loss);
        await trainer.pull();
        assert.ok(relativeDifference(losses, expected) < 1e-5, `${losses.join(' ')} instead of ${expected.join(' ')}`);
        const kernel = (layer: string) => model.getLayer(layer).weights[0]?.read().dataSync() ?? [];
        assert.ok(relativeDifference(kernel('head'), head) < 1e-5, 'head');
        assert.ok(relativeDifference(kernel('hidden'), hidden) < 1e-5, 'hidden');
        // What is predicted is what the model itself gives.
        const { inputs } = batchOf(given, 0);
        const received = await trainer.predict(inputs);
        const output = tf.tidy(() => {
          const [x] = inputs;
          return (model.predict(tf.tensor(x?.data ?? [], [examples, 5])) as tf.Tensor).dataSync();
        });
        assert.ok(relativeDifference(received.data, output) < 1e-5, 'prediction');
        assert.deepEqual(received.shape, [examples, given.outputs]);
        await trainer.dispose();
        model.dispose();
      });
    }
  }

  test(`${engine}: of numbers in units far apart, each trains as Keras trains it in standard deviations`, async () => {
    const { losses: expected, head, hidden } = golden['meanSquaredError'] ?? { losses: [], head: [], hidden: [] };
    const [deviations, means] = [
      [1000, 0.01, 3],
      [50, -2, 0],
    ] as const;
    const plain = network(3, 'linear');
    const [scale, offset] = [deviations, means] as unknown as [number, number];
    const inUnits = tf.layers.rescaling({ scale, offset }).apply(plain.outputs) as tf.SymbolicTensor;
    const model = tf.model({ inputs: plain.inputs, outputs: inUnits });
    const labels = (step: number) =>
      continuous(step).map((value, i) => value * (deviations[i % 3] ?? 1) + (means[i % 3] ?? 0));
    const trainer = await trainerFor(engine, model, { ...spec('meanSquaredError'), deviations });
    const losses: number[] = [];
    for (let step = 0; step < expected.length; step++) {
      const batch = batchOf({ outputs: 3, labels }, step);
      losses.push((await trainer.step(batch, { learningRate: 0.3, seed: step })).loss);
    }
    await trainer.pull();
    // −2 has six digits of what it is away from by hundredths.
    assert.ok(relativeDifference(losses, expected) < 1e-4, `${losses.join(' ')} instead of ${expected.join(' ')}`);
    const kernel = (layer: string) => model.getLayer(layer).weights[0]?.read().dataSync() ?? [];
    assert.ok(relativeDifference(kernel('head'), head) < 1e-4, 'head');
    assert.ok(relativeDifference(kernel('hidden'), hidden) < 1e-4, 'hidden');
    await trainer.dispose();
    model.dispose();
  });

  test(`${engine}: where examples are not of one class each, none is right or wrong`, async () => {
    const model = network(3, 'sigmoid');
    const batch = batchOf({ outputs: 3, labels: several }, 0);
    for (const countsRight of [true, false]) {
      const options = { loss: spec('binaryCrossentropy'), optimizer: sgd(), globalClipnorm: undefined, batchSize: 6 };
      const trainer = await openTrainer(engine, programOf(model), { ...options, countsRight });
      const { correct } = await trainer.step(batch, { learningRate: 0, seed: 0 });
      assert.equal(correct === undefined, !countsRight);
      await trainer.dispose();
    }
    model.dispose();
  });

  test(`${engine}: a cross-entropy of very wrong logits is finite and exact`, async () => {
    for (const kind of ['categoricalCrossentropy', 'binaryCrossentropy'] as const) {
      const model = network(2, kind === 'binaryCrossentropy' ? 'sigmoid' : 'softmax');
      const hidden = model.getLayer('hidden');
      const head = model.getLayer('head');
      tf.tidy(() => {
        // Every hidden unit is tanh(0) = 0: the logits are the biases.
        hidden.setWeights([tf.zeros([5, 7]), tf.zeros([7])]);
        head.setWeights([tf.zeros([7, 2]), tf.tensor1d([200, -200])]);
      });
      const trainer = await trainerFor(engine, model, spec(kind));
      const labels = { data: Float32Array.of(0, 1), shape: [1, 2] };
      const inputs = [{ data: new Float32Array(5), shape: [1, 5] }];
      const step = { inputs, labels, weights: Float32Array.of(1) };
      const { loss, correct } = await trainer.step(step, { learningRate: 1, seed: 1 });
      await trainer.pull();
      assert.equal(loss, kind === 'binaryCrossentropy' ? 200 : 400);
      assert.equal(correct, 0);
      // dL/dlogits is (1, −1), halved by the mean over the two outputs of binaryCrossentropy.
      const moved = kind === 'binaryCrossentropy' ? 0.5 : 1;
      assert.deepEqual([...(head.weights[1]?.read().dataSync() ?? [])], [200 - moved, -200 + moved]);
      await trainer.dispose();
      model.dispose();
    }
  });

  test(`${engine}: correct examples of one output are those on the right side of one half`, async () => {
    const model = network(1, 'sigmoid');
    for (const kind of ['binaryCrossentropy', 'meanSquaredError'] as const) {
      const trainer = await trainerFor(engine, model, spec(kind));
      const batch = batchOf({ outputs: 1, labels: single }, 0);
      const { data } = await trainer.predict(batch.inputs);
      const expected = data.reduce((sum, p, i) => sum + Number(p > 0.5 === (batch.labels.data[i] ?? 0) > 0.5), 0);
      const { correct } = await trainer.step(batch, { learningRate: 0.1, seed: 0 });
      assert.equal(correct, expected);
      assert.ok(correct > 0 && correct < examples, 'a case of each');
      await trainer.dispose();
    }
    model.dispose();
  });
}
