import assert from 'node:assert/strict';
import test from 'node:test';

import { BatchSeries } from '../../../../src/extension/panel/batch-series.js';

function fill(series: BatchSeries, count: number, loss: (i: number) => number): void {
  for (let i = 0; i < count; i++)
    if (series.offer()) series.add({ x: i, loss: loss(i), accuracy: 0.5, offset: i * 200 });
}

test('a short stream is kept whole', () => {
  const series = new BatchSeries(8);
  fill(series, 5, (i) => i / 10);
  assert.deepEqual(series.all(), { x: [0, 1, 2, 3, 4], loss: [0, 0.1, 0.2, 0.3, 0.4], accuracy: Array(5).fill(0.5) });
});

test('a long stream keeps a bounded number of points, its spikes and its order', () => {
  const series = new BatchSeries(8);
  fill(series, 16, (i) => (i === 5 ? 9 : i === 10 ? -9 : 1));
  const { x, loss } = series.all();
  assert.equal(x.length, 8);
  assert.ok(x.includes(5) && loss.includes(9));
  assert.ok(x.includes(10) && loss.includes(-9));
  assert.deepEqual(
    x,
    [...x].sort((a, b) => a - b),
  );
  fill(series, 0, () => 0);
  assert.equal(series.count, 16);
});

test('a patch holds what is new; after thinning out it is everything', () => {
  const series = new BatchSeries(4);
  fill(series, 3, () => 1);
  assert.deepEqual(series.takePatch()?.rows.x, [0, 1, 2]);
  assert.equal(series.takePatch(), undefined);
  series.add({ x: 3, loss: 1, accuracy: 1, offset: 0 });
  assert.deepEqual(series.takePatch(), { from: 3, rows: { x: [3], loss: [1], accuracy: [1] } });
  for (let x = 4; x < 8; x++) series.add({ x, loss: x, accuracy: 1, offset: 0 });
  assert.equal(series.takePatch()?.from, 0);
});

test('a resumed run replaces what it does again', () => {
  const series = new BatchSeries();
  fill(series, 5, () => 1);
  series.takePatch();
  series.add({ x: 2.5, loss: 7, accuracy: 1, offset: 0 });
  assert.deepEqual(series.all().x, [0, 1, 2, 2.5]);
  assert.deepEqual(series.takePatch(), { from: 3, rows: { x: [2.5], loss: [7], accuracy: [1] } });
});

test('a range is found in the log', () => {
  const series = new BatchSeries();
  fill(series, 10, () => 1);
  assert.deepEqual(series.bytesBetween(3, 5), { from: 400, to: 1200 });
  assert.deepEqual(series.bytesBetween(8, 20), { from: 1400 });
});
