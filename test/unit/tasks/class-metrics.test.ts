import assert from 'node:assert/strict';
import { test } from 'node:test';

import { evaluateOutputs } from '../../../src/runtime/tasks/class-metrics.js';

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
