import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { sapling } from '../../../../src/runtime/bases/definitions/index.js';
import { programOf } from '../../../../src/runtime/graph/index.js';
import { pixelRunner } from '../../../support/engines.js';
import { pixels, relativeDifference } from '../../../support/made-up.js';

test('sapling equals the network that was trained', async () => {
  const { pooled } = JSON.parse(readFileSync(path.resolve('test/fixtures/sapling/golden.json'), 'utf8')) as {
    pooled: number[];
  };
  const model = await sapling();
  const runner = pixelRunner(programOf(model), { preprocessing: 'tf', size: [128, 128] });
  const [map = new Float32Array()] = await runner.run(pixels(128, 128), 1);
  await runner.dispose();
  const received = pooled.map((_, c) => {
    let sum = 0;
    for (let i = c; i < map.length; i += pooled.length) sum += map[i] ?? 0;
    return sum / (map.length / pooled.length);
  });
  assert.ok(relativeDifference(received, pooled) < 1e-4, String(relativeDifference(received, pooled)));
  assert.equal(model.countParams(), sapling.definitions[0]?.parameters);
  for (const [name] of sapling.definitions[0]?.freezePoints ?? []) assert.ok(model.getLayer(name));
  model.dispose();
});

test('sapling is small', () => {
  assert.ok(statSync(path.resolve('models/sapling/weights.bin')).size <= 4_000_000);
});
