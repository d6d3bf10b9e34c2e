import assert from 'node:assert/strict';
import { test } from 'node:test';

import { mobileNetV2, resNet50, sapling, squeezeNet } from '../../../src/runtime/bases/definitions/index.js';
import { runProgram, splitPrefix, type Program } from '../../../src/runtime/graph/index.js';
import type { FloatTensor } from '../../../src/common/tensor.js';
import { tf } from '../../../src/runtime/tf.js';
import { freeze, unfreeze } from '../../../src/runtime/train/freeze.js';
import { sgd } from '../../../src/runtime/train/optimizers.js';
import { restore, snapshot } from '../../../src/runtime/train/weights.js';
import { openTrainer } from '../../support/engines.js';
import { fill, noise, relativeDifference } from '../../support/made-up.js';

/**
 * Same seed, same batches, same losses: `onnxruntime` and `wasm` over 50 steps, for each base and freeze depth, as `fit` trains
 * them: the prefix computed beforehand, the base's statistics fixed. The made-up weights make every kink of a ReLU count, so
 * the rates are those at which one engine follows itself: at higher ones its own losses drift as far apart as the two
 * engines' when the weights change in the last bit, which the last test shows.
 */
const size = 32;
const input = [size, size, 3] as const;
const bare = { weights: null, includeTop: false, inputShape: input } as const;
const bases = {
  sapling: () => sapling({ inputShape: input }),
  'mobilenet-v2': () => mobileNetV2(bare),
  squeezenet: () => squeezeNet(bare),
  resnet50: () => resNet50(bare),
};

interface Case {
  readonly base: keyof typeof bases;
  /** Undefined: nothing is frozen. */
  readonly frozen?: string;
  readonly rate: number;
  /** ResNet50's many weights are slow in WebAssembly: fewer steps there. */
  readonly steps: number;
}

const cases: readonly Case[] = [
  { base: 'sapling', rate: 5e-4, steps: 50 },
  { base: 'sapling', frozen: 'conv4_block1_out', rate: 1e-2, steps: 50 },
  { base: 'sapling', frozen: 'conv5_relu', rate: 1e-2, steps: 50 },
  { base: 'mobilenet-v2', rate: 1e-5, steps: 50 },
  { base: 'mobilenet-v2', frozen: 'block_12_add', rate: 1e-3, steps: 50 },
  { base: 'mobilenet-v2', frozen: 'out_relu', rate: 1e-3, steps: 50 },
  { base: 'squeezenet', rate: 3e-4, steps: 50 },
  { base: 'squeezenet', frozen: 'fire7_concat', rate: 1e-2, steps: 50 },
  { base: 'squeezenet', frozen: 'fire9_concat', rate: 1e-2, steps: 50 },
  { base: 'resnet50', rate: 1e-7, steps: 3 },
  { base: 'resnet50', frozen: 'conv5_block1_out', rate: 1e-6, steps: 5 },
  { base: 'resnet50', frozen: 'conv5_block3_out', rate: 1e-6, steps: 50 },
];

const examples = 4;
const batches = 5;

/** Made once for each base: filling ResNet50 with numbers takes longer than training its head. */
const networks = new Map<keyof typeof bases, ReturnType<typeof makeNetwork>>();
async function network(base: keyof typeof bases) {
  const made = networks.get(base) ?? makeNetwork(base);
  networks.set(base, made);
  const { model, start } = await made;
  unfreeze(model);
  restore(model.layers, start);
  return await made;
}

async function makeNetwork(base: keyof typeof bases) {
  const made = await bases[base]();
  const x = tf.layers.globalAveragePooling2d({ name: 'pool' }).apply(made.outputs) as tf.SymbolicTensor;
  const y = tf.layers.dense({ units: 4, activation: 'softmax', name: 'head' }).apply(x) as tf.SymbolicTensor;
  const model = fill(tf.model({ inputs: made.inputs, outputs: y }));
  return { model, fixed: new Set(made.layers), start: await snapshot(model.layers) };
}

