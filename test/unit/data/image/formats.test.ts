import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import sharp from 'sharp';

import { decodeView, imageFolder } from '../../../../src/runtime/data/index.js';
import { formatNames, formats, formatOf, pictureExtensions } from '../../../../src/runtime/data/image/formats.js';
import { otherKind } from '../../../../src/runtime/data/image/other-kinds.js';
import { lookAt } from '../../../../src/runtime/data/image/picture.js';
import { bmpOf } from '../../../support/bmp.js';
import { exampleOf, patch, pictureFolder, temporaryFolder } from '../../../support/pictures.js';
import { failure } from '../../../support/failure.js';

const spec = { size: [16, 16], resize: 'crop', augment: undefined, seed: 3 } as const;
const picture = patch('#c03020', 1);
const raw = () => picture.clone().raw().toBuffer();
const contents: Record<(typeof formats)[number]['name'], () => Promise<Buffer>> = {
  jpg: () => picture.clone().jpeg().toBuffer(),
  png: () => picture.clone().png().toBuffer(),
  webp: () => picture.clone().webp().toBuffer(),
  gif: () => picture.clone().gif().toBuffer(),
  bmp: async () => bmpOf(await raw(), 24, 24),
  tiff: () => picture.clone().tiff().toBuffer(),
  avif: () => picture.clone().avif({ effort: 0 }).toBuffer(),
  // sharp cannot write it.
  heic: () => Promise.resolve(readFileSync('test/fixtures/heic/plain.heic')),
};

test('the README lists the formats that are read', () => {
  const readme = readFileSync('README.md', 'utf8').replace(/\s+/g, ' ');
  assert.equal(formatNames, 'jpg, png, webp, gif, bmp, tiff, avif and heic');
  assert.ok(readme.includes(`${formats.map(({ name }) => name).join(', ')}, told by their content`));
});

for (const { name } of formats) {
  test(`${name} is read by its content, under any of the names that pictures have`, async () => {
    const bytes = await contents[name]();
    assert.equal(formatOf(bytes)?.name, name);
    const folder = temporaryFolder();
    for (const extension of pictureExtensions) {
      const file = path.join(folder, `x${extension}`);
      writeFileSync(file, bytes);
      const [width, height] = name === 'heic' ? [96, 64] : [24, 24];
      assert.deepEqual({ ...(await lookAt(file)), hash: '' }, { hash: '', format: name, width, height });
      assert.equal((await decodeView(exampleOf(file), spec, 0)).length, 16 * 16 * 3);
    }
  });
}

const box = (brands: string) => Buffer.concat([Buffer.of(0, 0, 0, 8 + brands.length), Buffer.from(`ftyp${brands}`)]);
const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
const others: readonly (readonly [string, Buffer, string | undefined])[] = [
  ['SVG', Buffer.from(`<?xml version="1.0"?>\n<!-- drawn -->\n${svg}`), 'an SVG drawing'],
  ['SVG, packed', gzipSync(svg), 'a gzip archive'],
  ['PDF', Buffer.from('%PDF-1.7\n'), 'a PDF document'],
  ['EPS', Buffer.from('%!PS-Adobe-3.0 EPSF-3.0\n'), 'a PostScript drawing'],
  ['HEIF of JPEG', box('mif1\0\0\0\0mif1jpeg'), 'a HEIF picture of another kind than HEIC and AVIF'],
  ['MP4', box('isom\0\0\x02\0isomiso2avc1mp41'), 'a video'],
  ['JPEG XL, bare', Buffer.of(0xff, 0x0a, 0, 0), 'a JPEG XL picture'],
  ['JPEG XL', Buffer.from('\0\0\0\x0cJXL \r\n\x87\n', 'latin1'), 'a JPEG XL picture'],
  ['JPEG 2000', Buffer.from('\0\0\0\x0cjP  \r\n\x87\n', 'latin1'), 'a JPEG 2000 picture'],
  ['PSD', Buffer.from('8BPS\0\x01'), 'a Photoshop document'],
  ['icon', Buffer.of(0, 0, 1, 0, 1, 0), 'a Windows icon'],
  ['PPM', Buffer.from('P6\n9 9\n255\n'), 'a PNM picture'],
  ['FITS', Buffer.from('SIMPLE  =                    T'), 'a FITS picture'],
  ['WAV', Buffer.from('RIFF\0\0\0\0WAVEfmt '), 'a sound or a video'],
  ['zip', Buffer.from('PK\x03\x04'), 'a zip archive'],
  ['page', Buffer.from('\n<!DOCTYPE html><html>'), 'a web page'],
  ['LFS', Buffer.from('version https://git-lfs.github.com/spec/v1\n'), 'a Git LFS pointer, not the file itself'],
  ['Canon raw', Buffer.from('II*\0\x10\0\0\0CR\x02\0', 'latin1'), undefined],
  ['text', Buffer.from('BM'), undefined],
  ['nothing', Buffer.of(0, 0, 0), undefined],
];
for (const [name, bytes, kind] of others) {
  test(`${name} is none of the formats`, () => {
    assert.equal(formatOf(bytes), undefined);
    assert.equal(otherKind(bytes), kind);
  });
}

