import path from 'node:path';

import { counted } from '../../../common/counted.js';
import { GraftError } from '../../../common/errors.js';
import type { Item } from '../example.js';
import type { DataKind } from '../kind.js';
import { textWords } from '../words.js';
import { findTexts } from './detect.js';
import type { TextForm, TextSource } from './form.js';
import { listTexts, readText } from './read-text.js';
import { readTokenizer } from './read-tokenizer.js';
import { shownTexts } from './shown.js';
import type { Tokenizer } from './tokenizer.js';

/** Texts: the ids of their tokens, [length], as many as the base that they are for makes of each. */
export const textKind: DataKind<TextForm, TextSource> = {
  name: 'text',
  words: textWords,
  find: findTexts,
  forBase(data, { name, tokenizer }) {
    if (tokenizer !== undefined) return { ...data, tokenizer };
    throw new GraftError(`${name} takes no texts: it has no tokenizer.`, {
      action: 'Take a base for texts: applications.leaflet(), say.',
    });
  },
  unseen(sources, form) {
    const tokenizer = tokenizerOf(form);
    let [all, cut] = [0, 0];
    for (const { text } of sources) {
      all++;
      // A token has a byte at least.
      if (3 * text.length + specials > tokenizer.longest && tokenizer.encode(text).truncated) cut++;
    }
    if (cut === 0) return undefined;
    return `${cut} of the ${counted(all, 'text')} ${cut === 1 ? 'is' : 'are'} longer than the ${tokenizer.longest} tokens that the base takes: what comes after those is not seen.`;
  },
  inputs: () => [{ name: 'ids', type: 'int32', shape: [null] }],
  formKey: ({ tokenizer }) => [tokenizer?.hash],
  modelForm: (form) => ({ tokenizer: tokenizerOf(form) }),
  files: (form) => tokenizerOf(form).files,
  savedForm: async ({ files }) => ({ tokenizer: await readTokenizer(files) }),
  becomes: () => undefined,
  remedy: () => 'Take a base for texts: applications.leaflet(), say.',
  views(form) {
    const tokenizer = tokenizerOf(form);
    return {
      count: 1,
      atOnce: 2048,
      random: false,
      key: () => tokenizer.hash,
      async *read(items) {
        let index = 0;
        // They are examples of this kind.
        for (const { example } of items as Iterable<Item<TextSource>>) {
          yield { index: index++, tensors: idsOf(example.source.text, tokenizer) };
          if (index % several === 0) await new Promise((resolve) => setImmediate(resolve));
        }
      },
      clear: () => undefined,
      distrust: () => Promise.resolve(),
    };
  },
  told: ({ text }, form) => shownTexts(text, tokenizerOf(form)),
  readFile: async (file, form) => idsOf(await readText(file), tokenizerOf(form)),
  list: listTexts,
  sourceOf: (directory, id) => ({ path: path.resolve(directory, id.replace(/#\d+$/, '')), text: '' }),
  fileSource: (file) => ({ path: file, text: '' }),
  show: ({ path: file }) =>
    Promise.reject(new GraftError(`${file} is a text, which has no picture.`, { action: 'Open it as a text.' })),
};

/** Tokens that a base puts around a text, at most. */
const specials = 8;
/** Texts after which others get a turn: an event loop that is kept for long hears no Stop. */
const several = 64;

function tokenizerOf({ tokenizer }: TextForm): Tokenizer {
  if (tokenizer === undefined) throw new Error('Texts become tokens for a base alone.');
  return tokenizer;
}

function idsOf(text: string, tokenizer: Tokenizer) {
  const { ids } = tokenizer.encode(text);
  return { ids: { data: ids, shape: [ids.length] } };
}
