import assert from 'node:assert/strict';
import { test } from 'node:test';

import { lbfgs } from '../../../src/runtime/train/lbfgs.js';

test('L-BFGS finds the minimum of the Rosenbrock function', async () => {
  const rosenbrock = ([x = 0, y = 0]: Float64Array) =>
    Promise.resolve({
      value: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
      gradient: Float64Array.of(-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)),
    });
  const [x = 0, y = 0] = await lbfgs(rosenbrock, Float64Array.of(-1.2, 1), { tolerance: 1e-8 });
  assert.ok(Math.abs(x - 1) < 1e-5 && Math.abs(y - 1) < 1e-5, `${x}, ${y}`);
});
