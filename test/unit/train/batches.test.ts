import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ImageExample } from '../../../src/runtime/data/index.js';
import { classification } from '../../../src/runtime/tasks/classification.js';
import { assemble, epochBatches, itemTable, mixup } from '../../../src/runtime/train/batches.js';

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
  const batch = assemble(inputs, items, 2, ({ label }) => [1, 3][Number(label)] ?? 0, classification.writeTarget);
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
