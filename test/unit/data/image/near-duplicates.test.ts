import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { copyFile, readFile, writeFile } from 'node:fs/promises';

import sharp, { type Sharp } from 'sharp';

import { decodeView, FingerprintStore, imageFolder, type ImageDataset } from '../../../../src/runtime/data/index.js';
import { present } from '../../../../src/common/errors.js';
import { patch, pictureFolder, temporaryFolder } from '../../../support/pictures.js';
import { sharedData } from '../../../support/shared-data.js';

const options = { size: [128, 128], seed: 7 } as const;
const sample = path.resolve('sample/garden');

/** The sample pictures, `count` of them saved again beside themselves. */
async function withCopies(count: number, save: (picture: Sharp) => Sharp, extension: string): Promise<string> {
  const folder = path.join(temporaryFolder(), 'garden');
  for (const name of ['beetle', 'leaf', 'mushroom', 'shell'])
    cpSync(path.join(sample, name), path.join(folder, name), { recursive: true });
  const files = ['beetle', 'leaf'].flatMap((name) =>
    readdirSync(path.join(sample, name))
      .sort()
      .map((file) => path.join(name, file)),
  );
  for (const file of files.slice(0, count)) {
    const { dir, name } = path.parse(file);
    await save(sharp(path.join(sample, file))).toFile(path.join(folder, dir, `${name}-again.${extension}`));
  }
  return folder;
}

/** Pictures that are on both sides, one as it is and one saved again. */
function crossing({ train, validation }: ImageDataset): string[] {
  const names = (side: ImageDataset['train']) => side.map(({ id }) => id.replace(/(-again)?\.\w+$/, ''));
  const held = new Set(names(validation));
  return names(train).filter((name) => held.has(name));
}

for (const { what, save, extension } of [
  {
    what: 'PNG, other metadata',
    save: (p: Sharp) => p.png().withExif({ IFD0: { Artist: 'somebody' } }),
    extension: 'png',
  },
  {
    what: 'JPEG of quality 80, other metadata',
    save: (p: Sharp) => p.jpeg({ quality: 80 }).withExif({ IFD0: { Artist: 'somebody' } }),
    extension: 'jpg',
  },
  { what: 'JPEG of quality 50', save: (p: Sharp) => p.jpeg({ quality: 50 }), extension: 'jpeg' },
  { what: 'WebP', save: (p: Sharp) => p.webp({ quality: 75 }), extension: 'webp' },
]) {
  test(`50 pictures saved again (${what}) never cross the split, and no others are held to be the same`, async () => {
    const folder = await withCopies(50, save, extension);
    for (let seed = 0; seed < 3; seed++) {
      const data = await imageFolder(folder, { ...options, seed });
      assert.deepEqual(crossing(data), []);
      assert.equal(data.train.length + data.validation.length, 242);
      assert.deepEqual(
        data.report.nearDuplicates.map(({ ids }) => ids.length),
        Array.from({ length: 50 }, () => 2),
      );
      assert.match(
        data.report.notes.join('\n'),
        /100 pictures are near-duplicates.*Each stays on the side of its twin/,
      );
    }
    assert.ok(crossing(await imageFolder(folder, { ...options, nearDuplicates: false })).length > 5);
  });
}

test('the sample holds no near-duplicates, and its split is what it was without looking', async () => {
  const data = await imageFolder(sample, options);
  assert.deepEqual(data.report.nearDuplicates, []);
  assert.equal(data.hash, (await imageFolder(sample, { ...options, nearDuplicates: false })).hash);
});

test('a picture saved again under another label: both are left out', async () => {
  const folder = await withCopies(0, (picture) => picture, '');
  await sharp(path.join(sample, 'leaf/leaf-01.jpg'))
    .png()
    .toFile(path.join(folder, 'shell', 'wrong.png'));
  const { report } = await imageFolder(folder, options);
  assert.deepEqual(report.nearDuplicates, [{ ids: ['leaf/leaf-01.jpg', 'shell/wrong.png'], conflicting: true }]);
  assert.deepEqual(
    report.skipped.map(({ file }) => file),
    ['leaf/leaf-01.jpg', 'shell/wrong.png'],
  );
  assert.match(report.skipped[0]?.reason ?? '', /saved again, is in several classes: leaf, shell/);
});

test('of train and validation folders, the copy in train is left out', async () => {
  const folder = temporaryFolder();
  await pictureFolder(['a', 'b'], 6, path.join(folder, 'train'));
  for (const name of ['a', 'b']) {
    mkdirSync(path.join(folder, 'val', name), { recursive: true });
    await sharp(path.join(folder, 'train', name, '0.png'))
      .jpeg({ quality: 90 })
      .toFile(path.join(folder, 'val', name, 'x.jpg'));
  }
  const data = await imageFolder(folder, { size: [24, 24] });
  assert.deepEqual([data.train.length, data.validation.length], [10, 2]);
  assert.deepEqual(data.report.skipped[0], {
    file: 'train/a/0.png',
    reason: 'the same picture, saved again, is in the validation set: validation/a/x.jpg',
  });
  assert.match(
    data.report.warnings.join('\n'),
    /2 pictures are left out: the same picture, saved again, is in the validation/,
  );
});

