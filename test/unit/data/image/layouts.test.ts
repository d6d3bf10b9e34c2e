import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import {
  findData,
  imageData,
  imageFolder,
  foundToEvaluate,
  summarizeData,
} from '../../../../src/runtime/data/index.js';
import { groupedByReason, groupText } from '../../../../src/runtime/data/skipped.js';
import { failure } from '../../../support/failure.js';
import { patch, pictureFolder, temporaryFolder } from '../../../support/pictures.js';

const options = { size: [16, 16], seed: 3 } as const;

/** Folders of pictures, each with two classes; no picture is in two of them. */
async function folders(...names: readonly string[]): Promise<string> {
  const parent = temporaryFolder();
  let seed = 1;
  for (const name of names) {
    for (const [label, color] of [
      ['cats', '#c03020'],
      ['dogs', '#2050c0'],
    ] as const) {
      const folder = path.join(parent, name, label);
      mkdirSync(folder, { recursive: true });
      for (let i = 0; i < 5; i++)
        await patch(color, seed++)
          .png()
          .toFile(path.join(folder, `${i}.png`));
    }
  }
  return parent;
}

for (const { names, counts, says } of [
  {
    names: ['train', 'validation'],
    counts: [10, 10, 0],
    says: /train\/ is taken for training, validation\/ is taken for validation\./,
  },
  {
    names: ['Training', 'VALID'],
    counts: [10, 10, 0],
    says: /Training\/ is taken for training, VALID\/ is taken for validation/,
  },
  {
    names: ['train', 'val', 'testing'],
    counts: [10, 10, 10],
    says: /val\/ is taken for validation, testing\/ is taken for the test/,
  },
  {
    names: ['train', 'dev', 'Test'],
    counts: [10, 10, 10],
    says: /dev\/ is taken for validation, Test\/ is taken for the test/,
  },
  {
    names: ['train', 'test'],
    counts: [8, 2, 10],
    says: /train\/ is taken for training, test\/ is taken for the test; validation is split off from train\//,
  },
  { names: ['train'], counts: [8, 2, 0], says: /train\/ is taken for training; validation is split off from train\// },
  { names: ['train', 'val', 'extra'], counts: [10, 10, 0], says: /Left alone in .*: extra\// },
  { names: ['archive/data/train', 'archive/data/val'], counts: [10, 10, 0], says: /taken for training/ },
] as const) {
  test(`${names.join(', ')}: what is taken for what`, async () => {
    const folder = await folders(...names);
    for (const data of [await imageFolder(folder, options), await imageData(folder, options)]) {
      assert.deepEqual(data.classes, ['cats', 'dogs']);
      assert.deepEqual([data.train.length, data.validation.length, data.test.length], counts);
      assert.match(data.report.notes.join('\n'), says);
    }
    const summary = await summarizeData(folder);
    assert.equal(summary.layout.kind, 'split');
    assert.match(summary.notes.join('\n'), says);
  });
}

test('the test folder may be called validation by whoever says so, and is what a model is measured on', async () => {
  const folder = await folders('train', 'test');
  const [train, validation] = [path.join(folder, 'train'), path.join(folder, 'test')];
  const data = await imageFolder({ train, validation }, options);
  assert.deepEqual([data.train.length, data.validation.length, data.test.length], [10, 10, 0]);
  const { found } = foundToEvaluate(await findData(folder));
  assert.equal(found.length, 10);
  assert.ok(found.every(({ id }) => id.startsWith('test/')));
});

test('a class called train is a class', async () => {
  const folder = await pictureFolder(['bus', 'train', 'val'], 4);
  assert.deepEqual((await imageFolder(folder, options)).classes, ['bus', 'train', 'val']);
});

test('a folder that holds nothing but the folder of the classes is that folder', async () => {
  const folder = await folders('animals');
  const data = await imageFolder(folder, options);
  assert.deepEqual(data.classes, ['cats', 'dogs']);
  assert.match(data.report.notes.join('\n'), /The classes are the folders in .*animals/);
  const { layout } = await summarizeData(folder);
  assert.deepEqual(layout, { kind: 'folder', directory: path.join(folder, 'animals') });
  writeFileSync(path.join(folder, 'README.md'), 'Two kinds of animals.');
  const error = await failure(imageFolder(folder, options));
  assert.match(error.message, /only one class: animals/);
});

test('one class of several: the folder above is suggested; a table, where there is one', async () => {
  const folder = await folders('.');
  const error = await failure(imageFolder(path.join(folder, 'cats'), options));
  assert.match(error.message, /5 pictures, but no folders/);
  assert.match(error.action, /give the folder above: .* holds cats, dogs/);
  // One that lies there by chance.
  writeFileSync(path.join(folder, 'cats', 'empty.csv'), 'path,label\n');
  assert.match((await failure(imageFolder(path.join(folder, 'cats'), options))).action, /give the folder above/);
  writeFileSync(path.join(folder, 'cats', 'labels.csv'), 'path,label\n3,tabby\n');
  assert.match((await failure(imageFolder(path.join(folder, 'cats'), options))).action, /give that: .*labels\.csv/);
});

test('a parent of two data sets is read as it stands, with a warning, and comes last where people choose', async () => {
  const folder = await folders('animals', 'plants');
  const data = await imageFolder(folder, options);
  assert.deepEqual(data.classes, ['animals', 'plants']);
  assert.match(data.report.warnings.join('\n'), /cats, dogs in animals\. If those are the classes, give .*animals/);
  assert.equal((await summarizeData(folder)).nested, true);
  assert.equal((await summarizeData(path.join(folder, 'animals'))).nested, false);
});

test('the same files in train and validation are left out of train, and that is said', async () => {
  const folder = temporaryFolder();
  await pictureFolder(['a', 'b'], 6, path.join(folder, 'train'));
  await pictureFolder(['a', 'b'], 2, path.join(folder, 'val'));
  const data = await imageFolder(folder, options);
  assert.deepEqual([data.train.length, data.validation.length], [8, 4]);
  assert.deepEqual(
    data.report.skipped.map(({ file, reason }) => `${file}: ${reason}`),
    ['a/0', 'b/0', 'a/1', 'b/1']
      .map((id) => `train/${id}.png: the same file is in the validation set: validation/${id}.png`)
      .sort((a, b) => (a < b ? -1 : 1)),
  );
  assert.match(
    data.report.warnings.join('\n'),
    /4 pictures are in more than one of train, validation: what is tested or validated on is left out of the others\. The first: validation\/a\/0\.png, train\/a\/0\.png/,
  );
});

test('what cannot be read is named with its reason; a class of nothing else, too', async () => {
  const folder = await folders('.');
  const files: Record<string, string> = {
    'cats/a.heic': 'not a picture',
    'cats/b.svg': 'a drawing',
    'cats/c.pdf': 'a PDF',
    'cats/d.mov': 'a video',
    'cats/e.xyz': 'none of jpg',
    'fish/1.psd': 'a drawing program',
    'fish/2.psd': 'a drawing program',
    'birds/1.jpg': 'not a picture',
  };
  for (const file of [...Object.keys(files), 'cats/notes.txt', 'cats/labels.csv']) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), 'nothing that can be read');
  }
  const { report, classes } = await imageFolder(folder, options);
  assert.deepEqual(classes, ['cats', 'dogs']);
  const reasons = new Map(report.skipped.map(({ file, reason }) => [file, reason]));
  assert.deepEqual([...reasons.keys()].sort(), Object.keys(files).sort());
  for (const [file, reason] of Object.entries(files)) assert.match(reasons.get(file) ?? '', new RegExp(reason));
  const warnings = report.warnings.join('\n');
  assert.match(
    warnings,
    /The folder fish is no class: none of its 2 files can be used\. fish\/1\.psd: it is a file of a drawing program/,
  );
  assert.match(warnings, /The folder birds is no class: its only file cannot be used\. birds\/1\.jpg: /);
  rmSync(path.join(folder, 'dogs'), { recursive: true });
  rmSync(path.join(folder, 'cats'), { recursive: true });
  assert.match((await failure(imageFolder(folder, options))).message, /no pictures|skipped/);
});

