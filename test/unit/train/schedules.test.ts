import assert from 'node:assert/strict';
import { test } from 'node:test';

import { constant, cosine, learningRateAt, step } from '../../../src/runtime/train/schedules.js';

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
