import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import sharp from 'sharp';

import {
  decodeMany,
  decodeView,
  imageCsv,
  imageData,
  imageFolder,
  imageIdx,
  summarizeData,
  viewKey,
  type ViewSpec,
} from '../../../../src/runtime/data/index.js';
import { present } from '../../../../src/common/errors.js';
import { bmpOf } from '../../../support/bmp.js';
import { failure } from '../../../support/failure.js';
import { exampleOf, patch, pictureFolder, temporaryFolder } from '../../../support/pictures.js';
import { sharedData } from '../../../support/shared-data.js';

const options = { size: [16, 16], seed: 3 } as const;
const spec: ViewSpec = { size: [16, 16], resize: 'crop', augment: undefined, seed: 3 };

test('a folder per class becomes a stratified, seeded split', async () => {
  const folder = await pictureFolder(['b', 'a', 'c d é'], 10);
  const data = await imageFolder(folder, options);
  assert.deepEqual(data.classes, ['a', 'b', 'c d é']);
  assert.deepEqual(
    data.report.classes.map(({ train, validation }) => [train, validation]),
    [
      [8, 2],
      [8, 2],
      [8, 2],
    ],
  );
  assert.deepEqual(data.classWeights, [1, 1, 1]);
  const again = await imageFolder(folder, options);
  assert.equal(again.hash, data.hash);
  assert.notEqual((await imageFolder(folder, { ...options, seed: 4 })).hash, data.hash);
  assert.deepEqual(data.report.widths, { min: 24, median: 24, max: 24 });
});

test('class weights and imbalance come from the counts', async () => {
  const folder = await pictureFolder(['few'], 5);
  await pictureFolder(['many'], 20, folder);
  const data = await imageFolder(folder, options);
  assert.equal(data.report.imbalance, 4);
  assert.deepEqual(data.classWeights, [20 / (2 * 4), 20 / (2 * 16)]);
});

test('the same picture twice counts once, and under two labels not at all', async () => {
  const folder = await pictureFolder(['a', 'b'], 6);
  copyFileSync(path.join(folder, 'a/0.png'), path.join(folder, 'a/copy.png'));
  copyFileSync(path.join(folder, 'a/1.png'), path.join(folder, 'b/wrong.png'));
  const data = await imageFolder(folder, options);
  const ids = [...data.train, ...data.validation].map(({ id }) => id);
  assert.ok(ids.includes('a/0.png') && !ids.includes('a/copy.png'));
  assert.ok(!ids.includes('a/1.png') && !ids.includes('b/wrong.png'));
  assert.deepEqual(
    data.report.duplicates.map(({ ids: group, conflicting }) => [group.length, conflicting]),
    [
      [2, false],
      [2, true],
    ],
  );
  assert.equal(new Set([...data.train, ...data.validation].map(({ hash }) => hash)).size, ids.length);
});

test('train and validation folders are taken as they are, without what is in both', async () => {
  const folder = temporaryFolder();
  const train = await pictureFolder(['a', 'b'], 6, path.join(folder, 'train'));
  const validation = await pictureFolder(['a', 'b'], 2, path.join(folder, 'val'));
  const data = await imageData(folder, options);
  assert.equal(data.validation.length, 4);
  assert.equal(data.train.length, 8);
  assert.deepEqual((await imageFolder({ train, validation }, options)).hash, data.hash);
  assert.deepEqual((await summarizeData(folder)).classes, [
    { name: 'a', count: 8 },
    { name: 'b', count: 8 },
  ]);
});

test('a CSV of paths and labels, with a comma in a label', async () => {
  const folder = await pictureFolder(['a', 'b'], 4);
  const rows = [0, 1, 2, 3].flatMap((i) => [`a/${i}.png,"red, mostly"`, `b/${i}.png,blue`]);
  const file = path.join(folder, 'labels.csv');
  writeFileSync(file, `path,label\n${rows.join('\n')}\n`);
  assert.deepEqual((await imageCsv(file, options)).classes, ['blue', 'red, mostly']);
  assert.equal((await imageData(file, options)).train.length, 6);
  assert.deepEqual((await summarizeData(file)).classes, [
    { name: 'red, mostly', count: 4 },
    { name: 'blue', count: 4 },
  ]);
  writeFileSync(file, 'path,label\na/0.png\n');
  assert.match((await failure(imageCsv(file, options))).message, /CSV|line/);
  assert.match((await failure(summarizeData(file))).message, /CSV|line/);
});

