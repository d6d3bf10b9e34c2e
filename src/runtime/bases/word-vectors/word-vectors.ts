import path from 'node:path';

import { counted } from '../../../common/counted.js';
import { checkOptions, checkValue, number, text, type OptionTable } from '../../../common/check-options.js';
import { wordTokenizer } from '../../data/text/word-tokenizer.js';
import { openedRun } from '../../run/current.js';
import { pathToRead } from '../../run/script-path.js';
import { tf } from '../../tf.js';
import { registerBase } from '../base.js';
import { layer } from '../build/layers.js';
import { readWordVectors } from './read.js';

interface WordVectorsOptions {
  /** How many words are read, from the first: files have the most frequent first. Default 100,000. */
  readonly words?: number;
}

const optionTable: OptionTable<WordVectorsOptions> = {
  words: number(
    'a whole number from 1 to 2,000,000',
    (words) => Number.isInteger(words) && words >= 1 && words <= 2_000_000,
  ),
};

/**
 * Word vectors as a base for texts, from a text file of GloVe or fastText: of a text's words the mean, the largest and the smallest of each
 * number. Words that are not in the file are left out; a text without any other becomes zeros. Each vector is kept as whole numbers from −127 to
 * 127, and does not train.
 *
 * @param file relative to the script.
 * @returns ids of words [batch, length] → [batch, 3 · numbers of a vector].
 * @throws GraftError for a file that is missing, no text, ragged, or has what is no number; it names the line.
 * @example
 * const base = await wordVectors('glove.6B.100d.txt');
 */
export async function wordVectors(file: string, options: WordVectorsOptions = {}): Promise<tf.LayersModel> {
  checkValue('wordVectors', 'the file', file, { ...text, is: 'the path of a text file of GloVe or fastText' });
  checkOptions('wordVectors', options, optionTable);
  const run = await openedRun();
  const location = run === undefined ? file : pathToRead(run, file);
  const { words, units, table, scale, hash, more, again } = await readWordVectors(location, options.words ?? 100_000);
  const ids = tf.input({ shape: [null], dtype: 'int32', name: 'ids' });
  // The first row is no word.
  const config = { vocabulary: words.length + 1, units };
  const vectors = layer('TokenVectors', 'vectors', { ...config, kernelInitializer: 'zeros' }, ids);
  const outputs = layer('TokenPooling', 'pooled', { of: ['mean', 'max', 'min'] }, vectors);
  const name = path.basename(location, path.extname(location));
  const model = tf.model({ inputs: ids, outputs, name });
  tf.tidy(() => {
    model
      .getLayer('vectors')
      .setWeights([
        tf.concat([tf.zeros([1, units]), tf.tensor2d(Float32Array.from(table), [words.length, units])]),
        tf.tensor2d(Float32Array.of(0, ...scale), [words.length + 1, 1]),
      ]);
  });
  const said = [
    ...(more ? [`Its first ${words.length} words are known.`] : []),
    ...(again === 0 ? [] : [`${counted(again, 'line')} had a word that was there before, but for capitals: left out.`]),
  ];
  const info = { name, preprocessing: 'none', weights: location, hash } as const;
  return registerBase(model, {
    ...info,
    ...(said.length === 0 ? {} : { why: said.join(' ') }),
    tokenizer: wordTokenizer(['', ...words]),
  });
}
