import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isPreprocessing, parsePreprocessing, preprocessingText } from '../../../src/protocol/index.js';

const written: readonly (readonly [string, unknown])[] = [
  ['tf', 'tf'],
  [' caffe ', 'caffe'],
  ['mean=127.5,std=127.5', { mean: [127.5], std: [127.5] }],
  ['mean=120,110.5,100, std=60,61,62', { mean: [120, 110.5, 100], std: [60, 61, 62] }],
  ['mean=-1,std=2', { mean: [-1], std: [2] }],
  ['TF', undefined],
  ['', undefined],
  ['mean=1', undefined],
  ['std=1,mean=1', undefined],
  ['mean=1,std=0', undefined],
  ['mean=1,std=-2', undefined],
  ['mean=1,2,std=1,2', undefined],
  ['mean=1,,3,std=1', undefined],
  ['mean=a,std=1', undefined],
];

for (const [text, expected] of written)
  test(`${JSON.stringify(text)} is ${expected === undefined ? 'none' : JSON.stringify(expected)}`, () => {
    const preprocessing = parsePreprocessing(text);
    assert.deepEqual(preprocessing, expected);
    if (preprocessing !== undefined) assert.deepEqual(parsePreprocessing(preprocessingText(preprocessing)), expected);
  });

for (const value of [
  { mean: [1] },
  { mean: 1, std: 1 },
  { mean: [1], std: [NaN] },
  { mean: [1], std: [1], x: 1 },
  null,
])
  test(`${JSON.stringify(value)} is none`, () => {
    assert.equal(isPreprocessing(value), false);
  });
