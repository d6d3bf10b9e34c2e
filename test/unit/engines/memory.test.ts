import assert from 'node:assert/strict';
import { test } from 'node:test';

import { availableMemory, type MemoryFacts } from '../../../src/common/available-memory.js';
import type { Batch, TrainerOptions } from '../../../src/runtime/engines/index.js';
import { peakBytes } from '../../../src/runtime/engines/memory.js';
import { trainingGraph } from '../../../src/runtime/engines/training-graph.js';
import { programOf } from '../../../src/runtime/graph/index.js';
import { GraphBuilder } from '../../../src/runtime/graph/ir.js';
import { checkMemory } from '../../../src/runtime/train/check-memory.js';
import { adamW } from '../../../src/runtime/train/optimizers.js';
import { GraftError } from '../../../src/common/errors.js';
import { compiled, openTrainer } from '../../support/engines.js';
import { noise, tinyModel } from '../../support/made-up.js';

const options: TrainerOptions = {
  loss: { kind: 'categoricalCrossentropy', labelSmoothing: 0 },
  optimizer: adamW(),
  globalClipnorm: undefined,
  batchSize: 64,
};

test("the peak of a chain, by hand: a value lives until its last use, and an activation takes its input's place", () => {
  const b = new GraphBuilder();
  const x = b.input('x', ['N', 10]);
  const first = b.op('MatMul', [x, b.constant(new Float32Array(300), [10, 30])], {}, ['N', 30]);
  const active = b.op('Relu', [first], {}, ['N', 30]);
  const second = b.op('MatMul', [active, b.constant(new Float32Array(150), [30, 5])], {}, ['N', 5]);
  // [N, 30] and [N, 5], 4 bytes each, at the second product; the output's copy is smaller.
  assert.equal(peakBytes(b.build({ y: second }), b.values, 8), 8 * (30 + 5) * 4);
});

test('a product over batch and places is counted by what it takes, not by the name of a size', () => {
  const b = new GraphBuilder();
  const x = b.input('x', ['N', 7, 3, 4]);
  const swapped = b.op('Transpose', [x], { perm: [1, 0, 2, 3] }, [7, 'N', 3, 4]);
  const rows = b.op('Reshape', [swapped, b.int64([7, -1])], {}, [7, 'N']);
  const product = b.op('Gemm', [b.constant(new Float32Array(14), [2, 7]), rows], {}, [2, 'N']);
  assert.equal(peakBytes(b.build({ y: product }), b.values, 5), 5 * 12 * (7 + 2) * 4);
});

test('the estimate grows with the batch; the largest batch that fits is the last one below the limit', () => {
  const model = tinyModel();
  const demandOf = (batchSize: number) => {
    const { memory } = compiled('onnxruntime', programOf(model), { ...options, batchSize });
    return memory === 'unknown' ? undefined : memory;
  };
  const bytes = (batchSize: number) => demandOf(batchSize)?.bytes ?? NaN;
  assert.ok(bytes(64) > bytes(32) && bytes(32) > bytes(1));
  const demand = demandOf(64);
  const limit = bytes(23) + 1;
  assert.equal(demand?.largestBatch(limit), 23);
  assert.equal(demand.largestBatch(Infinity), 64);
  assert.equal(demand.largestBatch(1000), 0);
  // All that the backward pass needs again is in it: at the least the outputs of the first convolution, 8 × 8 × 8 numbers.
  const { graph, values } = trainingGraph(programOf(model), options.loss);
  assert.ok(peakBytes(graph, values, 64) > 64 * 8 * 8 * 8 * 4);

  const refusal = (most: number) => {
    try {
      checkMemory(demand, 64, most);
      return '';
    } catch (error) {
      assert.ok(error instanceof GraftError);
      return `${error.message} ${error.action}`;
    }
  };
  assert.equal(refusal(bytes(64)), '');
  assert.match(
    refusal(limit),
    /batches of 64 needs about .* GB .* is available.*batchSize: 23; with gradientAccumulationSteps: 3/,
  );
  assert.match(refusal(1000), /Not even a batch of 1 fits/);
  model.dispose();
});

const machine = (files: Readonly<Record<string, string>>, more: Partial<MemoryFacts> = {}): MemoryFacts => ({
  ...{ platform: 'linux', total: 32e9, free: 20e9 },
  group: (file) => files[file],
  ...more,
});
const available: Record<string, [MemoryFacts, number]> = {
  'no container': [machine({}), 20e9],
  'a container without a limit': [machine({ 'memory.max': 'max\n', 'memory.current': '5000000000\n' }), 20e9],
  'a container with a limit; files in memory are free': [
    machine({
      'memory.max': '8000000000\n',
      'memory.current': '5000000000\n',
      'memory.stat': 'anon 1\ninactive_file 2000000000\n',
    }),
    5e9,
  ],
  'a limit above what is free': [machine({ 'memory.max': '30000000000', 'memory.current': '1' }), 20e9],
  'the older kind of group': [
    machine({ 'memory/memory.limit_in_bytes': '4000000000', 'memory/memory.usage_in_bytes': '1000000000' }),
    3e9,
  ],
  macOS: [machine({}, { platform: 'darwin', free: 1e8 }), 24e9],
};
for (const [name, [facts, expected]] of Object.entries(available)) {
  test(`available memory: ${name}`, () => {
    assert.equal(availableMemory(facts), expected);
  });
}

test('memory stays flat over many steps, predictions and a smaller last batch', async () => {
  const model = tinyModel(0.3);
  const trainer = await openTrainer('onnxruntime', programOf(model), options);
  const batch = (n: number): Batch => ({
    inputs: [{ data: Float32Array.from(noise(n * 768, n)), shape: [n, 16, 16, 3] }],
    labels: { data: Float32Array.from({ length: n * 4 }, (_, i) => Number(i % 5 === 0)), shape: [n, 4] },
    weights: new Float32Array(n).fill(1),
  });
  const [whole, rest] = [batch(64), batch(17)];
  const epoch = async () => {
    for (let step = 0; step < 20; step++) await trainer.step(whole, { learningRate: 1e-3, seed: step });
    await trainer.step(rest, { learningRate: 1e-3, seed: 20 });
    await trainer.predict(whole.inputs);
    await trainer.pull();
    return process.memoryUsage.rss();
  };
  for (let i = 0; i < 5; i++) await epoch();
  const before = await epoch();
  let after = before;
  for (let i = 0; i < 15; i++) after = await epoch();
  await trainer.dispose();
  model.dispose();
  // 300 steps whose outputs and values are some 10 MB each: a leak of them would be gigabytes, of the inputs alone 60 MB.
  assert.ok(after - before < 40e6, `it grew by ${((after - before) / 1e6).toFixed(0)} MB`);
});