test('IDX files, gzipped or not', async () => {
  const folder = temporaryFolder();
  const images = Buffer.concat([
    Buffer.from([0, 0, 8, 3, 0, 0, 0, 8, 0, 0, 0, 4, 0, 0, 0, 4]),
    Buffer.from(Array.from({ length: 8 * 16 }, (_, i) => (i * 37) % 256)),
  ]);
  const labels = Buffer.from([0, 0, 8, 1, 0, 0, 0, 8, 0, 1, 0, 1, 0, 1, 0, 1]);
  writeFileSync(path.join(folder, 'train-images-idx3-ubyte.gz'), gzipSync(images));
  writeFileSync(path.join(folder, 'train-labels-idx1-ubyte'), labels);
  const data = await imageData(folder, { ...options, validation: 0.25 });
  assert.deepEqual([data.train.length, data.validation.length], [6, 2]);
  assert.deepEqual((await summarizeData(folder)).classes, [
    { name: '0', count: 4 },
    { name: '1', count: 4 },
  ]);
  const [file, other] = ['train-images-idx3-ubyte.gz', 't10k-images-idx3-ubyte'];
  assert.equal((await summarizeData(path.join(folder, 'train-labels-idx1-ubyte'))).layout.kind, 'idx');
  // As MNIST comes: two pairs. The training pictures, unless the others are named.
  writeFileSync(path.join(folder, other), images);
  writeFileSync(path.join(folder, 't10k-labels-idx1-ubyte'), labels);
  for (const [location, found] of [
    [folder, file],
    [path.join(folder, file), file],
    [path.join(folder, other), other],
  ] as const) {
    const { layout } = await summarizeData(location);
    assert.ok(layout.kind === 'idx');
    assert.equal(path.basename(layout.images), found);
    assert.equal(path.basename(layout.labels).slice(0, 4), found.slice(0, 4));
  }
  const view = await decodeView(present(data.train[0], 'a picture'), spec, 0);
  assert.equal(view.length, 16 * 16 * 3);
  assert.deepEqual([view[0], view[1]], [view[1], view[2]]);
  writeFileSync(path.join(folder, 'short'), images.subarray(0, 40));
  assert.match(
    (
      await failure(
        imageIdx({ images: path.join(folder, 'short'), labels: path.join(folder, 'train-labels-idx1-ubyte') }, options),
      )
    ).message,
    /promises/,
  );
});

const mnist = sharedData('mnist-t10k');
test('MNIST: 10,000 pictures', mnist.options, async () => {
  const data = await imageData(mnist.path, { size: [28, 28] });
  assert.equal(data.classes.length, 10);
  assert.equal(data.train.length + data.validation.length, 10_000);
});

test('what is not a picture is skipped, with the reason', async () => {
  const folder = await pictureFolder(['a', 'b'], 4);
  const a = (name: string) => path.join(folder, 'a', name);
  writeFileSync(a('text.jpg'), 'this is not a picture');
  writeFileSync(a('empty.png'), '');
  writeFileSync(a('notes.txt'), 'ignored');
  writeFileSync(a('.hidden.png'), 'ignored');
  symlinkSync('/nowhere/at/all.png', a('broken.png'));
  // 30,000 × 30,000: a header is enough, nothing of it is decoded.
  const png = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } })
    .png()
    .toBuffer();
  png.writeUInt32BE(30_000, 16);
  png.writeUInt32BE(30_000, 20);
  writeFileSync(a('huge.png'), png);
  const { report } = await imageFolder(folder, options);
  const reasons = Object.fromEntries(report.skipped.map(({ file, reason }) => [path.basename(file), reason]));
  assert.deepEqual(Object.keys(reasons).sort(), ['broken.png', 'empty.png', 'huge.png', 'text.jpg']);
  assert.match(reasons['text.jpg'] ?? '', /is not a picture: it is none of jpg, png/);
  assert.match(reasons['empty.png'] ?? '', /0 bytes/);
  assert.match(reasons['huge.png'] ?? '', /30000 × 30000/);
  assert.match(reasons['broken.png'] ?? '', /link/);
});

