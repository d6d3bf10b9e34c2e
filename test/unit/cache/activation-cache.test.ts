import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { ActivationCache } from '../../../src/runtime/cache/activation-cache.js';
import { evict } from '../../../src/runtime/cache/evict.js';
import { GraftError } from '../../../src/common/errors.js';
import { temporaryFolder } from '../../support/pictures.js';

const record = (seed: number) => Float32Array.from({ length: 10 }, (_, i) => Math.sin(seed + i));
const shapes = [[10]];
const keys = [0, 1, 2, 3].map((i) => `key${i}`);

/** A folder with one shard of four records. */
async function filled(): Promise<{ folder: string; shard: string }> {
  const folder = path.join(temporaryFolder(), 'a');
  const cache = await ActivationCache.open(folder, shapes);
  for (const [i, key] of keys.entries()) await cache.add(key, { data: record(i), shapes });
  await cache.flush();
  await cache.close();
  return { folder, shard: path.join(folder, readdirSync(folder)[0] ?? '') };
}

/** What each key gives: the record, or nothing; another record would be a fault. */
async function readAll(folder: string): Promise<string[]> {
  const cache = await ActivationCache.open(folder, shapes);
  const there: string[] = [];
  assert.equal(cache.has('other'), false);
  for (const [i, key] of keys.entries()) {
    const target = new Float32Array(30);
    if (!(await cache.read(key, target, 20))) {
      assert.equal(cache.has(key), false);
      continue;
    }
    assert.deepEqual(target.subarray(20), record(i), key);
    there.push(key);
  }
  await cache.close();
  return there;
}

test('what was added is there after opening again, in one file', async () => {
  const { folder } = await filled();
  assert.equal(readdirSync(folder).length, 1);
  assert.deepEqual(await readAll(folder), keys);
});

test('records of several sizes keep their shapes; those that the prefix cannot give are no records of it', async () => {
  const folder = path.join(temporaryFolder(), 'a');
  const taps = [[null, 2], [1]];
  const rows = [1, 3, 3, 0].map((length, i) => ({
    data: Float32Array.from({ length: 2 * length + 1 }, (_, j) => 10 * i + j),
    shapes: [[length, 2], [1]],
  }));
  const cache = await ActivationCache.open(folder, taps);
  for (const [i, row] of rows.entries()) await cache.add(`key${i}`, row);
  await cache.flush();
  await cache.close();
  const again = await ActivationCache.open(folder, taps);
  for (const [i, { data, shapes }] of rows.entries()) {
    assert.deepEqual(again.shapesOf(`key${i}`), shapes);
    const target = new Float32Array(data.length);
    assert.ok(await again.read(`key${i}`, target, 0));
    assert.deepEqual(target, data);
  }
  await again.close();
  const other = await ActivationCache.open(folder, [[null, 3], [1]]);
  assert.equal(other.has('key0'), false);
  await other.close();
});

test('a whole shard in the folder of another prefix is none: the same keys stand for other activations there', async () => {
  const { folder, shard } = await filled();
  const other = path.join(path.dirname(folder), 'b');
  mkdirSync(other);
  copyFileSync(shard, path.join(other, path.basename(shard)));
  assert.deepEqual(await readAll(other), []);
  assert.deepEqual(readdirSync(other), []);
  assert.deepEqual(await readAll(folder), keys);
});

test('whatever byte is damaged, no key gives another record; only the damaged one is lost, or the shard with its index', async () => {
  const { folder, shard } = await filled();
  const whole = readFileSync(shard);
  const records = whole.length - 4 * 40;
  for (let at = 0; at < whole.length; at++) {
    const bytes = Buffer.from(whole);
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at);
    writeFileSync(shard, bytes);
    const there = await readAll(folder);
    const lost = at < records ? keys : [`key${Math.floor((at - records) / 40)}`];
    assert.deepEqual(
      keys.filter((key) => !there.includes(key)),
      lost,
      `byte ${at}`,
    );
    assert.equal(existsSync(shard), at >= records, `byte ${at}`);
  }
});

test('words that swap, records that swap and a shard of another size are noticed', async () => {
  const { folder, shard } = await filled();
  const whole = readFileSync(shard);
  const records = whole.length - 4 * 40;
  const swapped = (a: number, b: number, length: number) => {
    const bytes = Buffer.from(whole);
    whole.copy(bytes, records + b, records + a, records + a + length);
    whole.copy(bytes, records + a, records + b, records + b + length);
    return bytes;
  };
  for (const [what, bytes, there] of [
    ['two words of one record', swapped(0, 4, 4), ['key1', 'key2', 'key3']],
    ['two records', swapped(0, 40, 40), ['key2', 'key3']],
    ['cut off', whole.subarray(0, -1), []],
    ['longer', Buffer.concat([whole, Buffer.alloc(40)]), []],
    ['empty', Buffer.alloc(0), []],
  ] as const) {
    writeFileSync(shard, bytes);
    assert.deepEqual(await readAll(folder), there, what);
  }
});