test('pictures that all look alike are split all the same, and that is said', async () => {
  const folder = temporaryFolder();
  for (const [name, color] of [
    ['a', '#c03020'],
    ['b', '#2050c0'],
  ] as const) {
    mkdirSync(path.join(folder, name));
    for (const quality of [70, 80, 90, 95])
      await patch(color, 5, 64)
        .jpeg({ quality })
        .toFile(path.join(folder, name, `${quality}.jpg`));
  }
  const data = await imageFolder(folder, { size: [64, 64] });
  assert.deepEqual([data.train.length, data.validation.length], [6, 2]);
  assert.match(data.report.warnings.join('\n'), /The pictures of "a" look so much alike.*flatter/);
});

test('what is known of pictures of one size is nothing to those of another, though it lies under their name', async () => {
  const store = temporaryFolder();
  const small = await FingerprintStore.open(store, 'pictures 16,16');
  small.set('ab'.repeat(32), Buffer.alloc(145, 1));
  await small.save();
  const [name = ''] = readdirSync(store);
  await (await FingerprintStore.open(store, 'pictures 32,32')).save();
  const large = await FingerprintStore.open(store, 'pictures 32,32');
  large.set('cd'.repeat(32), Buffer.alloc(145, 2));
  await large.save();
  const other = readdirSync(store).find((file) => file !== name) ?? '';
  await copyFile(path.join(store, name), path.join(store, other));
  assert.equal((await FingerprintStore.open(store, 'pictures 32,32')).get('ab'.repeat(32)), undefined);
  assert.notEqual((await FingerprintStore.open(store, 'pictures 16,16')).get('ab'.repeat(32)), undefined);
});

test('what was decoded while looking is handed over once, and what is known is not decoded again', async () => {
  const folder = await pictureFolder(['a', 'b'], 3);
  const store = temporaryFolder();
  const fingerprints = await FingerprintStore.open(store, 'pictures');
  const data = await imageFolder(folder, { ...options, fingerprints });
  await fingerprints.save();
  const example = present(data.train[0], 'a picture');
  assert.ok(data.decoded?.look(example.hash) !== undefined);
  const spec = data;
  const first = await decodeView(example, spec, 0);
  assert.equal(data.decoded.look(example.hash), undefined);
  assert.deepEqual(await decodeView(example, spec, 0), first);
  const [name = ''] = readdirSync(store);
  const file = path.join(store, name);
  const bytes = await readFile(file);
  assert.equal(bytes.length, 32 + 6 * (32 + 145));
  const lookAgain = async () =>
    await imageFolder(folder, { ...options, fingerprints: await FingerprintStore.open(store, 'pictures') });
  const again = await lookAgain();
  assert.equal(again.decoded?.look(example.hash), undefined);
  assert.equal(again.hash, data.hash);
  // A damaged byte, whichever it is, decides nothing: all are looked at again.
  for (const at of [0, 40, 100, bytes.length - 1]) {
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
    await writeFile(file, damaged);
    const healed = await lookAgain();
    assert.ok(healed.decoded?.look(example.hash) !== undefined);
  }
});

const trashnet = sharedData('trashnet-150');
test('TrashNet: of 2,521 photographs none is held to be another', trashnet.options, async () => {
  const { report } = await imageFolder(trashnet.path, options);
  assert.deepEqual(report.nearDuplicates, []);
});

const mnist = sharedData('mnist-t10k');
test('MNIST as files: of 2,000 digits none is held to be another', mnist.options, async () => {
  const names = readdirSync(mnist.path);
  const read = async (kind: string) =>
    gunzipSync(await readFile(path.join(mnist.path, names.find((name) => name.includes(kind)) ?? '')));
  const [images, labels] = [await read('images'), await read('labels')];
  const folder = temporaryFolder();
  for (let i = 0; i < 2000; i++) {
    const directory = path.join(folder, String(labels[8 + i]));
    mkdirSync(directory, { recursive: true });
    const pixels = images.subarray(16 + i * 784, 16 + (i + 1) * 784);
    await sharp(pixels, { raw: { width: 28, height: 28, channels: 1 } })
      .png()
      .toFile(path.join(directory, `${i}.png`));
  }
  const { report } = await imageFolder(folder, { size: [28, 28] });
  assert.deepEqual(report.nearDuplicates, []);
});
