/**
 * How long looking at a data set takes, at two sizes: node tools/bench.mjs scan [--scale 1]
 *
 * Data sets that invite a quadratic step: one picture under many names, in one class, in two, or in as many classes as pictures;
 * IDX files of many small pictures; folders in folders; many files that are no pictures. Twice the files should take twice the time.
 */
import { link, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import sharp from 'sharp';

import { imageCsv, imageFolder, imageIdx, summarizeData } from '../src/runtime/data/index.js';
import { messageOf } from '../src/common/errors.js';

const { values } = parseArgs({ options: { scale: { type: 'string', default: '1' }, only: { type: 'string' } } });
const scale = Number(values.scale);
const root = await mkdtemp(path.join(os.tmpdir(), 'graft-scan-'));
const options = { size: [32, 32] } as const;
const pictures = await Promise.all(
  Array.from({ length: 4 }, (_, i) =>
    sharp({ create: { width: 8, height: 8, channels: 3, background: { r: 60 * i, g: 90, b: 30 } } })
      .png()
      .toBuffer(),
  ),
);

/** Two classes with two pictures each, so that the rest is a data set whatever becomes of it. */
async function begin(): Promise<string> {
  const folder = await mkdtemp(path.join(root, 'data-'));
  for (const [i, bytes] of pictures.entries()) {
    const name = path.join(folder, i % 2 === 0 ? 'a' : 'b');
    await mkdir(name, { recursive: true });
    await writeFile(path.join(name, `own-${i}.png`), bytes);
  }
  return folder;
}

async function linked(folder: string, count: number, nameOf: (i: number) => string): Promise<void> {
  const original = path.join(folder, 'a', 'shared.png');
  await writeFile(
    original,
    await sharp({ create: { width: 9, height: 9, channels: 3, background: '#123456' } })
      .png()
      .toBuffer(),
  );
  for (let i = 1; i < count; i++) {
    const file = path.join(folder, nameOf(i));
    await mkdir(path.dirname(file), { recursive: true });
    // A file has at most 65,000 names on some systems.
    await link(original, file);
  }
}

function idx(magic: number, sizes: readonly number[], content: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt32BE(magic);
  sizes.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  return Buffer.concat([header, content]);
}

async function idxPair(count: number, side: number): Promise<{ images: string; labels: string }> {
  const folder = await mkdtemp(path.join(root, 'idx-'));
  const files = {
    images: path.join(folder, 'train-images-idx3-ubyte'),
    labels: path.join(folder, 'train-labels-idx1-ubyte'),
  };
  const pixels = Buffer.alloc(count * side * side);
  for (let i = 0; side >= 2 && i < count; i++) pixels.writeUInt32BE(i, i * side * side);
  await writeFile(files.images, idx(0x803, [count, side, side], pixels));
  await writeFile(
    files.labels,
    idx(
      0x801,
      [count],
      Uint8Array.from({ length: count }, (_, i) => i % 10),
    ),
  );
  return files;
}

interface Case {
  readonly name: string;
  readonly count: number;
  readonly prepare: (count: number) => Promise<() => Promise<unknown>>;
}

const cases: readonly Case[] = [
  {
    name: 'hard links of one picture, one class',
    count: 50_000,
    async prepare(count) {
      const folder = await begin();
      await linked(folder, count, (i) => `a/${i}.png`);
      return () => imageFolder(folder, options);
    },
  },
  {
    name: 'one picture in two classes',
    count: 20_000,
    async prepare(count) {
      const folder = await begin();
      await linked(folder, count, (i) => `${i % 2 === 0 ? 'a' : 'b'}/${i}.png`);
      return () => imageFolder(folder, options);
    },
  },
  {
    name: 'one picture in as many classes',
    count: 10_000,
    async prepare(count) {
      const folder = await begin();
      const rows = Array.from({ length: count }, (_, i) => `a/own-0.png,class ${i}`);
      const file = path.join(folder, 'labels.csv');
      await writeFile(file, ['path,label', ...rows, 'a/own-2.png,x', 'b/own-1.png,x', 'b/own-3.png,y'].join('\n'));
      return () => imageCsv(file, options);
    },
  },
  {
    name: 'IDX of empty pictures',
    count: 1_000_000,
    async prepare(count) {
      const files = await idxPair(count, 0);
      return () => imageIdx(files, options);
    },
  },
  {
    name: 'IDX of 4 × 4 pictures',
    count: 400_000,
    async prepare(count) {
      const files = await idxPair(count, 4);
      return () => imageIdx(files, options);
    },
  },
  {
    name: 'files that are no pictures',
    count: 100_000,
    async prepare(count) {
      const folder = await begin();
      for (let i = 0; i < count; i++) await writeFile(path.join(folder, 'a', `text-${i}.png`), 'text');
      return () => imageFolder(folder, options);
    },
  },
  {
    name: 'folders in folders, 20 files each',
    count: 400,
    async prepare(count) {
      const folder = await begin();
      let deep = path.join(folder, 'a');
      for (let i = 0; i < count; i++) {
        deep = path.join(deep, 'in');
        await mkdir(deep);
        for (let k = 0; k < 20; k++) await writeFile(path.join(deep, `${k}.png`), 'text');
      }
      return () => Promise.all([imageFolder(folder, options), summarizeData(folder)]);
    },
  },
];

try {
  for (const { name, count, prepare } of cases.filter((one) => one.name.includes(values.only ?? ''))) {
    const times: string[] = [];
    for (const n of [count / 2, count].map((size) => Math.round(size * scale))) {
      const look = await prepare(n);
      const began = performance.now();
      const end = await look().then(
        () => '',
        (error: unknown) => ` (${messageOf(error).slice(0, 60)}…)`,
      );
      times.push(`${n}: ${((performance.now() - began) / 1000).toFixed(2)} s${end}`);
    }
    console.log(`${name.padEnd(40)} ${times.join('   ')}`);
  }
} finally {
  await rm(root, { recursive: true, force: true });
}
