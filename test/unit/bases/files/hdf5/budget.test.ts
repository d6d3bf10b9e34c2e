import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { unzipSync, zipSync } from 'fflate';
import type * as H5 from 'h5wasm/node';

import { onlyPath, showOneFile } from '../../../../../src/runtime/bases/files/hdf5/one-file.js';
import { readHdf5 } from '../../../../../src/runtime/bases/files/hdf5/read.js';
import { isDataset } from '../../../../../src/runtime/bases/files/hdf5/types.js';
import { loadBase } from '../../../../../src/runtime/bases/load-base.js';
import { readZip } from '../../../../../src/runtime/bases/files/zip-file.js';
import { checkGrowth } from '../../../../../src/common/budget.js';
import { fixtures } from '../../../../support/made-up.js';
import { editH5, failure, kerasFile, tinyWeights } from '../../../../support/model-files.js';
import { temporaryFolder } from '../../../../support/pictures.js';

test('the budget: in proportion to the file, within memory, and never of a size that is none', () => {
  const growth = { file: 'F', what: 'X', factor: 10, floor: 1000 };
  checkGrowth({ ...growth, onDisk: 1, becomes: 1000 }, 1e9);
  checkGrowth({ ...growth, onDisk: 1000, becomes: 10_000 }, 1e9);
  const refused: [number, number, RegExp][] = [
    [1000, 10_001, /^F: X would become 10001 bytes, out of 1000 bytes on disk\.$/],
    [1e9, 5e9, /^F: X needs 5 GB of memory, and 1 GB are free\.$/],
    [1000, NaN, /^F: X would become no number of bytes that there can be, out of 1000 bytes on disk\.$/],
    [1000, Infinity, /^F: X would become no number of bytes/],
  ];
  for (const [onDisk, becomes, message] of refused)
    assert.throws(
      () => {
        checkGrowth({ ...growth, onDisk, becomes }, 1e9);
      },
      { message },
    );
});

/** A new HDF5 file. */
async function h5File(fill: (file: H5.File) => void): Promise<string> {
  return await editH5(path.join(temporaryFolder(), 'x.h5'), fill, 'w');
}

test('an HDF5 file is read whole, but for the state of the optimizer', async () => {
  const root = await readHdf5(
    await h5File((file) => {
      file.create_attribute('words', ['a', 'ö']);
      file.create_attribute('word', 'b');
      const group = file.create_group('group');
      group.create_dataset({ name: 'float', data: Float32Array.of(1, 2.5), shape: [1, 2] });
      group.create_dataset({ name: 'double', data: Float64Array.of(0.5) });
      group.create_dataset({ name: 'packed', data: new Float32Array(64).fill(3), chunks: [8], compression: 9 });
      group.create_dataset({ name: 'count', data: Int32Array.of(7) });
      file.create_group('optimizer_weights').create_soft_link('/nowhere', 'link');
    }),
  );
  assert.deepEqual(Object.fromEntries(root.attributes), { words: ['a', 'ö'], word: 'b' });
  assert.deepEqual([...root.children.keys()], ['group']);
  const group = root.children.get('group');
  assert.ok(group !== undefined && !isDataset(group));
  assert.deepEqual(Object.fromEntries(group.children), {
    float: { shape: [1, 2], data: Float32Array.of(1, 2.5) },
    double: { shape: [1], data: Float32Array.of(0.5) },
    packed: { shape: [64], data: new Float32Array(64).fill(3) },
    count: { shape: [1], data: undefined },
  });
});

