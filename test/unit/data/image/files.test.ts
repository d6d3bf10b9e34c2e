import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import {
  ChangedExample,
  decodeMany,
  imageCsv,
  imageFolder,
  imageIdx,
  summarizeData,
} from '../../../../src/runtime/data/index.js';
import { checkReach } from '../../../../src/runtime/data/image/scan.js';
import { failure } from '../../../support/failure.js';
import { idx } from '../../../support/idx.js';
import { patch, pictureFolder, temporaryFolder } from '../../../support/pictures.js';

const options = { size: [16, 16], seed: 3 } as const;
const spec = { size: [16, 16], resize: 'crop', augment: undefined, seed: 3 } as const;
const noPipes = process.platform === 'win32' ? 'there are no named pipes in folders' : false;

function pipe(file: string): string {
  execFileSync('mkfifo', [file]);
  return file;
}

test('pipes, devices and folders named like pictures are skipped with the reason', { skip: noPipes }, async () => {
  const folder = await pictureFolder(['a', 'b'], 4);
  pipe(path.join(folder, 'a', 'pipe.png'));
  symlinkSync('/dev/zero', path.join(folder, 'a', 'zero.png'));
  symlinkSync(pipe(path.join(folder, 'elsewhere')), path.join(folder, 'b', 'link.jpg'));
  mkdirSync(path.join(folder, 'b', 'folder.png'));
  const { report } = await imageFolder(folder, options);
  assert.deepEqual(
    report.skipped.map(({ file, reason }) => [file, reason]),
    [
      ['a/pipe.png', 'it is a named pipe, not a file'],
      ['a/zero.png', 'it is a device, not a file'],
      ['b/link.jpg', 'it is a named pipe, not a file'],
    ],
  );
});

test('a table or an IDX file that is a pipe or a device is refused at once', { skip: noPipes }, async () => {
  const folder = await pictureFolder(['a', 'b'], 2);
  const table = pipe(path.join(folder, 'labels.csv'));
  assert.match((await failure(imageCsv(table, options))).message, /labels\.csv is a named pipe, not a file/);
  assert.match((await failure(imageCsv('/dev/zero', options))).message, /\/dev\/zero is a device, not a file/);
  const labels = path.join(folder, 'labels');
  writeFileSync(labels, idx([1], Buffer.of(0)));
  for (const [files, message] of [
    [{ images: table, labels }, /is a named pipe/],
    [{ images: labels, labels: '/dev/zero' }, /is a device/],
    [{ images: labels, labels: folder }, /is a folder/],
  ] as const)
    assert.match((await failure(imageIdx(files, options))).message, message);

  // Pictures that a table names.
  rmSync(table);
  const rows = ['a/0.png,x', 'a/1.png,x', 'b/0.png,y', 'b/1.png,y', '/dev/zero,x', 'pipe,y', 'a,y', 'nothing.png,x'];
  pipe(path.join(folder, 'pipe'));
  writeFileSync(table, ['path,label', ...rows, 'nul\0.png,x'].join('\n'));
  const { report } = await imageCsv(table, options);
  assert.deepEqual(
    report.skipped.map(({ file, reason }) => [file, /a device|a named pipe|no such file/.exec(reason)?.[0]]),
    [
      ['a', 'no such file'],
      ['nothing.png', 'no such file'],
      ['nul\0.png', 'no such file'],
      ['/dev/zero', 'a device'],
      ['pipe', 'a named pipe'],
    ],
  );
});

test('a table without an end, or with a line without one, is refused', async () => {
  const file = path.join(temporaryFolder(), 'labels.csv');
  writeFileSync(file, 'path,label\n');
  truncateSync(file, 100e6);
  assert.match((await failure(summarizeData(file))).message, /has 100 MB, more than the 67 MB/);
  writeFileSync(file, `path,label\n${'x'.repeat(1 << 20)},a\n`);
  assert.match((await failure(summarizeData(file))).message, /cannot be read as a table: Max Record Size/);
});

