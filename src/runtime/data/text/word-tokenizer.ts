import { GraftError } from '../../../common/errors.js';
import { sha256 } from '../../../common/hash.js';
import type { Tokenizer } from './tokenizer.js';

/** The file that a saved model carries: a word a line, in the order of their ids. */
export const wordsFile = 'words.txt';

/** The id of no word: its vector is zero. A text in which no word is known is given as this one. */
export const noWord = 0;

/** Letters, digits and signs in a row, apostrophes within words; each other sign by itself. */
const pattern = /[\p{L}\p{N}\p{M}_]+(?:['’][\p{L}\p{M}]+)*|[^\s\p{C}]/gu;

/** So many words are looked at: no mean changes after them. */
const longest = 4096;
const charactersAtMost = 1 << 18;

/**
 * Words of a text as word vectors know them: in lower case, unknown ones left out. A word with an apostrophe or other parts is asked for as a
 * whole, then by its parts. A text without any known word becomes `[noWord]`.
 *
 * @param words in the order of their ids; the first is no word (`noWord`).
 */
export function wordTokenizer(words: readonly string[]): Tokenizer {
  const ids = new Map<string, number>();
  words.forEach((word, id) => {
    if (id !== noWord) ids.set(word, id);
  });
  const file = words.slice(1).join('\n');
  const body = (text: string) => {
    const known: number[] = [];
    const start = text.slice(0, charactersAtMost);
    for (const [whole] of start.toLowerCase().normalize('NFC').matchAll(pattern)) {
      for (const word of ids.has(whole) ? [whole] : partsOf(whole)) {
        const id = ids.get(word);
        if (id !== undefined) known.push(id);
      }
      if (known.length > longest) break;
    }
    return { ids: known.slice(0, longest), truncated: known.length > longest || text.length > charactersAtMost };
  };
  return {
    hash: sha256('words', file),
    longest,
    files: { [wordsFile]: file },
    encode(text) {
      const { ids: found, truncated } = body(text);
      return { ids: Int32Array.from(found.length === 0 ? [noWord] : found), truncated };
    },
    tokens: (text) => body(text).ids.map((id) => words[id] ?? ''),
  };
}

const partsOf = (word: string) => (/['’]/.test(word) ? word.split(/(?=['’])|(?<=['’])/) : [word]);

/** @throws GraftError when the file holds no words. */
export function readWordTokenizer(file: string, where: string): Tokenizer {
  const words = file.split('\n');
  if (words.length === 1 && words[0] === '')
    throw new GraftError(`${where}: ${wordsFile} holds no words.`, { action: 'Copy the model again.' });
  return wordTokenizer(['', ...words]);
}