const hostile: readonly [string, (file: H5.File) => void, RegExp][] = [
  [
    'a dataset that unpacks to 300 times as much',
    (file) => file.create_dataset({ name: 'zeros', data: new Float32Array(20e6), chunks: [1e6], compression: 9 }),
    /with \/zeros \(20000000\) it would become 80 MB, out of 1 MB on disk/,
  ],
  [
    'several that do so together',
    (file) => {
      for (const name of ['a', 'b', 'c'])
        file.create_dataset({ name, data: new Float32Array(7e6), chunks: [1e6], compression: 9 });
    },
    /with \/c \(7000000\) it would become 84 MB, out of 1 MB on disk/,
  ],
  [
    'an external link',
    (file) => file.create_external_link(path.join(fixtures, 'tiny.h5'), '/model_weights', 'model_weights'),
    /\/model_weights in it is only a link to .*tiny\.h5/,
  ],
  ['a link to itself', (file) => file.create_soft_link('/a', 'a'), /\/a in it is only a link to \/a/],
  [
    'a group that contains its parent',
    (file) => {
      file.create_group('g');
      file.create_hard_link('/', 'g/up');
    },
    /its groups are nested deeper than 64 levels/,
  ],
];
for (const [what, fill, expected] of hostile) {
  test(`HDF5: ${what} is refused`, { timeout: 120_000 }, async () => {
    const file = await h5File(fill);
    const text = await failure(loadBase(file));
    assert.match(text, expected);
    assert.ok(text.includes(file));
  });
}

test('HDF5 sees one file and cannot write', () => {
  const written: string[] = [];
  const fileSystem: Record<string, unknown> = {
    ErrnoError: class extends Error {},
    createStream: (stream: object) => stream,
    unlink: (name: string) => written.push(name),
    mkdir: (name: string) => written.push(name),
  };
  const bytes = Uint8Array.of(1, 2, 3);
  showOneFile(fileSystem, { source: { bytes }, size: 3, mayBecome: 0, heap: 0, progress: new Int32Array(1) });
  const call = (name: string, ...args: unknown[]) => (fileSystem[name] as (...args: unknown[]) => unknown)(...args);
  for (const name of ['open', 'stat', 'lstat', 'unlink', 'mkdir', 'readdir', 'readlink', 'lookupPath'])
    assert.throws(() => call(name, '/etc/passwd'), Error, name);
  assert.deepEqual(written, []);
  const stream = call('open', onlyPath);
  const buffer = new Int8Array(4);
  assert.equal(call('read', stream, buffer, 1, 9), 3);
  assert.deepEqual([...buffer], [0, 1, 2, 3]);
  assert.equal(call('read', stream, buffer, 0, 9), 0);
});

test(
  'a file that traps HDF5 is a sentence, and the next file is read as if nothing had been',
  { timeout: 240_000 },
  async () => {
    const whole = readFileSync(path.join(fixtures, 'tiny.h5'));
    const file = path.join(temporaryFolder(), 'x.h5');
    let refused = 0;
    for (let seed = 0; seed < 12; seed++) {
      const bytes = Buffer.from(whole);
      let state = seed * 7919 + 1;
      const random = (n: number) => (state = (state * 1664525 + 1013904223) >>> 0) % n;
      // Eight-byte numbers that point somewhere else: what a structure of lists and trees cannot stand.
      for (let i = 0; i < 200; i++) bytes.writeBigUInt64LE(BigInt(random(bytes.length)), 96 + 8 * random(1500));
      writeFileSync(file, bytes);
      await readHdf5(file).catch((error: unknown) => {
        refused++;
        assert.match(String(error), /^GraftError: .*x\.h5 is not a whole Keras file: /);
      });
    }
    assert.ok(refused >= 10, String(refused));
    assert.ok((await readHdf5(path.join(fixtures, 'tiny.h5'))).children.size > 0);
  },
);

test('a file that leads HDF5 in circles is left after ten seconds', { timeout: 120_000 }, async () => {
  const bytes = readFileSync(path.join(fixtures, 'tiny.h5'));
  // One block written over another, after which the library itself never returns.
  bytes.copy(bytes, 8862, 28490, 28746);
  const file = path.join(temporaryFolder(), 'x.h5');
  writeFileSync(file, bytes);
  assert.match(await failure(readHdf5(file)), /x\.h5 is not a whole Keras file: its structure leads in circles/);
});

