import { createHash } from 'node:crypto';

import { GraftError } from '../../../common/errors.js';
import { openRegularFile } from '../../../common/read-file.js';

/** Vectors of words, each as whole numbers from −127 to 127 times a number of its own. */
export interface WordTable {
  /** In the file's order, in lower case. */
  readonly words: readonly string[];
  /** Numbers of each vector. */
  readonly units: number;
  /** [words, units] */
  readonly table: Int8Array;
  /** [words] */
  readonly scale: Float32Array;
  /** Lines whose word was there before. */
  readonly again: number;
  /** More words were there than were wanted. */
  readonly more: boolean;
  /** SHA-256 (hex) of what was read. */
  readonly hash: string;
}

/** Longer than any vector: 10,000 numbers. */
const longestLine = 1 << 18;

/**
 * Reads word vectors as GloVe and fastText write them: a word and its numbers on each line, with a first line of their counts or none. The file
 * is streamed, up to the last word that is wanted.
 *
 * @throws GraftError that names the line: one with other than as many numbers as the first, or with what is no number.
 */
export async function readWordVectors(file: string, most: number): Promise<WordTable> {
  const known = new Set<string>();
  const rows: Int8Array[] = [];
  const scales: number[] = [];
  const hash = createHash('sha256');
  let [units, number, again, more] = [0, 0, 0, false];
  for await (const line of linesOf(file)) {
    number++;
    if (line === '' || (number === 1 && /^\d+ \d+$/.test(line))) continue;
    if (known.size >= most) {
      more = true;
      break;
    }
    const at = `${file}, line ${number}`;
    const parts = line.split(/[ \t]/);
    units ||= parts.length - 1;
    const words = parts.length - units;
    if (units < 1 || words < 1 || (words > 1 && parts.slice(1, words).every(isNumber))) throw ragged(at, parts, units);
    const numbers = parts.slice(words).map(Number);
    const wrong = parts.slice(words).findIndex((part) => !isNumber(part));
    if (wrong !== -1) throw noNumber(at, parts[words + wrong] ?? '');
    hash.update(line).update('\n');
    // GloVe's largest file has words with spaces in them, which no text is cut into.
    const word = parts[0]?.toLowerCase() ?? '';
    if (words > 1 || word === '') continue;
    if (known.has(word)) {
      // In cased files most words are there in several spellings: the first is the most frequent.
      again++;
      continue;
    }
    known.add(word);
    const scale = numbers.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) / 127;
    scales.push(scale);
    rows.push(Int8Array.from(numbers, (value) => (scale === 0 ? 0 : Math.round(value / scale))));
  }
  if (rows.length === 0)
    throw new GraftError(`${file} holds no word vectors.`, {
      action: 'Give a text file as GloVe or fastText has it: a word and its numbers on each line.',
    });
  const table = new Int8Array(rows.length * units);
  rows.forEach((row, i) => {
    table.set(row, i * units);
  });
  return { words: [...known], units, table, scale: Float32Array.from(scales), again, more, hash: hash.digest('hex') };
}

const isNumber = (text: string) =>
  /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text) && Number.isFinite(Number(text));

function ragged(at: string, parts: readonly string[], units: number): GraftError {
  const has = parts.length - 1;
  return new GraftError(
    units < 1 ? `${at} has a word and no numbers.` : `${at} has ${has} numbers, and the first word has ${units}.`,
    { action: 'Give a text file as GloVe or fastText has it; if it was one, it is damaged: copy it again.' },
  );
}

function noNumber(at: string, part: string): GraftError {
  return new GraftError(`${at} has ${JSON.stringify(part.slice(0, 40))} where a number should be.`, {
    action: 'Give a text file as GloVe or fastText has it; if it was one, it is damaged: copy it again.',
  });
}

/** @throws GraftError for a file that is no text. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const handle = await openRegularFile(file);
  // The stream closes it.
  const stream = handle.createReadStream({ encoding: 'utf8', highWaterMark: 1 << 18 }) as AsyncIterable<string>;
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine || chunk.includes('\0')) throw binary(file);
    for (const line of lines) yield line.trimEnd();
  }
  if (rest !== '') yield rest.trimEnd();
}

function binary(file: string): GraftError {
  return new GraftError(`${file} is no text file of word vectors.`, {
    action:
      'Give the text format: .txt of GloVe, .vec of fastText. Of word2vec: save_word2vec_format(…, binary=False) in Python.',
  });
}
