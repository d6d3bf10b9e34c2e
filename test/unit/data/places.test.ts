import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { outsideOf, pictureFile, pictureFolder } from '../../../src/runtime/data/places.js';
import { temporaryFolder } from '../../support/pictures.js';

const posix = { skip: process.platform === 'win32' ? 'links need rights there' : false };
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

function place() {
  const root = realpathSync(temporaryFolder());
  const [workspace, photos] = [path.join(root, 'work'), path.join(root, 'photos')];
  for (const folder of [path.join(workspace, 'data', 'cat'), path.join(photos, 'cat')]) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'a.png'), png);
  }
  return { root, workspace, photos };
}

test('pictures are shown from a data folder in the workspace, and, where it is trusted, from one elsewhere', async () => {
  const { root, workspace, photos } = place();
  const open = async (directory: string, elsewhere: boolean) =>
    await pictureFolder(directory, { folders: [workspace], elsewhere });
  const data = path.join(workspace, 'data');
  for (const elsewhere of [true, false]) {
    assert.equal(await open(data, elsewhere), data);
    assert.equal(await open(workspace, elsewhere), workspace);
    assert.equal(await open(photos, elsewhere), elsewhere ? photos : undefined);
    const never = ['/', path.parse(root).root, os.homedir(), path.dirname(os.homedir()), root, path.dirname(root)];
    for (const folder of [...never, path.join(data, '..', '..'), path.join(root, 'none')])
      assert.equal(await open(folder, elsewhere), undefined, folder);
  }
});

test('a link counts as what it leads to', posix, async () => {
  const { root, workspace, photos } = place();
  const link = (name: string, to: string) => {
    symlinkSync(to, path.join(workspace, name));
    return path.join(workspace, name);
  };
  const open = async (directory: string, elsewhere: boolean) =>
    await pictureFolder(directory, { folders: [workspace], elsewhere });
  const [linked, disk, loop] = [link('photos', photos), link('disk', '/'), link('loop', path.join(workspace, 'loop'))];
  assert.deepEqual([await open(linked, true), await open(linked, false)], [photos, undefined]);
  assert.deepEqual(
    [await open(disk, true), await open(disk, false), await open(loop, true)],
    [undefined, undefined, undefined],
  );
  assert.deepEqual(await outsideOf([linked, disk], [workspace]), [linked, disk]);
  // The workspace may be opened by a link.
  symlinkSync(workspace, path.join(root, 'opened'));
  assert.deepEqual(await outsideOf([path.join(workspace, 'data')], [path.join(root, 'opened')]), []);
});

test('a script or folder that lies in none of the folders is named', async () => {
  const { root, workspace, photos } = place();
  const [inside, gone] = [path.join(workspace, 'data'), path.join(workspace, 'gone.ts')];
  const outside = [
    photos,
    path.join(root, 'gone.ts'),
    path.join(workspace, '..', 'photos'),
    `${workspace}-2`,
    path.sep,
  ];
  assert.deepEqual(await outsideOf([inside, gone, workspace, ...outside], [workspace]), outside);
  assert.deepEqual(await outsideOf([inside], []), [inside]);
});

test('a picture is one by its name and by its content, inside the folder', posix, async () => {
  const { root, workspace, photos } = place();
  const data = path.join(workspace, 'data');
  const find = async (name: string) => await pictureFile(data, name, [data]);
  writeFileSync(path.join(root, 'secret.png'), png);
  writeFileSync(path.join(data, 'key.png'), '-----BEGIN KEY-----');
  writeFileSync(path.join(data, 'run.sh'), png);
  writeFileSync(path.join(data, 'page.png'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  symlinkSync(path.join(root, 'secret.png'), path.join(data, 'link.png'));
  mkdirSync(path.join(data, 'folder.png'));
  execFileSync('mkfifo', [path.join(data, 'pipe.png')]);
  assert.equal(await find('cat/a.png'), path.join(data, 'cat', 'a.png'));
  for (const name of [
    ...['../../secret.png', path.join(root, 'secret.png'), path.join(photos, 'cat', 'a.png'), '../../photos/cat/a.png'],
    ...[
      'key.png',
      'run.sh',
      'page.png',
      'link.png',
      'folder.png',
      'pipe.png',
      'none.png',
      'digits.idx#12',
      '/dev/zero.png',
    ],
  ])
    assert.equal(await find(name), undefined, name);
});