test('only regular files are read', { skip: process.platform === 'win32' && 'no named pipes here' }, async () => {
  const pipe = path.join(temporaryFolder(), 'x.h5');
  execFileSync('mkfifo', [pipe]);
  assert.match(await failure(loadBase(pipe)), /x\.h5 is a named pipe, not a file/);
  assert.match(await failure(loadBase('/dev/zero')), /\/dev\/zero is a device, not a file/);
});

/** The fixture, stored or deflated, with something of its zip's directory changed. */
function zipped(level: 0 | 6, change: (bytes: Buffer, header: number, end: number) => Buffer | undefined): string {
  const file = path.join(temporaryFolder(), 'x.keras');
  const bytes = Buffer.from(zipSync(unzipSync(readFileSync(path.join(fixtures, 'tiny.keras'))), { level }));
  const end = bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  // The last entry of the directory with this name, not the local one.
  const header = bytes.lastIndexOf('model.weights.h5') - 46;
  writeFileSync(file, change(bytes, header, end) ?? bytes);
  return file;
}

const zips: readonly [string, 0 | 6, (bytes: Buffer, header: number, end: number) => Buffer | undefined, RegExp][] = [
  [
    'a size of 4 GB',
    6,
    (b, h) => void b.writeUInt32LE(0xfffffff0, h + 24),
    /model\.weights\.h5 would become 4\.29 GB, out of \d+ bytes on disk/,
  ],
  [
    'more than was announced',
    6,
    (b, h) => void b.writeUInt32LE(1000, h + 24),
    /model\.weights\.h5 in it cannot be unpacked to the 1000 bytes/,
  ],
  [
    'less than was announced',
    6,
    (b, h) => void b.writeUInt32LE(90_000, h + 24),
    /unpacks to \d+ bytes, and its directory announces 90000/,
  ],
  ['two sizes of a stored entry', 0, (b, h) => void b.writeUInt32LE(1000, h + 24), /model\.weights\.h5 has two sizes/],
  [
    'one bit of the weights',
    0,
    (b) =>
      void b.writeUInt8(
        b.readUInt8(b.indexOf('\x89HDF', undefined, 'latin1') + 20_000) ^ 1,
        b.indexOf('\x89HDF', undefined, 'latin1') + 20_000,
      ),
    /model\.weights\.h5 in it is damaged \(its CRC-32 differs\)/,
  ],
  ['an encrypted entry', 6, (b, h) => void b.writeUInt16LE(1, h + 8), /model\.weights\.h5 in it is encrypted/],
  ['another method', 6, (b, h) => void b.writeUInt16LE(12, h + 10), /packed by a method that is not known \(12\)/],
  [
    'an entry elsewhere',
    6,
    (b, h) => void b.writeUInt32LE(7, h + 42),
    /model\.weights\.h5 in it is not where its directory says/,
  ],
  [
    'an entry behind the end',
    6,
    (b, h) => void b.writeUInt32LE(0x7fffffff, h + 42),
    /its directory points behind its end/,
  ],
  ['a million entries', 6, (b, _, e) => void b.writeUInt16LE(60_000, e + 10), /it announces 60000 entries/],
  ['a damaged directory', 6, (b, h) => void b.writeUInt32LE(0, h), /entry \d of its directory is damaged/],
  ['a missing zip64 directory', 6, (b, _, e) => void b.writeUInt16LE(0xffff, e + 10), /its zip64 directory is missing/],
  ['a cut file', 6, (b) => b.subarray(0, -30), /the directory at its end is missing/],
];
for (const [what, level, change, expected] of zips) {
  test(`a .keras with ${what} is refused`, async () => {
    const file = zipped(level, change);
    const text = await failure(loadBase(file));
    assert.match(text, expected);
    assert.ok(text.includes(file));
  });
}

