import assert from 'node:assert/strict';
import { test } from 'node:test';

import { scale } from '../../../src/words/index.js';

const ticks: [number, number, number[]][] = [
  [0.287, 1.49, [0, 0.5, 1, 1.5]],
  [0.25, 0.98, [0.2, 0.4, 0.6, 0.8, 1]],
  [0.91, 0.97, [0.9, 0.92, 0.94, 0.96, 0.98]],
  [0, 1, [0, 0.25, 0.5, 0.75, 1]],
  [12, 12, [10, 15]],
  [NaN, NaN, [0, 0.5, 1]],
];
for (const [low, high, expected] of ticks)
  test(`an axis from ${low} to ${high} has round numbers`, () => {
    const found = scale(low, high);
    assert.deepEqual(
      found.ticks.map((tick) => Number(tick.toPrecision(6))),
      expected,
    );
    assert.ok(!(found.low > low) && !(found.high < high) && found.high > found.low);
  });
