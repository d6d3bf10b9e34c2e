/** Texts for tests that need no real base: a tokenizer of a few words, an embedding of them, and letters that can be told apart by them. */
import { sha256 } from '../../src/common/hash.js';
import { uniform } from '../../src/common/random.js';
import { registerBase } from '../../src/runtime/bases/base.js';
import { splitData, type SplitOptions } from '../../src/runtime/data/index.js';
import { textKind } from '../../src/runtime/data/text/kind.js';
import { readTokenizer } from '../../src/runtime/data/text/read-tokenizer.js';
import type { Tokenizer } from '../../src/runtime/data/text/tokenizer.js';
import type { TextDataset } from '../../src/runtime/data/text/types.js';
import { tf } from '../../src/runtime/tf.js';

/** Of each class some words, then those that all have. */
const wordsOf = {
  question: ['when', 'how', 'where', 'why'],
  order: ['send', 'buy', 'want', 'please'],
  thanks: ['thank', 'lovely', 'great', 'happy'],
};
const common = ['the', 'roses', 'garden', 'seeds', 'a', 'and', 'my', 'for', 'tulips', 'soil'];
const words = [...Object.values(wordsOf).flat(), ...common];

const vocabulary = Object.fromEntries(['[UNK]', ...words].map((word, id) => [word, id]));

/** `longest`: tokens that it takes of a text. */
export function tinyTokenizer(longest?: number): Tokenizer {
  const json = {
    version: '1.0',
    added_tokens: [],
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: null,
    decoder: null,
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: vocabulary,
    },
  };
  const limit =
    longest === undefined ? {} : { 'sentence_bert_config.json': JSON.stringify({ max_seq_length: longest }) };
  return readTokenizer({ 'tokenizer.json': JSON.stringify(json), ...limit });
}

/** [batch, tokens] → [batch, 8]. */
export function tinyBase(tokenizer: Tokenizer = tinyTokenizer()): tf.LayersModel {
  const rows = words.length + 1;
  const input = tf.input({ shape: [null] });
  const table = tf.layers.embedding({ inputDim: rows, outputDim: 8, name: 'table' }).apply(input);
  const output = tf.layers.globalAveragePooling1d({ name: 'mean' }).apply(table) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: output, name: 'tiny' });
  const random = uniform(1);
  tf.tidy(() => {
    model.setWeights([
      tf.tensor2d(
        Float32Array.from({ length: rows * 8 }, () => random() * 2 - 1),
        [rows, 8],
      ),
    ]);
  });
  return registerBase(model, { name: 'tiny', preprocessing: 'none', weights: 'made up', hash: 'h', tokenizer });
}

/** Letters of a class, all different. */
export function letters(count = 60): { readonly label: string; readonly text: string }[] {
  const random = uniform(7);
  const one = (list: readonly string[]) => list[Math.floor(random() * list.length)] ?? '';
  const labels = Object.keys(wordsOf) as (keyof typeof wordsOf)[];
  return Array.from({ length: count }, (_, i) => {
    const label = labels[i % labels.length] ?? 'order';
    const own = Array.from({ length: 1 + (i % 3) }, () => one(wordsOf[label]));
    const others = Array.from({ length: 2 + (i % 4) }, () => one(common));
    return { label, text: `${[...own, ...others].join(' ')} ${i}` };
  });
}

export function textsOf(
  list: readonly { readonly label: string; readonly text: string }[],
  options: SplitOptions = { seed: 3 },
) {
  const found = list.map(({ label, text }, i) => ({
    ...{ id: `letters.csv#${i + 2}`, label, hash: sha256(text), source: { path: '/letters.csv', text } },
  }));
  const nothing = { skipped: [], notes: [] };
  const data = {
    words: textKind.words,
    layout: 'csv',
    task: 'classification',
    directory: '/',
    found,
    ...nothing,
  } as const;
  return { ...splitData(data, options), kind: textKind } as unknown as TextDataset;
}