test('a drawing named .png is skipped at once, and said to be one', async () => {
  const folder = await pictureFolder(['a', 'b'], 2);
  // Each of ten circles is made of ten of the next kind: 10¹⁰ in all.
  const kinds = Array.from({ length: 10 }, (_, i) => {
    const uses = Array.from({ length: 10 }, () => `<use href="#g${i + 1}"/>`).join('');
    return `<g id="g${i}">${i === 9 ? '<circle r="9"/>' : uses}</g>`;
  });
  const bomb = `<svg xmlns="http://www.w3.org/2000/svg" width="9000" height="9000">${kinds.join('')}</svg>`;
  writeFileSync(path.join(folder, 'a', 'drawing.png'), bomb);
  const began = performance.now();
  const { report } = await imageFolder(folder, { size: [16, 16] });
  assert.ok(performance.now() - began < 5_000);
  assert.match(report.skipped[0]?.reason ?? '', /drawing\.png cannot be used: it is an SVG drawing, none of jpg, png/);
  // Nor does the library open it, whoever hands it over.
  await assert.rejects(sharp(Buffer.from(svg)).metadata(), /unsupported image format/);
});

test('grey of 16 bits becomes grey of 8', async () => {
  const folder = temporaryFolder();
  for (const name of ['x.png', 'x.tiff']) {
    const file = path.join(folder, name);
    const values = new Uint16Array(256).fill(0x8080);
    await sharp(values, { raw: { width: 16, height: 16, channels: 1 } })
      .toColourspace('grey16')
      .toFile(file);
    assert.deepEqual(new Set(await decodeView(exampleOf(file), spec, 0)), new Set([0x80]), name);
  }
});

/** A TIFF of one-pixel pages; the last page is followed by page `next`, or by nothing. */
function pagesOf(count: number, next?: number): Buffer {
  const entries = [256, 1, 257, 1, 258, 8, 259, 1, 262, 1, 273, 8, 277, 1, 279, 1];
  const size = 2 + 12 * 8 + 4;
  const bytes = Buffer.alloc(16 + count * size);
  bytes.write('II*\0\x10', 'latin1');
  for (let page = 0; page < count; page++) {
    const at = 16 + page * size;
    bytes.writeUInt16LE(8, at);
    for (let i = 0; i < 8; i++) {
      bytes.writeUInt16LE(entries[2 * i] ?? 0, at + 2 + 12 * i);
      bytes.writeUInt16LE(3, at + 4 + 12 * i);
      bytes.writeUInt32LE(1, at + 6 + 12 * i);
      bytes.writeUInt16LE(entries[2 * i + 1] ?? 0, at + 10 + 12 * i);
    }
    const following = page + 1 < count ? page + 1 : next;
    bytes.writeUInt32LE(following === undefined ? 0 : 16 + following * size, at + size - 4);
  }
  return bytes;
}

/** An animated GIF whose second frame, with the extension before it, is there many times. */
async function gifFramesOf(count: number): Promise<Buffer> {
  const frames = await Promise.all([1, 2].map((i) => patch('#c03020', i).png().toBuffer()));
  const gif = await sharp(frames, { join: { animated: true } })
    .gif()
    .toBuffer();
  const at = gif.lastIndexOf(Buffer.from([0x21, 0xf9, 4]));
  const frame = gif.subarray(at, -1);
  return Buffer.concat([gif.subarray(0, at), Buffer.concat(Array<Buffer>(count - 1).fill(frame)), gif.subarray(-1)]);
}

/** An animated WebP whose second frame is there many times. */
async function framesOf(count: number): Promise<Buffer> {
  const frames = await Promise.all([1, 2].map((i) => patch('#c03020', i).png().toBuffer()));
  const webp = await sharp(frames, { join: { animated: true } })
    .webp()
    .toBuffer();
  const at = webp.lastIndexOf('ANMF');
  const all = Buffer.concat([webp.subarray(0, at), ...Array.from({ length: count - 1 }, () => webp.subarray(at))]);
  all.writeUInt32LE(all.length - 8, 4);
  return all;
}

for (const [name, make, message] of [
  ['a TIFF of 50 pages', () => pagesOf(50), undefined],
  ['a TIFF of 100,000 pages', () => pagesOf(100_000), /more than 5000 frames or pages/],
  ['a TIFF whose pages never end', () => pagesOf(50, 7), /more than 5000 frames or pages/],
  ['a GIF of 50 frames', () => gifFramesOf(50), undefined],
  ['a GIF of 100,000 frames', () => gifFramesOf(100_000), /more than 5000 frames or pages/],
  ['a WebP of 50 frames', () => framesOf(50), undefined],
  ['a WebP of 100,000 frames', () => framesOf(100_000), /more than 5000 frames or pages/],
] as const) {
  test(`${name} is ${message === undefined ? 'read' : 'refused at once'}`, async () => {
    const file = path.join(temporaryFolder(), 'x.png');
    writeFileSync(file, await make());
    const began = performance.now();
    if (message === undefined) assert.ok((await lookAt(file)).width > 0);
    else assert.match((await failure(lookAt(file))).message, message);
    assert.ok(performance.now() - began < 5_000);
  });
}
