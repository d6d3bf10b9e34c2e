import { hubTokenizer, type TokenizerFiles } from './hub-tokenizer.js';
import type { Tokenizer } from './tokenizer.js';
import { readWordTokenizer, wordsFile } from './word-tokenizer.js';

/**
 * The tokenizer whose `files` these are.
 *
 * @param where they are, as errors name it.
 * @throws GraftError for files that are missing, damaged, or of a kind that is not known.
 */
export function readTokenizer(files: TokenizerFiles, where?: string): Tokenizer {
  const words = files[wordsFile];
  if (words === undefined) return hubTokenizer(files, where);
  const text = typeof words === 'string' ? words : Buffer.from(words).toString('utf8');
  return readWordTokenizer(text, where ?? 'The tokenizer');
}

/** The names that files of a tokenizer may have: a saved model has those that are there. */
export const tokenizerFiles = [
  'tokenizer.json',
  'tokenizer_config.json',
  'sentence_bert_config.json',
  wordsFile,
] as const;