test('a truncated jpg gives an error in its place, and the others go on', async () => {
  const folder = await pictureFolder(['a', 'b'], 3);
  const file = path.join(folder, 'a/cut.jpg');
  await patch('#c03020', 9, 200).jpeg().toFile(file);
  truncateSync(file, (await readFile(file)).length / 2);
  const data = await imageFolder(folder, options);
  const examples = [...data.train, ...data.validation];
  const bad: string[] = [];
  for await (const decoded of decodeMany(
    examples.map((example) => ({ example, view: 0 })),
    spec,
  )) {
    if ('error' in decoded) bad.push(decoded.error.message);
  }
  assert.equal(bad.length, 1);
  assert.match(bad[0] ?? '', /cut\.jpg is cut off: this jpg file ends before its picture does/);
});

test('links in a loop end', async () => {
  const folder = await pictureFolder(['a', 'b'], 3);
  symlinkSync(folder, path.join(folder, 'a/loop'));
  const data = await imageFolder(folder, options);
  assert.ok(data.train.length + data.validation.length >= 6);
});

test('folders that cannot be data say why', async () => {
  const empty = temporaryFolder();
  assert.match((await failure(imageFolder(empty, options))).message, /no pictures in .*: there is no file in it\./);
  const others = temporaryFolder();
  for (const name of ['a/notes.txt', 'b/table.xls', 'b/.hidden']) {
    mkdirSync(path.dirname(path.join(others, name)), { recursive: true });
    writeFileSync(path.join(others, name), '');
  }
  assert.match((await failure(imageFolder(others, options))).message, /of its 2 files none is one, a\/notes\.txt/);
  assert.match((await failure(imageFolder(await pictureFolder(['only'], 3), options))).message, /only one class: only/);
  const one = await pictureFolder(['a', 'b'], 3);
  await pictureFolder(['single'], 1, one);
  assert.match((await failure(imageFolder(one, options))).message, /"single".*one usable picture/);
  const near = path.join(temporaryFolder(), 'flowers');
  mkdirSync(near);
  assert.match(
    (await failure(imageFolder(near.replace('flowers', 'flower'), options))).action,
    /Did you mean .*flowers/,
  );
  const loose = temporaryFolder();
  await patch('#c03020', 1).png().toFile(path.join(loose, 'x.png'));
  assert.match((await failure(imageFolder(loose, options))).message, /no folders/);
  assert.match((await failure(imageFolder(path.join(loose, 'x.png'), options))).message, /is a file/);
  assert.match((await failure(imageFolder(one, { size: [0, 16] }))).message, /size/);
});

test(
  'an unreadable folder is named',
  { skip: process.getuid?.() === 0 ? 'root reads everything' : false },
  async () => {
    const folder = await pictureFolder(['a', 'b'], 3);
    chmodSync(folder, 0o000);
    assert.match((await failure(imageFolder(folder, options))).message, /cannot be read/);
    chmodSync(folder, 0o755);
  },
);

