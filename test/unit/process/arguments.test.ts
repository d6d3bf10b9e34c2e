import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { trainingArguments, type Assignment } from '../../../src/runs/launchers/training-arguments.js';
import { parseTrainingArguments } from '../../../src/runtime/process/arguments.js';

const folder = path.resolve('runs', 'r1');
const least: Assignment = {
  ...{ folder, script: path.resolve('a "b".ts'), workspace: path.resolve('.'), engine: 'auto', resume: false },
};
const assignment: Assignment = {
  ...least,
  ...{ purpose: 'from-scratch', overrides: { epochs: 3, size: [64, 64], save: false } },
  arguments: ['--all', 'a b', '{"x":1}', '', 'ä\n'],
};

test('a training process is told what was meant, whatever is in it; the folder is a word of its own', () => {
  const words = trainingArguments(assignment);
  assert.equal(words[0], folder);
  assert.deepEqual(parseTrainingArguments(words), assignment);
  assert.deepEqual(parseTrainingArguments(trainingArguments(least)), least);
});

const wrong: readonly (readonly string[])[] = [
  [],
  [folder],
  [folder, '[]'],
  [folder, JSON.stringify({ ...assignment, engine: 'abacus' })],
  [folder, JSON.stringify({ ...assignment, script: undefined })],
  [folder, JSON.stringify({ ...assignment, arguments: [7] })],
  [folder, JSON.stringify({ ...assignment, resume: 'yes' })],
  ['', JSON.stringify(assignment)],
];
for (const words of wrong) {
  test(`refused: ${JSON.stringify(words).slice(-60)}`, () => {
    assert.throws(() => parseTrainingArguments(words));
  });
}
