import assert from 'node:assert/strict';
import { test } from 'node:test';

import { foundToEvaluate } from '../../../../src/runtime/data/dataset.js';
import { readImages } from '../../../../src/runtime/data/image/dataset.js';
import type { FoundPicture } from '../../../../src/runtime/data/image/scan.js';
import { imageWords } from '../../../../src/runtime/data/words.js';

/** Far above what a linear pass takes, far below what a quadratic one would. */
const seconds = 30;
/** The files are not there: nobody looks into them. */
const options = { size: [16, 16], nearDuplicates: false } as const;
const nothing = {
  words: imageWords,
  layout: 'folder',
  task: 'classification',
  directory: '',
  skipped: [],
  notes: [],
} as const;

function found(i: number, label: string, hash: string): FoundPicture {
  const id = `${label}/${i}.png`;
  return { id, source: { kind: 'file', path: id }, label, hash, width: 9, height: 9 };
}

const own = ['a', 'a', 'b', 'b'].map((label, i) => found(-1 - i, label, `own ${i}`));

const cases: readonly {
  name: string;
  count: number;
  label: (i: number) => string;
  hash: (i: number) => string;
  kept: number;
  groups: number;
}[] = [
  {
    name: 'one picture many times in one class',
    count: 200_000,
    label: () => 'a',
    hash: () => 'same',
    kept: 5,
    groups: 1,
  },
  {
    name: 'one picture many times in two classes',
    count: 200_000,
    label: (i) => 'ab'.charAt(i % 2),
    hash: () => 'same',
    kept: 4,
    groups: 1,
  },
  {
    name: 'pairs of the same picture',
    count: 200_000,
    label: () => 'b',
    hash: (i) => String(i >> 1),
    kept: 100_004,
    groups: 100_000,
  },
  { name: 'many pictures in one class', count: 200_000, label: () => 'b', hash: String, kept: 200_004, groups: 0 },
  { name: 'many classes', count: 120_000, label: (i) => `class ${i >> 1}`, hash: String, kept: 120_004, groups: 0 },
];
for (const { name, count, label, hash, kept, groups } of cases) {
  test(`no quadratic step: ${name}`, async () => {
    const began = performance.now();
    const all = [...own, ...Array.from({ length: count }, (_, i) => found(i, label(i), hash(i)))];
    const data = await readImages({ ...nothing, found: all }, options);
    const evaluated = foundToEvaluate({ ...nothing, found: all });
    assert.equal(data.train.length + data.validation.length, kept);
    assert.equal(evaluated.found.length, kept);
    assert.equal(data.report.duplicates.length, groups);
    const took = (performance.now() - began) / 1000;
    assert.ok(took < seconds, `${took.toFixed(1)} s`);
  });
}

test('one picture in thousands of classes: each says so in few words', () => {
  const all = [...own, ...Array.from({ length: 5_000 }, (_, i) => found(i, `class ${i}`, 'same'))];
  const { skipped } = foundToEvaluate({ ...nothing, found: all });
  assert.equal(skipped.length, 5_000);
  assert.equal(
    skipped[4_999]?.reason,
    `the same picture is in several classes: ${Array.from({ length: 10 }, (_, i) => `class ${i}`).join(', ')} and 4990 more`,
  );
});
