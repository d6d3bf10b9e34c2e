import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { decodeFile } from '../../../../../src/runtime/data/image/decode.js';
import { decodeHeic } from '../../../../../src/runtime/data/image/heic/decode.js';
import { lookAt } from '../../../../../src/runtime/data/image/picture.js';
import { tiffOf } from '../../../../../src/runtime/data/image/tiff-file.js';
import { GraftError } from '../../../../../src/common/errors.js';
import { uniform } from '../../../../../src/common/random.js';
import { temporaryFolder } from '../../../../support/pictures.js';
import { failure } from '../../../../support/failure.js';

/** Made by make.py there. */
const fixtures = path.resolve('test/fixtures/heic');
const read = (name: string) => readFileSync(path.join(fixtures, name));
const spec = { size: [64, 96], resize: 'stretch' } as const;

/** The middles of the four quarters, in reading order. */
function quarters(pixels: Uint8Array): number[][] {
  return [16, 48].flatMap((y) => [24, 72].map((x) => [...pixels.subarray(3 * (96 * y + x), 3 * (96 * y + x) + 3)]));
}

const drawn = [
  [220, 30, 30],
  [30, 200, 30],
  [30, 30, 220],
  [240, 240, 240],
];
const grey = Array<number[]>(4).fill([128, 128, 128]);
for (const [name, expected] of [
  ['plain.heic', drawn],
  ['grid.heic', drawn],
  ['ten-bits.heic', drawn],
  ['alpha.heic', [[255, 255, 255], ...drawn.slice(1)]],
  ['second-is-primary.heic', drawn],
  ['turned.heic', drawn],
  ['grey.heic', grey],
] as const) {
  test(`${name} is what was drawn`, async () => {
    const file = path.join(fixtures, name);
    const { format, width, height } = await lookAt(file);
    assert.deepEqual({ format, width, height }, { format: 'heic', width: 96, height: 64 });
    const found = quarters(await decodeFile(file, spec));
    const difference = Math.max(...found.flatMap((one, i) => one.map((v, c) => Math.abs(v - (expected[i]?.[c] ?? 0)))));
    assert.ok(difference <= 3, JSON.stringify(found));
  });
}

test('colours are those of the profile in the file', async () => {
  const profile = path.join(fixtures, 'p3.icc');
  const [width, height] = [96, 64];
  const pixels = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++)
    pixels.set(drawn[2 * Number(i >= 32 * width) + Number(i % width >= 48)] ?? [], 3 * i);
  const file = path.join(temporaryFolder(), 'x.tiff');
  writeFileSync(file, tiffOf({ pixels, width, height, channels: 3 }, readFileSync(profile)));
  const [asTiff, asHeic] = [await decodeFile(file, spec), await decodeFile(path.join(fixtures, 'p3.heic'), spec)];
  const [expected, found] = [quarters(asTiff).flat(), quarters(asHeic).flat()];
  assert.ok(Math.abs((expected[0] ?? 0) - 220) > 10, 'the profile makes a difference');
  assert.ok(
    found.every((value, i) => Math.abs(value - (expected[i] ?? 0)) <= 3),
    JSON.stringify({ found, expected }),
  );
});

/** Where a box of four letters says how large the picture is. */
function withSize(heic: Buffer, width: number, height: number): Buffer {
  const at = heic.indexOf('ispe') + 8;
  heic.writeUInt32BE(width, at);
  heic.writeUInt32BE(height, at + 4);
  return heic;
}

test('a picture that is larger than its header says gets no more memory than that needs', async () => {
  const file = path.join(temporaryFolder(), 'x.heic');
  writeFileSync(file, withSize(read('flat.heic'), 96, 64));
  const before = process.memoryUsage().rss;
  const error = await failure(decodeFile(file, spec));
  assert.equal(error.message, `${file} is damaged: it begins as heic, and its pixels cannot be decoded.`);
  assert.ok(process.memoryUsage().rss - before < 150e6);
});

test('a picture over the limit is refused by its header', async () => {
  const file = path.join(temporaryFolder(), 'x.heic');
  writeFileSync(file, withSize(read('plain.heic'), 8_000, 7_000));
  assert.match(
    (await failure(decodeFile(file, spec))).message,
    /has 8000 × 7000 pixels, more than the limit of 50 million for heic/,
  );
});

test('what takes too long is given up, and the next picture is decoded', async () => {
  await assert.rejects(
    decodeHeic(read('flat.heic'), { width: 6000, height: 4000, hasAlpha: false, isDeep: false }, 0.05),
    /not decoded after 0.05 seconds/,
  );
  const { width, height, channels } = await decodeHeic(read('plain.heic'), {
    width: 96,
    height: 64,
    hasAlpha: false,
    isDeep: false,
  });
  assert.deepEqual({ width, height, channels }, { width: 96, height: 64, channels: 3 });
});

test('of 100 damaged files each is a picture or has a sentence', async () => {
  const folder = temporaryFolder();
  const names = ['plain.heic', 'grid.heic', 'alpha.heic', 'turned.heic', 'ten-bits.heic'];
  const random = uniform(7);
  const below = (n: number) => Math.floor(random() * n);
  const sentences =
    /^\S+ (is cut off|is damaged|cannot be used|is not a picture|has no pixels|has \d+ × \d+ pixels)\b.*\.$/;
  const outcomes = { decoded: 0, refused: 0 };
  for (let i = 0; i < 100; i++) {
    const bytes = read(names[i % names.length] ?? '');
    for (let k = below(5); k >= 0; k--) bytes[below(bytes.length)] = below(256);
    const file = path.join(folder, `${i}.jpg`);
    writeFileSync(file, i % 7 === 0 ? bytes.subarray(0, below(bytes.length - 1) + 1) : bytes);
    try {
      assert.equal((await decodeFile(file, spec)).length, 96 * 64 * 3);
      outcomes.decoded++;
    } catch (error) {
      assert.ok(error instanceof GraftError, String(error));
      assert.match(error.message, sentences);
      outcomes.refused++;
    }
  }
  assert.ok(outcomes.decoded > 5 && outcomes.refused > 50, JSON.stringify(outcomes));
});