test('damage that comes while training is noticed by the next read', async () => {
  const { folder, shard } = await filled();
  const cache = await ActivationCache.open(folder, shapes);
  const bytes = readFileSync(shard);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  writeFileSync(shard, bytes);
  assert.equal(await cache.read('key3', new Float32Array(10), 0), false);
  assert.equal(await cache.read('key2', new Float32Array(10), 0), true);
  await cache.close();
});

test('a folder that is deleted while training is made again', async () => {
  const { folder } = await filled();
  const cache = await ActivationCache.open(folder, shapes);
  rmSync(folder, { recursive: true });
  await cache.add('key9', { data: record(9), shapes });
  await cache.flush();
  const target = new Float32Array(10);
  assert.equal(await cache.read('key9', target, 0), true);
  assert.deepEqual(target, record(9));
  await cache.close();
});

test('what a killed process left is cleared; what is not the cache’s stays', async () => {
  const { folder, shard } = await filled();
  const left = [
    `${shard}.${deadProcess()}.0123abcd.tmp`,
    `${shard}.${process.pid}.0123abcd.tmp`,
    path.join(folder, 'package.json'),
  ];
  for (const file of left) writeFileSync(file, 'x');
  await readAll(folder);
  assert.deepEqual(
    left.map((file) => existsSync(file)),
    [false, true, true],
  );
});

/** The number of a process that has ended. */
function deadProcess(): string {
  return execFileSync(process.execPath, ['-e', 'console.log(process.pid)'], { encoding: 'utf8' }).trim();
}

test('a pipe in the place of a shard holds nobody up', { skip: process.platform === 'win32' }, async () => {
  const { folder, shard } = await filled();
  rmSync(shard);
  execFileSync('mkfifo', [shard]);
  assert.deepEqual(await readAll(folder), []);
});

test('a link or a file in the place of the folder is refused', async () => {
  const root = temporaryFolder();
  mkdirSync(path.join(root, 'elsewhere'));
  symlinkSync(path.join(root, 'elsewhere'), path.join(root, 'link'));
  writeFileSync(path.join(root, 'file'), '');
  for (const name of ['link', 'file'])
    await assert.rejects(ActivationCache.open(path.join(root, name), shapes), (error) => error instanceof GraftError);
});

/** A cache of prefixes, used one after the other, of 1000 bytes each. */
function prefixes(...digits: readonly string[]): string {
  const root = temporaryFolder();
  for (const [i, digit] of digits.entries()) {
    const folder = path.join(root, digit.repeat(64));
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'data.shard'), Buffer.alloc(1000));
    utimesSync(folder, 1000 + i, 1000 + i);
  }
  return root;
}

test('the least recently used folders are evicted, never the one in use', async () => {
  const root = prefixes('a', 'b', 'c');
  const left = () =>
    readdirSync(root)
      .map((name) => name[0])
      .sort();
  assert.equal(await evict(root, 2500, 'a'.repeat(64)), 2000);
  assert.deepEqual(left(), ['a', 'c']);
  assert.equal(await evict(root, 0, 'a'.repeat(64)), 1000);
  assert.deepEqual(left(), ['a']);
});

test('nothing else is evicted: other folders, what lies behind a link, folders within', async () => {
  const root = prefixes('a');
  const home = temporaryFolder();
  mkdirSync(path.join(root, 'pictures'));
  writeFileSync(path.join(root, 'pictures', 'index.json'), 'x'.repeat(1000));
  writeFileSync(path.join(home, 'precious'), 'x'.repeat(1000));
  symlinkSync(home, path.join(root, 'b'.repeat(64)));
  mkdirSync(path.join(root, 'a'.repeat(64), 'inner'));
  writeFileSync(path.join(root, 'a'.repeat(64), 'inner', 'precious'), '');
  symlinkSync(home, path.join(root, 'a'.repeat(64), 'link'));
  assert.equal(await evict(root, 0, ''), 0);
  assert.deepEqual(readdirSync(path.join(root, 'a'.repeat(64))), ['inner', 'link']);
  assert.ok(existsSync(path.join(root, 'pictures', 'index.json')));
  assert.ok(existsSync(path.join(home, 'precious')));
  assert.ok(lstatSync(path.join(root, 'b'.repeat(64))).isSymbolicLink());
});