test('a table names no files of other machines, unless it lies there', () => {
  const reach = (file: string, directory: string) => {
    checkReach(file, directory, path.win32);
  };
  for (const file of ['\\\\server\\share\\x.png', '\\\\?\\UNC\\server\\share\\x.png', '\\\\.\\pipe\\x.png'])
    assert.throws(() => {
      reach(file, 'C:\\data');
    }, /on another machine/);
  reach('D:\\pictures\\x.png', 'C:\\data');
  reach('\\\\server\\share\\x.png', '\\\\Server\\Share\\data');
  checkReach('/pictures/x.png', '/data', path.posix);
});

test('folders in folders, as deep as a path may be', async () => {
  const folder = await pictureFolder(['a', 'b'], 2);
  let deep = path.join(folder, 'a');
  // Linux allows 4,096 bytes, macOS 1,024.
  while (deep.length < (process.platform === 'linux' ? 3_900 : 900)) {
    deep = path.join(deep, 'in'.repeat(20));
    mkdirSync(deep);
  }
  await patch('#c03020', 99).png().toFile(path.join(deep, 'deep.png'));
  const data = await imageFolder(folder, options);
  assert.equal(data.train.length + data.validation.length, 5);
});

async function replace(file: string): Promise<void> {
  await patch('#2050c0', 77).png().toFile(file);
}

/** What becomes of the first picture when `change` is made after the data were read. */
const changes: readonly (readonly [string, (file: string) => Promise<void> | void, RegExp])[] = [
  ['replaced', replace, /has changed since the data were read/],
  [
    'deleted',
    (file) => {
      rmSync(file);
    },
    /cannot be read: ENOENT/,
  ],
  [
    'cut off',
    (file) => {
      truncateSync(file, 100);
    },
    /has changed/,
  ],
  [
    'emptied',
    (file) => {
      truncateSync(file, 0);
    },
    /is empty/,
  ],
  [
    'a folder now',
    (file) => {
      rmSync(file);
      mkdirSync(file);
    },
    /is a folder, not a file/,
  ],
  [
    'a link to a device',
    (file) => {
      rmSync(file);
      symlinkSync('/dev/zero', file);
    },
    /is a device, not a file/,
  ],
  [
    'a pipe',
    (file) => {
      rmSync(file);
      pipe(file);
    },
    /is a named pipe, not a file/,
  ],
];
for (const [name, change, message] of changes) {
  const needsPipe = /pipe|device/.test(name);
  test(
    `a picture that is ${name} after the data were read is an error in its place`,
    { skip: needsPipe ? noPipes : false },
    async () => {
      const folder = await pictureFolder(['a', 'b'], 2);
      const { train, validation } = await imageFolder(folder, options);
      const items = [...train, ...validation].map((example) => ({ example, view: 0 }));
      await change(path.join(folder, 'a', '0.png'));
      const found: string[] = [];
      for await (const decoded of decodeMany(items, spec)) {
        if (!('error' in decoded)) continue;
        assert.equal(items[decoded.index]?.example.id, 'a/0.png');
        assert.equal(decoded.error instanceof ChangedExample, message.source.includes('changed'));
        found.push(decoded.error.message);
      }
      assert.equal(found.length, 1);
      assert.match(found[0] ?? '', message);
    },
  );
}

const noRename = process.platform === 'win32' ? 'a folder in use cannot be renamed' : false;
test('a folder that is gone while its pictures are decoded', { skip: noRename }, async () => {
  const folder = await pictureFolder(['a', 'b'], 20);
  const { train } = await imageFolder(folder, options);
  let decoded = 0;
  let failed = 0;
  for await (const result of decodeMany(
    train.map((example) => ({ example, view: 0 })),
    spec,
    { concurrency: 2 },
  )) {
    if (decoded++ === 4) renameSync(folder, `${folder}-gone`);
    if ('error' in result) failed++;
  }
  assert.equal(existsSync(folder), false);
  assert.equal(decoded, train.length);
  assert.ok(failed >= train.length - 8, `${failed} of ${train.length}`);
});