test('a .keras without one of its parts, or with another thing for it', async () => {
  const config = unzipSync(readFileSync(path.join(fixtures, 'tiny.keras')))['config.json'] ?? new Uint8Array();
  const weights = tinyWeights();
  assert.match(await failure(loadBase(kerasFile({ 'config.json': config }))), /model\.weights\.h5 is missing in it/);
  assert.match(await failure(loadBase(kerasFile({ 'model.weights.h5': weights }))), /config\.json is missing in it/);
  const text = new TextEncoder().encode('hello');
  assert.match(
    await failure(loadBase(kerasFile({ 'config.json': config, 'model.weights.h5': text }))),
    /x\.keras is not a whole Keras file: HDF5 does not open it/,
  );
});

test('zip64 and comments are read', async () => {
  const content = Buffer.from('hello');
  const plain = Buffer.from(zipSync({ a: content }, { level: 0 }));
  const end = plain.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const [count, length, start] = [
    plain.readUInt16LE(end + 10),
    plain.readUInt32LE(end + 12),
    plain.readUInt32LE(end + 16),
  ];
  const record = Buffer.alloc(56);
  record.write('PK\x06\x06', 'latin1');
  [count, length, start].forEach((value, i) => record.writeBigUInt64LE(BigInt(value), 32 + 8 * i));
  const locator = Buffer.alloc(20);
  locator.write('PK\x06\x07', 'latin1');
  locator.writeBigUInt64LE(BigInt(end), 8);
  const last = Buffer.concat([plain.subarray(end), Buffer.from('a comment')]);
  last.writeUInt16LE(0xffff, 10);
  last.writeUInt32LE(0xffffffff, 16);
  last.writeUInt16LE(9, 20);
  const file = path.join(temporaryFolder(), 'x.zip');
  writeFileSync(file, Buffer.concat([plain.subarray(0, end), record, locator, last]));
  assert.deepEqual([...(await readZip(file, ['a', 'b']))], [['a', content]]);
});

test('what a file holds decides how it is read, not its name', async () => {
  const folder = temporaryFolder();
  for (const [name, other] of [
    ['tiny.h5', 'x.keras'],
    ['tiny.keras', 'x.h5'],
    ['tiny.keras', 'model'],
  ] as const) {
    const file = path.join(folder, other);
    cpSync(path.join(fixtures, name), file);
    (await loadBase(file)).dispose();
  }
  const weights = path.join(folder, 'w.weights.h5');
  writeFileSync(weights, tinyWeights());
  assert.match(await failure(loadBase(weights)), /w\.weights\.h5 holds weights alone, .*model\.save/);
  const onnx = path.join(folder, 'x.h5');
  writeFileSync(onnx, Buffer.from([8, 9, 18, 1, 97]));
  assert.match(await failure(loadBase(onnx)), /x\.h5 is an ONNX model, which cannot be a base so far/);
  writeFileSync(onnx, '<html>');
  assert.match(await failure(loadBase(onnx)), /x\.h5 is not a model that can be read/);
  const other = await h5File((file) => file.create_group('measurements'));
  assert.match(await failure(loadBase(other)), /x\.h5 is an HDF5 file, but not one of Keras/);
  truncateSync(other, 100);
  assert.match(await failure(loadBase(other)), /x\.h5 is not a whole Keras file: HDF5 does not open it/);
});

test('names of layers that Keras wrote in parts are put together', async () => {
  const file = path.join(temporaryFolder(), 'x.h5');
  cpSync(path.join(fixtures, 'tiny.h5'), file);
  await editH5(file, (opened) => {
    const group = opened.get('model_weights') as H5.Group;
    const names = group.get_attribute('layer_names', true) as string[];
    group.delete_attribute('layer_names');
    group.create_attribute('layer_names0', names.slice(0, 3));
    group.create_attribute('layer_names1', names.slice(3));
  });
  (await loadBase(file)).dispose();
});
