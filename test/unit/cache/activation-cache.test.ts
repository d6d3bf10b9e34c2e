import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

import { ActivationCache, evict } from '../../../src/runtime/cache/activation-cache.js';
import { temporaryFolder } from '../../support/pictures.js';

const record = (seed: number) => Float32Array.from({ length: 10 }, (_, i) => Math.sin(seed + i));

async function filled(folder: string): Promise<void> {
  const cache = await ActivationCache.open(folder, 10);
  for (let i = 0; i < 4; i++) await cache.add(`key${i}`, record(i));
  await cache.flush();
  await cache.close();
}

test('what was added is there after opening again', async () => {
  const folder = path.join(temporaryFolder(), 'a');
  await filled(folder);
  const cache = await ActivationCache.open(folder, 10);
  const target = new Float32Array(30);
  assert.equal(await cache.read('key2', target, 20, true), true);
  assert.deepEqual(target.subarray(20), record(2));
  assert.equal(cache.has('other'), false);
  await cache.close();
});

test('a damaged record is found and forgotten, the others stay', async () => {
  const folder = path.join(temporaryFolder(), 'a');
  await filled(folder);
  const file = path.join(folder, readdirSync(folder).find((name) => name.endsWith('.bin')) ?? '');
  const bytes = await readFile(file);
  bytes.writeUInt8(bytes.readUInt8(45) ^ 1, 45);
  await writeFile(file, bytes);
  const cache = await ActivationCache.open(folder, 10);
  const target = new Float32Array(10);
  assert.equal(await cache.read('key1', target, 0, true), false);
  assert.equal(cache.has('key1'), false);
  assert.equal(await cache.read('key0', target, 0, true), true);
  await cache.close();
});

test('a shard that is cut off, or of another size, is thrown away', async () => {
  const folder = path.join(temporaryFolder(), 'a');
  await filled(folder);
  truncateSync(path.join(folder, readdirSync(folder).find((name) => name.endsWith('.bin')) ?? ''), 100);
  const cache = await ActivationCache.open(folder, 10);
  assert.equal(cache.has('key0'), false);
  assert.deepEqual(readdirSync(folder), ['used']);
  await cache.close();
});

test('the least recently used folders are evicted, never the one in use', async () => {
  const root = temporaryFolder();
  for (const [i, name] of ['old', 'middle', 'kept'].entries()) {
    mkdirSync(path.join(root, name));
    writeFileSync(path.join(root, name, 'data.bin'), Buffer.alloc(1000));
    writeFileSync(path.join(root, name, 'used'), '');
    utimesSync(path.join(root, name, 'used'), 1000 + i, 1000 + i);
  }
  assert.equal(await evict(root, 2500, 'old'), 2000);
  assert.deepEqual(readdirSync(root).sort(), ['kept', 'old']);
  assert.equal(await evict(root, 0, 'old'), 1000);
  assert.deepEqual(readdirSync(root), ['old']);
});
