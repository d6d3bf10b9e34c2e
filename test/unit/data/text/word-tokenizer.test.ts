import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readTokenizer } from '../../../../src/runtime/data/text/read-tokenizer.js';
import { wordTokenizer } from '../../../../src/runtime/data/text/word-tokenizer.js';

const words = ['', 'good', 'day', "don't", 'don', "'", 'panic', '!', 'café'];
const tokenizer = wordTokenizer(words);
const cases: readonly (readonly [text: string, tokens: readonly string[]])[] = [
  ['Good DAY!', ['good', 'day', '!']],
  ["don't panic", ["don't", 'panic']],
  ["don'x", ['don', "'"]],
  ['a CAFE\u0301 day', ['café', 'day']],
  ['good\u0000day \uD83D', ['good', 'day']],
  ['nothing known 12', []],
  ['', []],
];
for (const [text, tokens] of cases)
  test(`${JSON.stringify(text)} has the words ${tokens.join(' ')}`, () => {
    assert.deepEqual(tokenizer.tokens(text), tokens);
    const ids = Array.from(tokenizer.encode(text).ids);
    assert.deepEqual(ids, tokens.length === 0 ? [0] : tokens.map((word) => words.indexOf(word)));
  });

test('a long text is cut, and that is said', () => {
  const { ids, truncated } = tokenizer.encode('good '.repeat(5000));
  assert.equal(ids.length, tokenizer.longest);
  assert.equal(truncated, true);
  assert.equal(tokenizer.encode('good day').truncated, false);
});

test('its file read again gives the same tokenizer', () => {
  const again = readTokenizer(tokenizer.files);
  assert.equal(again.hash, tokenizer.hash);
  assert.deepEqual(again.encode('good café day'), tokenizer.encode('good café day'));
  assert.throws(() => readTokenizer({ 'words.txt': '' }, 'model'), /model: words\.txt holds no words/);
});
