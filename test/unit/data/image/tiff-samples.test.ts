import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { decodeFile } from '../../../../src/runtime/data/image/decode.js';
import { failure } from '../../../support/failure.js';
import { temporaryFolder } from '../../../support/pictures.js';

const side = 8;
const spec = { size: [side, side], resize: 'stretch' } as const;

interface Parts {
  readonly samples: ArrayBufferView;
  readonly bits: number;
  /** 1: from zero on, 2: signed, 3: floats. */
  readonly format: number;
  /** Whether zero is white. */
  readonly isNegative?: boolean;
  readonly channels?: 1 | 3 | 5;
  readonly orientation?: number;
  /** Tag 281 of TIFF. */
  readonly maxSample?: number;
  /** Tag 42113 of GDAL, at most three letters. */
  readonly noData?: string;
}

/** A TIFF of 8 × 8 pixels, in one strip, not compressed. */
function tiff({ samples, bits, format, isNegative = false, channels = 1, ...rest }: Parts): Buffer {
  const data = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const short = 3;
  const entries: [tag: number, type: number, value: number | Buffer][] = [
    [256, short, side],
    [257, short, side],
    [258, short, bits],
    [259, short, 1],
    [262, short, channels === 3 ? 2 : isNegative ? 0 : 1],
    [273, short, 512],
    ...(rest.orientation === undefined ? [] : [[274, short, rest.orientation] as [number, number, number]]),
    [277, short, channels],
    [279, short, data.length],
    ...(rest.maxSample === undefined ? [] : [[281, short, rest.maxSample] as [number, number, number]]),
    [339, short, format],
    ...(rest.noData === undefined ? [] : [[42113, 2, Buffer.from(`${rest.noData}\0`)] as [number, number, Buffer]]),
  ];
  const bytes = Buffer.alloc(512 + data.length);
  bytes.write('II*\0\x08', 'latin1');
  bytes.writeUInt16LE(entries.length, 8);
  for (const [i, [tag, type, value]] of entries.entries()) {
    const at = 10 + 12 * i;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(type, at + 2);
    bytes.writeUInt32LE(typeof value === 'number' ? 1 : value.length, at + 4);
    if (typeof value === 'number') bytes.writeUInt32LE(value, at + 8);
    else value.copy(bytes, at + 8);
  }
  data.copy(bytes, 512);
  return bytes;
}

async function decoded(parts: Parts): Promise<Uint8Array> {
  const file = path.join(temporaryFolder(), 'x.tif');
  writeFileSync(file, tiff(parts));
  return await decodeFile(file, spec);
}

/** A whole picture: these first, then the last one again and again. */
const filled = (values: readonly number[]) =>
  Array.from({ length: side * side }, (_, i) => values[i] ?? values.at(-1) ?? 0);
const u16 = (...values: number[]) => ({ samples: Uint16Array.from(filled(values)), bits: 16, format: 1 });
const i16 = (...values: number[]) => ({ samples: Int16Array.from(filled(values)), bits: 16, format: 2 });
const u32 = (...values: number[]) => ({ samples: Uint32Array.from(filled(values)), bits: 32, format: 1 });
const i32 = (...values: number[]) => ({ samples: Int32Array.from(filled(values)), bits: 32, format: 2 });
const f32 = (...values: number[]) => ({ samples: Float32Array.from(filled(values)), bits: 32, format: 3 });

