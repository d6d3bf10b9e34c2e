import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { readSafetensors, writeSafetensors } from '../../../src/runtime/train/safetensors.js';
import { temporaryFolder } from '../../support/pictures.js';

test('safetensors come back bit for bit; a cut file is refused', async () => {
  const file = path.join(temporaryFolder(), 'x.safetensors');
  const tensors = new Map([
    ['a', { data: Float32Array.of(1, -0, NaN, Infinity), shape: [2, 2] }],
    ['empty', { data: new Float32Array(0), shape: [0, 3] }],
    ['scalar', { data: Float32Array.of(3), shape: [] }],
  ]);
  await writeSafetensors(file, { tensors, metadata: { state: '{"x":1}' } });
  const back = await readSafetensors(file, 1000);
  assert.deepEqual(back.tensors, tensors);
  assert.deepEqual(back.metadata, { state: '{"x":1}' });
  truncateSync(file, 150);
  await assert.rejects(readSafetensors(file, 1000), /is not whole/);
});
