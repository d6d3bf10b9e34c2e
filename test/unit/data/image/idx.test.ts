import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { ChangedExample, decodeView, imageIdx } from '../../../../src/runtime/data/index.js';
import { readIdx, readIdxImage } from '../../../../src/runtime/data/image/idx-file.js';
import { present } from '../../../../src/common/errors.js';
import { failure } from '../../../support/failure.js';
import { idx } from '../../../support/idx.js';
import { temporaryFolder } from '../../../support/pictures.js';

const options = { size: [16, 16], seed: 3 } as const;
const spec = { size: [16, 16], resize: 'crop', augment: undefined, seed: 3 } as const;

function written(bytes: Uint8Array, name = 'images'): string {
  const file = path.join(temporaryFolder(), name);
  writeFileSync(file, bytes);
  return file;
}

/** Zeros without end, as far as a reader is concerned: 3.2 GB in 3 MB. */
function bomb(header: Uint8Array): Buffer {
  const member = gzipSync(Buffer.alloc(16 << 20));
  return Buffer.concat([gzipSync(header), ...Array.from({ length: 200 }, () => member)]);
}

const content = Buffer.from(Array.from({ length: 64 }, (_, i) => (i * 37) % 256));
const whole = idx([4, 4, 4], content);
const packed = gzipSync(whole);

for (const [name, bytes] of [
  ['plain', whole],
  ['gzip', packed],
  ['gzip in two members', Buffer.concat([gzipSync(whole.subarray(0, 30)), gzipSync(whole.subarray(30))])],
] as const) {
  test(`IDX: ${name}`, async () => {
    const { shape, data } = await readIdx(written(bytes));
    assert.deepEqual(shape, [4, 4, 4]);
    assert.deepEqual(Buffer.from(data), content);
  });
}

const cut = (bytes: Buffer, by: number) => bytes.subarray(0, bytes.length - by);
const damaged = Buffer.from(packed);
damaged.writeUInt8(damaged.readUInt8(damaged.length - 6) ^ 1, damaged.length - 6);
const refused: readonly (readonly [string, () => Buffer, RegExp])[] = [
  ['nothing', () => Buffer.alloc(0), /its header is cut off/],
  ['a header cut off', () => whole.subarray(0, 9), /its header is cut off/],
  ['too few bytes', () => cut(whole, 1), /it holds 63 bytes of data, its header promises 64/],
  [
    'a byte too many',
    () => Buffer.concat([whole, Buffer.of(0)]),
    /it holds more than the 64 bytes of data that its header promises/,
  ],
  [
    'a header that promises more than is read',
    () => idx([1e6, 1e3, 1e3], content),
    /promises 1000\.0 GB, more than the 1\.1 GB/,
  ],
  ['an endless gzip of a small promise', () => bomb(idx([4, 4, 4], content)), /more than the 64 bytes/],
  ['an endless gzip of a large promise', () => bomb(idx([60_000, 200, 200], content)), /promises 2\.4 GB/],
  ['a gzip cut off', () => cut(packed, 12), /unexpected end of file/],
  ['a gzip with another checksum', () => damaged, /incorrect data check/],
  ['a gzip of something else', () => gzipSync('text'), /does not start as an IDX file/],
  ['floats', () => Buffer.of(0, 0, 13, 1, 0, 0, 0, 0), /not unsigned bytes/],
  ['200 dimensions', () => Buffer.of(0, 0, 8, 200, 0, 0, 0, 0), /200 dimensions/],
  ['no dimension', () => Buffer.of(0, 0, 8, 0), /0 dimensions/],
];
for (const [name, bytes, message] of refused) {
  test(`IDX is refused at once: ${name}`, async () => {
    const file = written(bytes());
    const began = performance.now();
    const memory = process.memoryUsage.rss();
    assert.match((await failure(readIdx(file))).message, message);
    assert.ok(performance.now() - began < 5_000);
    assert.ok(process.memoryUsage.rss() - memory < 100e6);
  });
}

const million = Buffer.alloc(1_000_000);
for (const [name, images, labels, message] of [
  [
    'a million pictures without pixels',
    idx([1_000_000, 0, 0], Buffer.alloc(0)),
    idx([1_000_000], million),
    /have no pixels: they are 0 × 0/,
  ],
  ['other counts', idx([5, 2, 2], Buffer.alloc(20)), idx([4], Buffer.alloc(4)), /is \[5, 2, 2\] and .* is \[4\]/],
  ['four channels', idx([4, 2, 2, 4], Buffer.alloc(64)), idx([4], Buffer.alloc(4)), /is \[4, 2, 2, 4\]/],
  [
    'one huge picture',
    idx([1, 30_000, 30_000], Buffer.alloc(9)),
    idx([1], Buffer.alloc(1)),
    /30000 × 30000 pixels, more than/,
  ],
] as const) {
  test(`IDX files that are no data are refused at once: ${name}`, async () => {
    const files = { images: written(images), labels: written(labels, 'labels') };
    const began = performance.now();
    assert.match((await failure(imageIdx(files, options))).message, message);
    assert.ok(performance.now() - began < 2_000);
  });
}

test('IDX pictures in colour, and what is decoded is what was read', async () => {
  const pixels = Buffer.from(Array.from({ length: 4 * 12 }, (_, i) => i));
  const images = written(idx([4, 2, 2, 3], pixels));
  const labels = written(idx([4], Buffer.of(0, 1, 0, 1)), 'labels');
  const data = await imageIdx({ images, labels }, options);
  const example = present(data.train[0], 'an example');
  assert.equal((await decodeView(example, spec, 0)).length, 16 * 16 * 3);

  // Another file under the same name, of the same length: what is in memory of the old one is not used.
  writeFileSync(images, idx([4, 2, 2, 3], Buffer.from(pixels.map((value) => 255 - value))));
  assert.ok((await failure(decodeView(example, spec, 0))) instanceof ChangedExample);
  writeFileSync(images, idx([4, 2, 2, 3], pixels));
  assert.equal((await decodeView(example, spec, 0)).length, 16 * 16 * 3);
  await assert.rejects(readIdxImage(images, 4), /only 4 pictures/);
});
