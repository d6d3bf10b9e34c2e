import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { mock, test } from 'node:test';

import { PictureIndex, imageFolder } from '../../../../src/runtime/data/index.js';
import type { PictureFacts } from '../../../../src/runtime/data/image/picture.js';
import { uniform } from '../../../../src/common/random.js';
import { patch, pictureFolder, temporaryFolder } from '../../../support/pictures.js';

const options = { size: [16, 16], seed: 3 } as const;

/** The files looked into while reading a folder, and what was read. */
async function read(folder: string, indexes: string) {
  const index = await PictureIndex.open(indexes, folder);
  const looked: string[] = [];
  const watched = Object.create(index, {
    facts: {
      value: (name: string, look: () => Promise<PictureFacts>) =>
        index.facts(name, () => {
          looked.push(path.relative(folder, name));
          return look();
        }),
    },
  }) as PictureIndex;
  const data = await imageFolder(folder, { ...options, index: watched });
  await index.save();
  return { data, looked };
}

/** Files that were made just now are not remembered: lets `ms` pass. */
async function later<T>(ms: number, work: () => Promise<T>): Promise<T> {
  const now = Date.now();
  const clock = mock.method(Date, 'now', () => now + ms);
  try {
    return await work();
  } finally {
    clock.mock.restore();
  }
}

const indexFile = (indexes: string) => path.join(indexes, readdirSync(indexes)[0] ?? '');

test('the second look at a folder reads no picture; what changed is read again', async () => {
  const folder = await pictureFolder(['a', 'b'], 4);
  const indexes = temporaryFolder();
  // Changed a moment ago: it may change again within the same time stamp, so it is not remembered.
  assert.equal((await read(folder, indexes)).looked.length, 8);
  const first = await later(5_000, () => read(folder, indexes));
  assert.equal(first.looked.length, 8);
  const second = await read(folder, indexes);
  assert.deepEqual(second.looked, []);
  assert.deepEqual(second.data, first.data);

  copyFileSync(path.join(folder, 'a', '0.png'), path.join(folder, 'b', '0.png'));
  rmSync(path.join(folder, 'b', '1.png'));
  const third = await read(folder, indexes);
  assert.deepEqual(third.looked, [path.join('b', '0.png')]);
  assert.notEqual(third.data.hash, first.data.hash);
  assert.deepEqual((await read(folder, indexes)).looked, [path.join('b', '0.png')]);
});

test('another content under the same length and the same time of change is read', async () => {
  const folder = await pictureFolder(['a', 'b'], 2);
  const indexes = temporaryFolder();
  const file = path.join(folder, 'a', '0.png');
  utimesSync(file, 1e9, 1e9);
  const { data } = await later(5_000, () => read(folder, indexes));
  const { mtimeMs } = statSync(file);
  const bytes = readFileSync(file);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  writeFileSync(file, bytes);
  utimesSync(file, 1e9, 1e9);
  assert.equal(statSync(file).mtimeMs, mtimeMs);
  const again = await read(folder, indexes);
  assert.deepEqual(again.looked, [path.join('a', '0.png')]);
  assert.notEqual(again.data.hash, data.hash);
});

test('an index in which one byte is another is no index', async () => {
  const folder = await pictureFolder(['a', 'b'], 2);
  const indexes = temporaryFolder();
  const { data } = await later(5_000, () => read(folder, indexes));
  const file = indexFile(indexes);
  const whole = readFileSync(file);
  const random = uniform(1);
  for (let i = 0; i < 60; i++) {
    const damaged = Buffer.from(whole);
    const at = Math.floor(random() * damaged.length);
    damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << Math.floor(random() * 8)), at);
    writeFileSync(file, i % 10 === 0 ? whole.subarray(0, at) : damaged);
    const again = await read(folder, indexes);
    assert.equal(again.looked.length, 4, `byte ${at}: ${damaged.toString('latin1', Math.max(0, at - 20), at + 20)}`);
    assert.deepEqual(again.data, data);
  }
  // The same index is taken when it is whole: what was refused above was refused for its damage.
  writeFileSync(file, whole);
  assert.deepEqual((await read(folder, indexes)).looked, []);
});

test('rows that no look at a picture gives are no index, whatever their checksum', async () => {
  const folder = await pictureFolder(['a', 'b'], 2);
  const indexes = temporaryFolder();
  await later(5_000, () => read(folder, indexes));
  const file = indexFile(indexes);
  const { rows } = JSON.parse(readFileSync(file, 'utf8')) as { rows: unknown[][] };
  for (const [column, value] of [
    [2, 'f'.repeat(63)],
    [3, 'svg'],
    [4, -24],
    [4, 1.5],
    [5, '24'],
    [5, 0],
  ] as const) {
    const changed = rows.map((row, i) => (i === 0 ? row.map((cell, c) => (c === column ? value : cell)) : row));
    const checksum = createHash('sha256').update(JSON.stringify(changed)).digest('hex');
    writeFileSync(file, JSON.stringify({ version: 2, checksum, rows: changed }));
    assert.equal((await read(folder, indexes)).looked.length, 4, `${column}: ${value}`);
  }
});

test('indexes are forgotten, and nothing else beside them', async () => {
  const indexes = temporaryFolder();
  const folder = await pictureFolder(['a', 'b'], 2);
  await later(5_000, () => read(folder, indexes));
  await patch('#c03020', 1).png().toFile(path.join(indexes, 'holiday.png'));
  mkdirSync(path.join(indexes, 'more'));
  assert.equal(readdirSync(indexes).length, 3);
  await PictureIndex.forget(indexes);
  assert.deepEqual(readdirSync(indexes).sort(), ['holiday.png', 'more']);
  await PictureIndex.forget(path.join(indexes, 'not there'));
});
