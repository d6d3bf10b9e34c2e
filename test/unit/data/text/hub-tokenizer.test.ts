import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { GraftError } from '../../../../src/common/errors.js';
import { hubTokenizer } from '../../../../src/runtime/data/text/hub-tokenizer.js';
import { readTokenizer } from '../../../../src/runtime/data/text/read-tokenizer.js';
import { sharedData } from '../../../support/shared-data.js';

const shared = sharedData('all-minilm-l6-v2');
const fileOf = (name: string) => readFileSync(path.join(shared.path, name), 'utf8');
const minilm = () =>
  Object.fromEntries(
    ['tokenizer.json', 'tokenizer_config.json', 'sentence_bert_config.json', 'config.json'].map((name) => [
      name,
      fileOf(name),
    ]),
  );

const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'a', 'good', 'bad', 'day', '##s', '!', 'caf', '##e'];
const special = (content: string) => ({ id: vocabulary.indexOf(content), content, special: true, normalized: false });
const tiny = {
  version: '1.0',
  added_tokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]'].map(special),
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [
      { SpecialToken: { id: '[CLS]', type_id: 0 } },
      { Sequence: { id: 'A', type_id: 0 } },
      { SpecialToken: { id: '[SEP]', type_id: 0 } },
    ],
    pair: [],
    special_tokens: {
      '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
      '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
    },
  },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
  },
};
const tinyFiles = (longest = 8, json: unknown = tiny) => ({
  'tokenizer.json': JSON.stringify(json),
  'sentence_bert_config.json': JSON.stringify({ max_seq_length: longest }),
});
const ids = (text: string, longest?: number) => Array.from(hubTokenizer(tinyFiles(longest)).encode(text).ids);

test('the ids of all-MiniLM-L6-v2 are those of the reference', shared.options, () => {
  const tokenizer = hubTokenizer(minilm());
  assert.equal(tokenizer.longest, 256);
  assert.equal(tokenizer.largest, 30521);
  const reference = JSON.parse(fileOf('reference.json')) as { text: string; ids: number[] }[];
  for (const { text, ids } of reference)
    assert.deepEqual(Array.from(tokenizer.encode(text).ids), ids, text.slice(0, 40));
});

test('truncation leaves the special tokens at the ends, and is said', () => {
  assert.deepEqual(ids('good good good days', 5), [2, 5, 5, 5, 3]);
  const tokenizer = hubTokenizer(tinyFiles(5));
  assert.equal(tokenizer.encode('good good day').truncated, false);
  assert.equal(tokenizer.encode('good good days').truncated, true);
});

test('tokens are those that the model is given, without special ones', () => {
  assert.deepEqual(hubTokenizer(tinyFiles(6)).tokens('Good CAFÉ zebra day day'), ['good', 'caf', '##e', '[UNK]']);
});

const hostile: readonly (readonly [name: string, text: string, ids: readonly number[]])[] = [
  ['nothing', '', [2, 3]],
  ['white space', ' \t\n\u00A0 ', [2, 3]],
  ['half a surrogate pair', 'good \uD83D day', [2, 5, 7, 3]],
  ['the other half', '\uDE00good', [2, 5, 3]],
  ['control characters', 'g\u0000oo\u0007d\u200B', [2, 5, 3]],
  ['zero-width joiners alone', '\u200D'.repeat(1e5), [2, 3]],
  ['a special token as text', 'good [SEP] day', [2, 5, 3, 7, 3]],
  ['one word of 10 MB', 'a'.repeat(1e7), [2, 1, 3]],
  ['10 MB without a space', '!a'.repeat(5e6), [2, 9, 4, 9, 4, 9, 4, 3]],
  ['combining marks on one letter', `a${'\u0301'.repeat(1e5)}`, [2, 4, 3]],
];
for (const [name, text, expected] of hostile)
  test(`hostile: ${name}`, () => {
    const start = performance.now();
    assert.deepEqual(ids(text), expected);
    assert.ok(performance.now() - start < 5000, 'it takes no longer than its length');
  });

test('its files read again give the same tokenizer', () => {
  const one = hubTokenizer(tinyFiles());
  const again = readTokenizer(one.files);
  assert.equal(again.hash, one.hash);
  assert.equal(again.longest, 8);
  assert.deepEqual(again.encode('good days!'), one.encode('good days!'));
  assert.notEqual(hubTokenizer(tinyFiles(9)).hash, one.hash);
});

const length: readonly (readonly [files: Record<string, object>, longest: number])[] = [
  [{ 'sentence_bert_config.json': { max_seq_length: 256 }, 'config.json': { max_position_embeddings: 512 } }, 256],
  [{ 'tokenizer_config.json': { model_max_length: 512 }, 'config.json': { max_position_embeddings: 128 } }, 128],
  [
    {
      'tokenizer_config.json': { model_max_length: 1e30 },
      'config.json': { max_position_embeddings: 514, model_type: 'roberta' },
    },
    512,
  ],
  [{ 'sentence_bert_config.json': { max_seq_length: null }, 'tokenizer_config.json': { model_max_length: 384 } }, 384],
  [{}, Infinity],
];
for (const [files, longest] of length)
  test(`the longest text by ${JSON.stringify(files)}: ${longest}`, () => {
    const written = Object.entries(files).map(([name, value]) => [name, JSON.stringify(value)] as const);
    assert.equal(
      hubTokenizer({ 'tokenizer.json': JSON.stringify(tiny), ...Object.fromEntries(written) }).longest,
      longest,
    );
  });

const wrong: readonly (readonly [name: string, files: Record<string, string>, message: RegExp])[] = [
  ['no tokenizer.json', {}, /^model has no tokenizer\.json\.$/],
  ['no JSON', { 'tokenizer.json': '{"model": ' }, /^model: tokenizer\.json is not valid JSON/],
  ['a list', { 'tokenizer.json': '[]' }, /^model: tokenizer\.json .* is no object\.$/],
  ['no model', { 'tokenizer.json': '{"added_tokens": []}' }, /cannot be used: it holds no model\.$/],
  ['an unknown model', tinyFiles(8, { ...tiny, model: { type: 'WordLevel' } }), /its model is a WordLevel/],
  ['no vocabulary', tinyFiles(8, { ...tiny, model: { type: 'WordPiece' } }), /no list of tokens/],
  ['no added tokens', tinyFiles(8, { ...tiny, added_tokens: null }), /no list of tokens/],
  ['an unknown normalizer', tinyFiles(8, { ...tiny, normalizer: { type: 'Strange' } }), /cannot be used: .*Strange/],
  ['ids that are no numbers', tinyFiles(8, { ...tiny, added_tokens: [{ id: 1e9, content: 'x' }] }), /whole numbers/],
  ['room for special tokens alone', tinyFiles(2), /2 tokens at most leave no room/],
];
for (const [name, files, message] of wrong)
  test(`refused in a sentence: ${name}`, () => {
    assert.throws(
      () => hubTokenizer(files, 'model'),
      (error: unknown) => {
        assert.ok(error instanceof GraftError, String(error));
        assert.match(error.message, message);
        assert.ok(!error.message.includes('\n'));
        return true;
      },
    );
  });
