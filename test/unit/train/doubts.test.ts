import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { EpochRecord } from '../../../src/protocol/index.js';
import { multiLabel } from '../../../src/runtime/tasks/multi-label.js';
import { imageWords } from '../../../src/runtime/data/words.js';
import { doubts } from '../../../src/runtime/train/doubts.js';

const epoch = (loss: number, learningRate = 1e-3): EpochRecord => ({
  stage: 'head',
  epoch: 1,
  train: { loss, accuracy: 0.5 },
  validation: { loss: 1, accuracy: 0.5, macroF1: 0.5 },
  learningRate,
  ms: 1,
});
const half = [
  [25, 25],
  [24, 26],
];
const good = [
  [45, 5],
  [4, 46],
];
const always = [
  [0, 5],
  [0, 95],
];

const cases = [
  {
    name: 'a good model',
    confusion: good,
    accuracy: 0.91,
    macroF1: 0.91,
    loss: 0.3,
    history: [epoch(0.3)],
    expected: [],
  },
  {
    name: 'a loss of 6e18',
    ...{ confusion: good, accuracy: 0.91, macroF1: 0.91, loss: 0.3, history: [epoch(0.3), epoch(6e18)] },
    expected: [
      'The loss is 6.0e+18, and guessing has 0.69: the training went astray. Find a rate that it learns at with: graft find-learning-rate t.ts',
    ],
  },
  {
    name: 'a loss that is no number any more',
    ...{ confusion: good, accuracy: 0.91, macroF1: 0.91, loss: 0.3 },
    history: [epoch(0.3), { ...epoch(0.3), validation: { loss: NaN, accuracy: 0.5, macroF1: 0.5 } }],
    expected: [
      'The loss is NaN, and guessing has 0.69: the training went astray. Find a rate that it learns at with: graft find-learning-rate t.ts',
    ],
  },
  {
    name: 'one coin',
    ...{ confusion: half, accuracy: 0.51, macroF1: 0.51, loss: 0.7, history: [epoch(0.7)] },
    expected: [
      'The model is no better than guessing: accuracy 51.0 %; the most frequent class is 50.0 % of the validation set, and luck makes that up to 60.0 %. Look at the labels; if they are right, find a learning rate (graft find-learning-rate t.ts), or give it more epochs, or unfreeze more of the base.',
    ],
  },
  {
    name: 'always the same class',
    ...{ confusion: always, accuracy: 0.95, macroF1: 0.487, loss: 0.2, history: [epoch(0.2, 0)] },
    expected: [
      'The model is no better than guessing: accuracy 95.0 %, and the most frequent class is 95.0 % of the validation set. Look at the labels; if they are right, try another base.',
    ],
  },
  {
    name: 'three of six',
    confusion: [
      [2, 1],
      [2, 1],
    ],
    ...{ accuracy: 0.5, macroF1: 0.486, loss: 0.7, history: [epoch(0.7, 0)] },
    expected: [
      'The model is no better than guessing: accuracy 50.0 %, and the most frequent class is 50.0 % of the validation set. Add pictures, and look at the labels.',
    ],
  },
  {
    name: 'four of six',
    confusion: [
      [2, 1],
      [1, 2],
    ],
    ...{ accuracy: 0.667, macroF1: 0.5, loss: 0.7, history: [epoch(0.7, 0)] },
    expected: [
      '6 validation pictures are too few to tell the model from guessing: accuracy 66.7 %, and guessing has up to 90.8 % by luck. Add pictures.',
    ],
  },
  {
    name: 'a rare class that is found',
    confusion: [
      [4, 1],
      [4, 91],
    ],
    ...{ accuracy: 0.95, macroF1: 0.795, loss: 0.2, history: [epoch(0.2)], expected: [] },
  },
];

for (const { name, confusion, accuracy, macroF1, loss, history, expected } of cases) {
  test(`what is said at the end of a training: ${name}`, () => {
    const found = doubts(
      { classes: ['a', 'b'], confusion, metrics: { accuracy, macroF1, loss }, history },
      'feature-extraction',
      't.ts',
      imageWords,
    );
    assert.deepEqual(
      found.map(({ message, action }) => `${message} ${action}`),
      expected,
    );
  });
}

const labelCases: readonly {
  readonly what: string;
  /** What is true of each picture, and what the model gives: a row for each. */
  readonly truths: readonly (readonly number[])[];
  readonly scores: readonly (readonly number[])[];
  readonly expected: readonly string[];
}[] = [
  { what: 'a good order', truths: [[1], [1], [0], [0]], scores: [[0.9], [0.8], [0.2], [0.1]], expected: [] },
  {
    what: 'the wrong order',
    truths: [[1], [0], [0], [0]],
    scores: [[0.1], [0.2], [0.8], [0.9]],
    expected: ['The model is hardly better than guessing: a mean average precision of 0.25, and guessing has 0.25.'],
  },
  {
    what: 'all pictures have the label, all of which are said',
    ...{ truths: [[1], [1], [1], [1]], scores: [[0.9], [0.9], [0.9], [0.9]] },
    expected: [
      '4 validation pictures cannot tell whether the model has learnt anything: all have each label, or none has it.',
    ],
  },
  {
    what: 'one label is on all pictures, and the other one is well told',
    truths: [
      [1, 1],
      [1, 0],
      [1, 0],
      [1, 0],
    ],
    scores: [
      [0.9, 0.9],
      [0.9, 0.1],
      [0.9, 0.1],
      [0.9, 0.1],
    ],
    expected: [],
  },
  {
    what: 'one label is on all pictures, and the other one is guessed',
    truths: [
      [1, 1],
      [1, 0],
      [1, 0],
      [1, 0],
    ],
    scores: [
      [0.9, 0.1],
      [0.9, 0.2],
      [0.9, 0.3],
      [0.9, 0.4],
    ],
    expected: ['The model is hardly better than guessing: a mean average precision of 0.25, and guessing has 0.25.'],
  },
];

for (const { what, truths, scores, expected } of labelCases)
  test(`labels: ${what}`, () => {
    const names = (truths[0] ?? []).map((_, i) => `label ${i}`);
    const examples = truths.map((row, i) => ({ id: `${i}`, label: row.flatMap((one, c) => (one === 1 ? [c] : [])) }));
    const outputs = { names, examples, values: Float32Array.from(scores.flat()) };
    const figures = multiLabel.figures(outputs, { kind: 'binaryCrossentropy' });
    const found = doubts({ ...figures, classes: names, history: [] }, 'fine-tuning', 't', imageWords);
    assert.deepEqual(
      found.map(({ message }) => message),
      expected,
    );
  });
