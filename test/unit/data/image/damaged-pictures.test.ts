import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import sharp from 'sharp';

import { decodeFile } from '../../../../src/runtime/data/image/decode.js';
import { uniform } from '../../../../src/common/random.js';
import { bmpOf } from '../../../support/bmp.js';
import { failure } from '../../../support/failure.js';
import { temporaryFolder } from '../../../support/pictures.js';

const side = 64;
const spec = { size: [side, side], resize: 'stretch' } as const;
const random = uniform(7);
const noise = Buffer.from(Array.from({ length: side * side * 3 }, () => Math.floor(256 * random())));
const picture = () => sharp(noise, { raw: { width: side, height: side, channels: 3 } });

const files: readonly {
  readonly name: string;
  readonly format: string;
  readonly make: () => Promise<Buffer>;
}[] = [
  { name: 'JPEG', format: 'jpg', make: () => picture().jpeg().toBuffer() },
  { name: 'progressive JPEG', format: 'jpg', make: () => picture().jpeg({ progressive: true }).toBuffer() },
  { name: 'PNG', format: 'png', make: () => picture().png().toBuffer() },
  { name: 'interlaced PNG', format: 'png', make: () => picture().png({ progressive: true }).toBuffer() },
  { name: 'WebP', format: 'webp', make: () => picture().webp().toBuffer() },
  { name: 'lossless WebP', format: 'webp', make: () => picture().webp({ lossless: true }).toBuffer() },
  { name: 'GIF', format: 'gif', make: () => picture().gif().toBuffer() },
  { name: 'BMP', format: 'bmp', make: () => Promise.resolve(bmpOf(noise, side, side)) },
  { name: 'TIFF', format: 'tiff', make: () => picture().tiff({ compression: 'none' }).toBuffer() },
  {
    name: 'TIFF in tiles',
    format: 'tiff',
    make: () => picture().tiff({ compression: 'deflate', tile: true }).toBuffer(),
  },
  { name: 'AVIF', format: 'avif', make: () => picture().avif({ effort: 0 }).toBuffer() },
  { name: 'HEIC', format: 'heic', make: () => Promise.resolve(readFileSync('test/fixtures/heic/plain.heic')) },
];

for (const { name, format, make } of files) {
  test(`${name}, cut off anywhere, is said to be`, async () => {
    const bytes = await make();
    const file = path.join(temporaryFolder(), 'x.png');
    for (const part of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      writeFileSync(file, bytes.subarray(0, Math.floor(part * bytes.length)));
      const { message, action } = await failure(decodeFile(file, spec));
      assert.equal(message, `${file} is cut off: this ${format} file ends before its picture does.`, `${part}`);
      assert.equal(action, 'Copy or download it again, or delete it.');
    }
  });

  test(`${name}, damaged, is a picture or said to be damaged, in our words`, async () => {
    const bytes = await make();
    const file = path.join(temporaryFolder(), 'x.png');
    const ours = new RegExp(
      `^x (is damaged: it begins as ${format}, and its (header cannot be read|pixels cannot be decoded)|` +
        `is cut off: this ${format} file ends before its picture does|` +
        `cannot be used: this ${format} file is of a kind that is not read here, or damaged|` +
        'is not a picture: it is none of jpg, png, webp, gif, bmp, tiff, avif and heic|has no pixels|' +
        'has \\d+ × \\d+ pixels, more than the limit of \\d+ million.*|' +
        // What a changed byte of a header can say.
        'cannot be used: (it (begins as|has|promises)|its (header|pixels|samples)|compression|a run) [^:]*)\\.$',
    );
    for (let i = 0; i < 40; i++) {
      const changed = Buffer.from(bytes);
      for (let k = 0; k < 8; k++) changed[12 + Math.floor(random() * (bytes.length - 12))] = Math.floor(256 * random());
      writeFileSync(file, changed);
      const said = await decodeFile(file, spec).then(
        ({ length }) => {
          assert.equal(length, side * side * 3);
        },
        (error: unknown) => String(error).replace(`GraftError: ${file}`, 'x'),
      );
      if (said !== undefined) assert.match(said, ours);
    }
  });
}
