import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LinearObjective } from '../../../src/runtime/train/linear-objective.js';

/** The classes 0, 1, 2, 1. */
const hot = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0);

test('the gradient of softmax regression equals finite differences', async () => {
  const x = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i * 1.7));
  const regression = new LinearObjective(x, hot, 3, 3, 'softmax');
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
  const regression = new LinearObjective(x, hot, 3, 3, 'softmax');
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