test('a class of files of several kinds that cannot be used: the kinds are counted', async () => {
  const folder = await folders('.');
  mkdirSync(path.join(folder, 'photo'));
  for (let i = 0; i < 12; i++)
    writeFileSync(path.join(folder, 'photo', `${i}.${['svg', 'pdf', 'svg'][i % 3] ?? ''}`), '');
  const { report } = await imageFolder(folder, options);
  assert.match(
    report.warnings.join('\n'),
    /^The folder photo is no class: none of its 12 files can be used: 8 svg and 4 pdf\. photo\/0\.svg: it is a drawing/,
  );
  const groups = groupedByReason(report.skipped).map(groupText);
  assert.deepEqual(
    groups.map((text) => text.replace(/: .* \(/, ' (')),
    ['8 svg (photo/0.svg, photo/11.svg, photo/2.svg, …)', '4 pdf (photo/1.pdf, photo/10.pdf, photo/4.pdf, …)'],
  );
  // A reason that names its file is one reason all the same.
  const named = ['a/1.jpg', 'a/2.jpg'].map((file) => ({ file, reason: `/data/${file} is not a picture: it is none.` }));
  assert.deepEqual(groupedByReason(named).map(groupText), ['2 jpg: it is none (a/1.jpg, a/2.jpg)']);
});

for (const { names, says } of [
  {
    names: ['leaf-01', 'leaf-02', 'shell (1)', 'shell (2)'],
    says: /If their names say what they show, move them into a folder for each: \S+leaf\/leaf-01\.png, \S+shell\/shell \(1\)\.png\./,
  },
  { names: ['IMG_1', 'IMG_2', 'DSC_1', 'DSC_2'], says: /Put the pictures into one folder per class/ },
  { names: ['leaf-1', 'leaf-2', 'shell', 'sea'], says: /Put the pictures into one folder per class/ },
]) {
  test(`pictures without folders: ${names.join(', ')}`, async () => {
    const folder = path.join(temporaryFolder(), 'flat');
    mkdirSync(folder);
    mkdirSync(path.join(folder, '../other'));
    for (const name of names)
      await patch('#c03020', 1)
        .png()
        .toFile(path.join(folder, `${name}.png`));
    const { message, action } = await failure(imageFolder(folder, options));
    assert.match(message, /holds 4 pictures, but no folders that say what they show\./);
    assert.match(action, says);
  });
}

test('a picture that is called like a text is one, and is named; so are those beside the folders', async () => {
  const folder = await folders('.');
  for (const name of ['cats/photo.txt', 'loose.png']) await patch('#c03020', 98).jpeg().toFile(path.join(folder, name));
  writeFileSync(path.join(folder, 'cats', 'notes.txt'), 'BMW and other cars are not in these pictures.');
  const { train, validation, report } = await imageFolder(folder, options);
  assert.equal([...train, ...validation].length, 11);
  assert.deepEqual(report.skipped, []);
  assert.deepEqual(report.notes, [
    '1 file is a picture by content, whatever the name: cats/photo.txt.',
    '1 picture lies beside the folders of the classes, and is in none: loose.png.',
  ]);
});

test('a JPEG under any name is a JPEG', async () => {
  const folder = await folders('.');
  await patch('#c03020', 99)
    .jpeg()
    .toFile(path.join(folder, 'cats', 'photo.jpg'));
  renameSync(path.join(folder, 'cats', 'photo.jpg'), path.join(folder, 'cats', 'photo.jpg_large'));
  const data = await imageFolder(folder, options);
  assert.ok([...data.train, ...data.validation].some(({ id }) => id === 'cats/photo.jpg_large'));
  assert.deepEqual(data.report.skipped, []);
});

test('folders whose names differ by case on the two sides are one class', async () => {
  const folder = await folders('train', 'val');
  renameSync(path.join(folder, 'val', 'cats'), path.join(folder, 'val', 'Cats'));
  rmSync(path.join(folder, 'val', 'Cats', '0.png'));
  const data = await imageFolder(folder, options);
  assert.deepEqual(data.classes, ['cats', 'dogs']);
  assert.match(data.report.notes.join('\n'), /"cats" \(5\) and "Cats" \(4\) are taken as one class, cats/);
});
