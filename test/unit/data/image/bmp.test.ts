import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bmpHeader, decodeBmp } from '../../../../src/runtime/data/image/bmp.js';
import { bmp, bmpOf, type BmpParts } from '../../../support/bmp.js';

const [red, green, blue, grey] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [10, 20, 30],
] as const;
const palette = [red, green, blue, grey] as const;

function decode(parts: BmpParts): number[] {
  const bytes = bmp(parts);
  return [...decodeBmp(bytes, bmpHeader(bytes))];
}

const u16 = (...values: number[]) => Buffer.from(new Uint16Array(values).buffer);
const u32 = (...values: number[]) => Buffer.from(new Uint32Array(values).buffer);

/** Each is 3 × 2: red, green, blue above grey, grey, red. */
const picture = [red, green, blue, grey, grey, red].flat();
const cases: readonly (readonly [string, BmpParts])[] = [
  [
    '1 bit',
    { width: 3, height: 2, bits: 1, palette: [red, green], data: Buffer.of(0b10100000, 0, 0, 0, 0b01000000, 0, 0, 0) },
  ],
  ['4 bits', { width: 3, height: 2, bits: 4, palette, data: Buffer.of(0x33, 0x00, 0, 0, 0x01, 0x20, 0, 0) }],
  ['8 bits', { width: 3, height: 2, bits: 8, palette, data: Buffer.of(3, 3, 0, 0, 0, 1, 2, 0) }],
  ['8 bits, top down', { width: 3, height: -2, bits: 8, palette, data: Buffer.of(0, 1, 2, 0, 3, 3, 0, 0) }],
  [
    '8 bits, runs',
    {
      width: 3,
      height: 2,
      bits: 8,
      compression: 1,
      palette,
      data: Buffer.of(2, 3, 1, 0, 0, 0, 0, 3, 0, 1, 2, 0, 0, 1),
    },
  ],
  [
    '4 bits, runs',
    {
      width: 3,
      height: 2,
      bits: 4,
      compression: 2,
      palette,
      data: Buffer.of(2, 0x33, 1, 0x00, 0, 0, 0, 3, 0x01, 0x20, 0, 1),
    },
  ],
  [
    '4 bits, a run past the end of a line',
    {
      width: 3,
      height: 2,
      bits: 4,
      compression: 2,
      palette,
      data: Buffer.of(2, 0x33, 2, 0x00, 0, 0, 0, 3, 0x01, 0x20, 0, 1),
    },
  ],
  [
    '24 bits',
    {
      width: 3,
      height: 2,
      bits: 24,
      data: Buffer.of(30, 20, 10, 30, 20, 10, 0, 0, 255, 0, 0, 0, 0, 0, 255, 0, 255, 0, 255, 0, 0, 0, 0, 0),
    },
  ],
  ['32 bits', { width: 3, height: 2, bits: 32, data: u32(0x0a141e, 0x0a141e, 0xff0000, 0xff0000, 0xff00, 0xff) }],
  [
    '32 bits, masks',
    {
      width: 3,
      height: 2,
      bits: 32,
      compression: 3,
      masks: [0xff, 0xff00, 0xff0000],
      data: u32(0x1e140a, 0x1e140a, 0xff, 0xff, 0xff00, 0xff0000),
    },
  ],
];
for (const [name, parts] of cases) {
  test(`BMP: ${name}`, () => {
    assert.deepEqual(decode(parts), name === '1 bit' ? [red, green, red, green, red, green].flat() : picture);
  });
}

test('BMP: 16 bits are spread over 0 to 255', () => {
  const data = u16(0x7c00, 0x03e0, 0x001f, 0x7fff);
  assert.deepEqual(decode({ width: 4, height: 1, bits: 16, data }), [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]);
  const masks = [0xf800, 0x07e0, 0x001f];
  assert.deepEqual(
    decode({ width: 2, height: 1, bits: 16, compression: 3, masks, data: u16(0xf800, 0x07e0) }),
    [255, 0, 0, 0, 255, 0],
  );
});

test('BMP: what a picture skips is black, and a colour that is not in the palette too', () => {
  const skipping = { width: 2, height: 2, bits: 8, compression: 1, palette, data: Buffer.of(0, 2, 1, 1, 1, 1, 0, 1) };
  assert.deepEqual(decode(skipping), [0, 0, 0, ...green, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(decode({ width: 1, height: 1, bits: 8, palette, data: Buffer.of(200, 0, 0, 0) }), [0, 0, 0]);
});

test('BMP: an own header of OS/2, with colours of three bytes', () => {
  const bytes = Buffer.concat([Buffer.alloc(26), Buffer.of(255, 0, 0, 0, 0, 255), Buffer.of(0b01000000, 0, 0, 0)]);
  bytes.write('BM', 0, 'latin1');
  bytes.writeUInt32LE(32, 10);
  bytes.writeUInt32LE(12, 14);
  [2, 1, 1, 1].forEach((value, i) => bytes.writeUInt16LE(value, 18 + 2 * i));
  assert.deepEqual([...decodeBmp(bytes, bmpHeader(bytes))], [...blue, ...red]);
});

const whole = bmpOf(Buffer.from(picture), 3, 2);
const changed = (change: (bytes: Buffer) => void) => {
  const bytes = Buffer.from(whole);
  change(bytes);
  return bytes;
};
const refused: readonly (readonly [string, Buffer, RegExp])[] = [
  [
    'promises more than it holds',
    changed((b) => b.writeInt32LE(10_000, 18)),
    /promises 10000 × 2 pixels and ends after 24 bytes/,
  ],
  [
    'runs that cannot fill it',
    bmp({ width: 5_000, height: 5_000, bits: 8, compression: 1, palette, data: Buffer.alloc(2_000) }),
    /promises/,
  ],
  ['bits per pixel', changed((b) => b.writeUInt16LE(7, 28)), /7 bits per pixel/],
  ['a jpg inside', changed((b) => b.writeUInt32LE(4, 30)), /compression 4/],
  ['header size', changed((b) => b.writeUInt32LE(1_000_000, 14)), /header has 1000000 bytes/],
  ['pixels outside', changed((b) => b.writeUInt32LE(4_000_000_000, 10)), /begin at byte 4000000000/],
  ['cut off in the header', whole.subarray(0, 40), /cut off/],
  ['cut off in the pixels', whole.subarray(0, 70), /ends after 16 bytes/],
];
for (const [name, bytes, message] of refused) {
  test(`BMP is refused: ${name}`, () => {
    assert.throws(() => bmpHeader(bytes), { message });
  });
}

test('BMP: runs outside the picture and runs that are cut off are errors', () => {
  const runs = (...data: number[]) => ({
    width: 2,
    height: 2,
    bits: 8,
    compression: 1,
    palette,
    data: Buffer.of(...data),
  });
  assert.throws(() => decode(runs(2, 1, 2, 1)), /outside the picture/);
  assert.throws(() => decode(runs(2, 1)), /cut off/);
  assert.throws(() => decode(runs(0, 200, 1)), /cut off/);
});
