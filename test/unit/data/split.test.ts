import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { imageFolder, type ImageExample } from '../../../src/runtime/data/index.js';
import { failure } from '../../support/failure.js';
import { patch, pictureFolder, temporaryFolder } from '../../support/pictures.js';

const options = { size: [16, 16], seed: 3 } as const;
const ids = (examples: readonly ImageExample[]) => examples.map(({ id }) => id);

/** `visits` pictures of each patient, named patientN_i.png, who are in the classes by turns. */
async function patients(count: number, visits: number, classes = ['ill', 'well']): Promise<string> {
  const parent = temporaryFolder();
  for (const name of classes) mkdirSync(path.join(parent, name));
  for (let p = 0; p < count; p++)
    for (let i = 0; i < visits; i++)
      await patch('#c03020', p * 100 + i)
        .png()
        .toFile(path.join(parent, classes[p % classes.length] ?? '', `patient${p}_${i}.png`));
  return parent;
}

test('a test set is a fraction of each class, apart from the rest; validation stays what it was', async () => {
  const folder = await pictureFolder(['a', 'b'], 20);
  const without = await imageFolder(folder, options);
  const data = await imageFolder(folder, { ...options, test: 0.1 });
  assert.deepEqual(data.report.classes, [
    { name: 'a', train: 14, validation: 4, test: 2 },
    { name: 'b', train: 14, validation: 4, test: 2 },
  ]);
  assert.deepEqual(ids(data.validation), ids(without.validation));
  assert.deepEqual(without.test, []);
  const all = [data.train, data.validation, data.test].flatMap(ids);
  assert.equal(new Set(all).size, 40);
  assert.notEqual(data.hash, without.hash);
  assert.notDeepEqual(ids((await imageFolder(folder, { ...options, test: 0.1, seed: 4 })).test), ids(data.test));
});

test('a class too small for three sides, and fractions that leave nothing, are refused', async () => {
  const folder = await pictureFolder(['a', 'b'], 2);
  assert.equal((await imageFolder(folder, options)).train.length, 2);
  assert.match(
    (await failure(imageFolder(folder, { ...options, test: 0.1 }))).message,
    /"a".*2 usable pictures; at least three are needed/,
  );
  assert.match((await failure(imageFolder(folder, { ...options, test: 1 }))).message, /test is 1/);
  assert.match((await failure(imageFolder(folder, { ...options, validation: 0.5, test: 0.5 }))).action, /Together/);
});

for (const group of [/^(patient\d+)_/, '^(patient[0-9]+)_', /patient\d+/g]) {
  test(`pictures of one patient stay on one side: ${String(group)}`, async () => {
    const folder = await patients(20, 4);
    for (let seed = 0; seed < 5; seed++) {
      const data = await imageFolder(folder, { ...options, seed, group, test: 0.2 });
      const patientsOf = (examples: readonly ImageExample[]) =>
        new Set(ids(examples).map((id) => id.replace(/_.*/, '')));
      const sides = [data.train, data.validation, data.test].map(patientsOf);
      assert.deepEqual(
        sides.map(({ size }) => size),
        [12, 4, 4],
      );
      assert.equal(new Set(sides.flatMap((side) => [...side])).size, 20);
      assert.deepEqual(data.report.classes, [
        { name: 'ill', train: 24, validation: 8, test: 8 },
        { name: 'well', train: 24, validation: 8, test: 8 },
      ]);
      assert.match(data.report.notes.join('\n'), /20 groups \(patient0, patient10, patient12, …\), each on one side/);
    }
  });
}

test('where no number of whole groups is right, the nearest is taken', async () => {
  // 8 patients of 6 pictures in each class: a fifth of 48 is 9.6, and 12 is nearer to it than 6.
  const data = await imageFolder(await patients(16, 6), { ...options, group: /^(patient\d+)_/ });
  assert.deepEqual(
    data.report.classes.map(({ validation }) => validation),
    [12, 12],
  );
});

test('a pattern that matches nothing, or is none, is refused; a class in one group, too', async () => {
  const folder = await patients(4, 3);
  assert.match(
    (await failure(imageFolder(folder, { ...options, group: /^subject/ }))).message,
    /matches no name.*ill\/patient0_0\.png/,
  );
  assert.match((await failure(imageFolder(folder, { ...options, group: '(' }))).message, /no regular expression/);
  const error = await failure(imageFolder(await patients(2, 5), { ...options, group: /^(patient\d)/ }));
  assert.match(error.message, /"ill".*too few groups/);
});