test('every format gives the same pixels, upright and on white', async () => {
  const folder = temporaryFolder();
  const left = { create: { width: 20, height: 40, channels: 3 as const, background: '#e01010' } };
  const image = sharp({ create: { width: 40, height: 40, channels: 3, background: '#1010e0' } }).composite([
    { input: left, left: 0, top: 0 },
  ]);
  writeFileSync(path.join(folder, 'x.bmp'), bmpOf(await image.clone().removeAlpha().raw().toBuffer(), 40, 40));
  await image.clone().jpeg({ quality: 95 }).toFile(path.join(folder, 'x.jpg'));
  await image.clone().png().toFile(path.join(folder, 'x.png'));
  await image.clone().webp({ lossless: true }).toFile(path.join(folder, 'x.webp'));
  await image.clone().gif().toFile(path.join(folder, 'x.gif'));
  await image.clone().tiff().toFile(path.join(folder, 'x.tiff'));
  // Stored lying on its side, with the EXIF mark to turn it.
  await sharp(await image.clone().png().toBuffer())
    .rotate(-90)
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 95 })
    .toFile(path.join(folder, 'turned.jpg'));
  await sharp({ create: { width: 40, height: 40, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
    .png()
    .toFile(path.join(folder, 'clear.png'));
  const at = async (name: string) => {
    const pixels = await decodeView(exampleOf(path.join(folder, name)), spec, 0);
    return [4, 11].flatMap((x) => [...pixels.subarray((8 * 16 + x) * 3, (8 * 16 + x) * 3 + 3)]);
  };
  for (const name of ['x.bmp', 'x.jpg', 'x.png', 'x.webp', 'x.gif', 'x.tiff', 'turned.jpg']) {
    const expected = [224, 16, 16, 16, 16, 224];
    (await at(name)).forEach((value, i) => {
      assert.ok(Math.abs(value - (expected[i] ?? 0)) < 14, `${name}: ${value} at ${i}`);
    });
  }
  assert.deepEqual(await at('clear.png'), [255, 255, 255, 255, 255, 255]);
});

test('augmented views are seeded, differ, and fill the picture', async () => {
  const folder = await pictureFolder(['a', 'b'], 3);
  const data = await imageFolder(folder, options);
  const example = present(data.train[0], 'a picture');
  const augmented: ViewSpec = { ...spec, augment: { flip: true, crop: 0.3, rotation: 20, color: 0.2, views: 4 } };
  const first = await decodeView(example, augmented, 1);
  assert.deepEqual(await decodeView(example, augmented, 1), first);
  assert.notDeepEqual(await decodeView(example, augmented, 2), first);
  assert.notDeepEqual(await decodeView(example, { ...augmented, seed: 4 }, 1), first);
  assert.deepEqual(await decodeView(example, augmented, 0), await decodeView(example, spec, 0));
  assert.equal(viewKey(augmented, example, 0), viewKey(spec, example, 0));
  assert.notEqual(viewKey(augmented, example, 1), viewKey(augmented, example, 2));
  const white = path.join(temporaryFolder(), 'white.png');
  await sharp({ create: { width: 50, height: 50, channels: 3, background: '#ffffff' } })
    .png()
    .toFile(white);
  const rotated: ViewSpec = { ...spec, augment: { rotation: 45, crop: 0.5 } };
  for (let view = 1; view < 9; view++) {
    const pixels = await decodeView(exampleOf(white), rotated, view);
    assert.ok(
      pixels.every((value) => value > 250),
      `view ${view} has an empty corner`,
    );
  }
});

test('a raised limit of pixels holds when pictures are decoded, too', async () => {
  const folder = await pictureFolder(['a', 'b'], 2);
  const huge = path.join(folder, 'a', 'huge.png');
  const create = { width: 10_001, height: 10_000, channels: 3, background: '#203040' } as const;
  await sharp({ create, limitInputPixels: false }).png({ compressionLevel: 1 }).toFile(huge);
  const refused = await imageFolder(folder, options);
  assert.match(refused.report.skipped[0]?.reason ?? '', /more than the limit of 100 million.*/);
  const data = await imageFolder(folder, { ...options, maxPixels: 200_000_000 });
  const example = present(
    [...data.train, ...data.validation].find(({ id }) => id.endsWith('huge.png')),
    'the huge picture',
  );
  assert.equal((await decodeView(example, data, 0)).length, 16 * 16 * 3);
  const error = await failure(decodeView(example, refused, 0));
  assert.match(error.message, /10001 × 10000 pixels, more than the limit of 100 million/);
});
