import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { PictureIndex, imageFolder } from '../../../src/runtime/data/index.js';
import { pictureFolder, temporaryFolder } from '../../support/pictures.js';

const options = { size: [16, 16], seed: 3 } as const;
interface Facts {
  hash: string;
  width: number;
  height: number;
}

/** The files looked into while reading a folder, and what was read. */
async function read(folder: string, file: string) {
  const index = await PictureIndex.open(file);
  const looked: string[] = [];
  const watched = Object.create(index, {
    facts: {
      value: (name: string, look: () => Promise<Facts>) =>
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

test('the second look at a folder reads no picture; what changed is read again', async () => {
  const folder = await pictureFolder(['a', 'b'], 4);
  const file = path.join(temporaryFolder(), 'index.json');
  for (const name of ['a', 'b'])
    for (const picture of readdirSync(path.join(folder, name))) utimesSync(path.join(folder, name, picture), 1e9, 1e9);
  const first = await read(folder, file);
  assert.equal(first.looked.length, 8);
  const second = await read(folder, file);
  assert.deepEqual(second.looked, []);
  assert.deepEqual(second.data, first.data);

  copyFileSync(path.join(folder, 'a', '0.png'), path.join(folder, 'b', '0.png'));
  rmSync(path.join(folder, 'b', '1.png'));
  const third = await read(folder, file);
  assert.deepEqual(third.looked, [path.join('b', '0.png')]);
  assert.notEqual(third.data.hash, first.data.hash);
  // Changed a moment ago: it may change again within the same time stamp, so it is not remembered.
  assert.deepEqual((await read(folder, file)).looked, [path.join('b', '0.png')]);

  writeFileSync(file, '{"version":1,"rows":[[1,2],["x"]');
  assert.equal((await read(folder, file)).looked.length, 7);
});