/** The inputs of the suffix for each batch. */
function tapsOf(prefix: Program | undefined): FloatTensor[][] {
  return Array.from({ length: batches }, (_, i) => {
    const shape = [examples, ...input];
    const data = Float32Array.from(noise(examples * size * size * 3, 300 + i), (value) => 2 * value);
    if (prefix === undefined) return [{ data, shape }];
    return tf.tidy(() =>
      runProgram(prefix, [tf.tensor(data, shape)], () => false).map((tap) => ({
        data: Float32Array.from(tap.dataSync()),
        shape: tap.shape,
      })),
    );
  });
}

async function lossesOf(
  engine: 'wasm' | 'onnxruntime',
  suffix: Program,
  taps: readonly FloatTensor[][],
  { rate, steps, fixed }: { rate: number; steps: number; fixed: ReadonlySet<tf.layers.Layer> },
): Promise<number[]> {
  const trainer = await openTrainer(engine, suffix, {
    loss: { kind: 'categoricalCrossentropy', labelSmoothing: 0 },
    optimizer: sgd(),
    globalClipnorm: undefined,
    inference: fixed,
    batchSize: examples,
  });
  const labels = { data: Float32Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : 0)), shape: [examples, 4] };
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const batch = { inputs: taps[step % batches] ?? [], labels, weights: new Float32Array(examples).fill(1) };
    losses.push((await trainer.step(batch, { learningRate: rate, seed: step })).loss);
  }
  await trainer.dispose();
  return losses;
}

/** Largest |a − b| / b of a step. */
const drift = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => relativeDifference([value], [b[i] ?? NaN])));

for (const { base, frozen, rate, steps } of cases) {
  test(`${base}, ${frozen === undefined ? 'nothing frozen' : `frozen up to ${frozen}`}: ${steps} steps have the same losses on both engines`, async () => {
    const { model, fixed, start } = await network(base);
    if (frozen !== undefined) freeze(model, { upTo: frozen });
    const { prefix, suffix } = splitPrefix(model);
    const taps = tapsOf(prefix);
    const received = await lossesOf('onnxruntime', suffix, taps, { rate, steps, fixed });
    restore(model.layers, start);
    const expected = await lossesOf('wasm', suffix, taps, { rate, steps, fixed });
    assert.ok(drift(received, expected) < 1e-4, `${received.join(' ')}\n${expected.join(' ')}`);
    assert.ok(
      drift([Math.min(...expected)], [expected[0] ?? NaN]) > 5e-3,
      `nothing was learned: ${expected.join(' ')}`,
    );
  });
}

test('at a high rate an engine drifts from itself as far as from the other when the weights change in the last bit', async () => {
  const { model, fixed, start } = await network('squeezenet');
  const nudged = new Map(
    [...start].map(([name, { data, shape }]) => [
      name,
      { data: data.map((value, i) => value * (1 + ((i % 3) - 1) * 2 ** -23)), shape },
    ]),
  );
  const { suffix } = splitPrefix(model);
  const options = { rate: 1e-2, steps: 50, fixed };
  const taps = tapsOf(undefined);
  const losses: number[][] = [];
  for (const [engine, weights] of [
    ['onnxruntime', start],
    ['onnxruntime', nudged],
    ['wasm', start],
  ] as const) {
    restore(model.layers, weights);
    losses.push(await lossesOf(engine, suffix, taps, options));
  }
  const [first = [], own = [], other = []] = losses;
  assert.ok(drift(own.slice(0, 1), first.slice(0, 1)) < 1e-5 && drift(other.slice(0, 1), first.slice(0, 1)) < 1e-5);
  assert.ok(drift(own, first) > 1e-3, `the last bit makes ${drift(own, first)}`);
  assert.ok(drift(other, first) < 10 * drift(own, first), `${drift(other, first)}, the last bit ${drift(own, first)}`);
});