const table: readonly (readonly [name: string, parts: Parts, first: readonly number[]])[] = [
  ['floats from 0 to 1', f32(0, 0.5, 1), [0, 128, 255]],
  ['floats from 0 to 1, a little outside', f32(-0.005, 0.5, 1.005), [0, 128, 255]],
  ['floats from 0 to 255', f32(0, 64, 200), [0, 64, 200]],
  ['floats from 0 to 65535', f32(0, 257 * 64, 257 * 200), [0, 64, 200]],
  ['floats below zero: from the darkest to the brightest', f32(-100, 28, 155), [0, 128, 255]],
  ['floats a little below zero, of small numbers', f32(-2, 0, 2), [0, 128, 255]],
  ['floats above all of that', f32(0, 1e6, 2e6), [0, 128, 255]],
  ['floats, some of them none', f32(NaN, 0.5, Infinity, -Infinity, 1), [0, 128, 255, 0, 255]],
  ['floats of one value', f32(-7), [0]],
  ['floats with a value that is none', { ...f32(-99, 0.5, 1), noData: '-99' }, [0, 128, 255]],
  ['floats whose zero is white', { ...f32(0, 0.25, 1), isNegative: true }, [255, 191, 0]],
  ['8 bits in 16', u16(0, 64, 200), [0, 64, 200]],
  ['10 bits in 16', u16(0, 512, 1023), [0, 128, 255]],
  ['12 bits in 16', u16(0, 2048, 4095), [0, 128, 255]],
  ['12 bits in 16, dark, as the file says', { ...u16(0, 300, 500), maxSample: 4095 }, [0, 19, 31]],
  ['12 bits in 16 whose zero is white', { ...u16(0, 1024, 4095), isNegative: true }, [255, 191, 0]],
  ['14 bits in 16', u16(0, 8192, 16_383), [0, 128, 255]],
  ['16 bits', u16(0, 0x8080, 0xffff), [0, 0x80, 0xff]],
  ['16 bits with a sign, none below zero', i16(0, 16_384, 32_767), [0, 128, 255]],
  ['16 bits with a sign, some below zero', i16(-1000, 0, 1000), [0, 128, 255]],
  ['16 bits with a sign whose zero is white', { ...i16(0, 1024, 4095), isNegative: true }, [255, 191, 0]],
  ['8 bits with a sign', { samples: Int8Array.from(filled([-128, 0, 127])), bits: 8, format: 2 }, [0, 128, 255]],
  ['8 bits in 32', i32(0, 64, 200), [0, 64, 200]],
  ['12 bits in 32', u32(0, 2048, 4095), [0, 128, 255]],
  ['16 bits in 32', i32(0, 257 * 64, 257 * 200), [0, 64, 200]],
  ['all 32 bits', u32(0, 2 ** 31, 2 ** 32 - 1), [0, 128, 255]],
  ['12 bits in 32 whose zero is white', { ...u32(0, 1024, 4095), isNegative: true }, [255, 191, 0]],
  ['32 bits below zero', i32(-1000, 0, 1000), [0, 128, 255]],
];
for (const [name, parts, first] of table) {
  test(`a TIFF of ${name} is scaled to 8 bits`, async () => {
    const pixels = await decoded(parts);
    assert.deepEqual(
      first.map((_, i) => [...pixels.subarray(3 * i, 3 * i + 3)]),
      first.map((value) => [value, value, value]),
    );
  });
}

for (const [name, samples, bits, format] of [
  ['floats', Float32Array.from({ length: 192 }, (_, i) => [0, 0.5, 1][i % 3] ?? 0), 32, 3],
  ['12 bits in 16', Uint16Array.from({ length: 192 }, (_, i) => [0, 2048, 4095][i % 3] ?? 0), 16, 1],
] as const) {
  test(`colours of ${name} are scaled together`, async () => {
    const pixels = await decoded({ samples, bits, format, channels: 3 });
    assert.deepEqual([...pixels.subarray(0, 6)], [0, 128, 255, 0, 128, 255]);
  });
}

test('a TIFF that is scaled is turned upright too', async () => {
  // Turned by 180 degrees: the first is the last.
  const pixels = await decoded({ ...u16(4095, 0), orientation: 3 });
  assert.deepEqual([pixels[0], pixels.at(-1)], [0, 255]);
});

for (const [name, parts, message] of [
  [
    'five channels',
    { samples: new Float32Array(320), bits: 32, format: 3, channels: 5 },
    /it has 5 × 32 bits a pixel, of type float, and what colours they mean is not known; save it with 8 bits/,
  ],
  [
    'half floats',
    { samples: new Uint16Array(64), bits: 16, format: 3 },
    /it has 1 × 16 bits a pixel, of type float, and what colours/,
  ],
  [
    'floats of 64 bits',
    { samples: new Float64Array(64), bits: 64, format: 3 },
    /this tiff file is of a kind that is not read here, or damaged/,
  ],
] as const) {
  test(`a TIFF of ${name} is refused`, async () => {
    assert.match((await failure(decoded(parts))).message, message);
  });
}
