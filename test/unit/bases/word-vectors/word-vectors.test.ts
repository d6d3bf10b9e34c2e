import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { GraftError, present } from '../../../../src/common/errors.js';
import { baseOf } from '../../../../src/runtime/bases/base.js';
import { wordVectors } from '../../../../src/runtime/bases/word-vectors/word-vectors.js';
import { textKind } from '../../../../src/runtime/data/text/kind.js';
import { chooseEngine } from '../../../../src/runtime/engines/index.js';
import { inputsOf } from '../../../../src/runtime/graph/inputs.js';
import { programOf } from '../../../../src/runtime/graph/program.js';
import { tf } from '../../../../src/runtime/tf.js';
import { temporaryFolder } from '../../../support/pictures.js';
import { sharedData } from '../../../support/shared-data.js';

function fileWith(content: string | Uint8Array): string {
  const file = path.join(temporaryFolder(), 'vectors.txt');
  writeFileSync(file, content);
  return file;
}

/** What the base makes of a text: by ONNX Runtime, held against TensorFlow.js. */
async function featuresOf(base: tf.LayersModel, text: string): Promise<number[]> {
  const { tokenizer } = present(baseOf(base), 'The base').info;
  assert.ok(tokenizer !== undefined);
  const compiled = chooseEngine('onnxruntime').compile(programOf(base), inputsOf(textKind, { tokenizer }, 'none'));
  assert.ok(compiled.refusal === undefined, compiled.refusal);
  const runner = await compiled.open();
  const { ids } = tokenizer.encode(text);
  const [output] = await runner.run({ ids: { data: ids, shape: [1, ids.length] } });
  await runner.dispose();
  const found = Array.from(present(output, 'An output').data);
  const plain = tf.tidy(() => (base.predict(tf.tensor2d(ids, [1, ids.length], 'int32')) as tf.Tensor).dataSync());
  found.forEach((value, i) => {
    assert.ok(Math.abs(value - (plain[i] ?? NaN)) < 1e-6);
  });
  return found;
}

const near = (found: readonly number[], expected: readonly number[], tolerance = 0.01) => {
  assert.equal(found.length, expected.length);
  found.forEach((value, i) => {
    assert.ok(Math.abs(value - (expected[i] ?? NaN)) <= tolerance, `${found.join(' ')} against ${expected.join(' ')}`);
  });
};

const rows = 'good 1 -0.5\nday 0.25 1\nnight -1 0\n';
for (const [name, content] of [
  ['GloVe', rows],
  ['fastText, with its first line and spaces at the ends', `3 2\n${rows.replaceAll('\n', ' \n')}`],
  ['Windows, without an end', rows.replaceAll('\n', '\r\n').trimEnd()],
] as const)
  test(`${name}: the mean, the largest and the smallest of each number`, async () => {
    const base = await wordVectors(fileWith(content));
    near(await featuresOf(base, 'Good night, unheard-of DAY'), [0.25 / 3, 0.5 / 3, 1, 1, -1, -0.5]);
    assert.deepEqual(await featuresOf(base, 'nobody knows these'), [0, 0, 0, 0, 0, 0]);
  });

test('words in capitals, words again, and words with spaces', async () => {
  const base = await wordVectors(fileWith('Paris 1 0\nparis 0 1\nPARIS 1 1\n. . 0.5 0.5\nrome 0 1\n'));
  near(await featuresOf(base, 'PARIS'), [1, 0, 1, 0, 1, 0]);
  assert.match(baseOf(base)?.info.why ?? '', /^2 lines had a word that was there before/);
});

test('only as many words as are wanted', async () => {
  const base = await wordVectors(fileWith(rows), { words: 2 });
  assert.deepEqual(baseOf(base)?.info.tokenizer?.tokens('good day night'), ['good', 'day']);
  assert.match(baseOf(base)?.info.why ?? '', /Its first 2 words are known/);
  await assert.rejects(wordVectors(fileWith(rows), { words: 0 }), /words/);
});

const wrong: readonly (readonly [name: string, content: string | Uint8Array, message: RegExp])[] = [
  ['nothing', '', /holds no word vectors/],
  ['a first line alone', '400000 100\n', /holds no word vectors/],
  ['a line with fewer numbers', 'good 1 2 3\nday 1 2\n', /line 2 has 2 numbers, and the first word has 3/],
  ['a line with more numbers', 'good 1 2\nday 1 2 3\n', /line 2 has 3 numbers, and the first word has 2/],
  ['a word alone', 'good\n', /line 1 has a word and no numbers/],
  ['what is no number', 'good 1 2\nday 1 x\n', /line 2 has "x" where a number should be/],
  ['NaN', 'good 1 2\nday NaN 1\n', /line 2 has "NaN" where a number should be/],
  ['infinity', 'good 1 1e999\n', /line 1 has "1e999" where a number should be/],
  [
    'the binary format',
    Buffer.concat([Buffer.from('2 2\ngood '), Buffer.alloc(16)]),
    /is no text file of word vectors/,
  ],
  ['a line without end', `good ${'1'.repeat(1 << 20)}`, /is no text file of word vectors/],
];
for (const [name, content, message] of wrong)
  test(`refused in a sentence: ${name}`, async () => {
    await assert.rejects(
      wordVectors(fileWith(content)),
      (error) => error instanceof GraftError && message.test(error.message),
    );
  });

const glove = sharedData('glove-twitter-25d/glove_twitter_25d_11925.txt');
test('GloVe of Twitter: a word is its line, to the hundredth part of its largest number', glove.options, async () => {
  const base = await wordVectors(glove.path);
  const [, ...numbers] = (
    readFileSync(glove.path, 'utf8')
      .split('\n')
      .find((line) => line.startsWith('dog ')) ?? ''
  ).split(' ');
  const expected = numbers.map(Number);
  assert.equal(expected.length, 25);
  near(
    await featuresOf(base, 'dog'),
    [...expected, ...expected, ...expected],
    0.01 * Math.max(...expected.map(Math.abs)),
  );
});
