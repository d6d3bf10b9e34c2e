/** A kind of data that nobody but the tests has: a text is a row of whole numbers, as many as it has words. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { GraftError } from '../../src/common/errors.js';
import { sha256 } from '../../src/common/hash.js';
import type { Kind } from '../../src/protocol/index.js';
import { splitData, type DataKind, type Dataset, type FoundData, type Item } from '../../src/runtime/data/index.js';

interface Source {
  readonly path: string;
  readonly line: number;
}

/** What was read of which example, in its order. */
export const readIds: string[] = [];

/** A file with a line for each text: its label, then its numbers. */
export const tokens: DataKind<object, Source> = {
  // Of those that have one, none is like it.
  name: 'tokens' as Kind,
  words: { one: 'text', many: 'texts' },
  find(file) {
    const found = linesOf(file).map(({ label, words }, line) => {
      const id = `${path.basename(file)}#${line}`;
      return { id, label, hash: sha256(words.join(' ')), source: { path: file, line } };
    });
    const { words } = tokens;
    const nothing = { skipped: [], notes: [] };
    const data: FoundData = { words, layout: 'csv', task: 'classification', directory: file, found, ...nothing };
    return Promise.resolve(data);
  },
  inputs: () => [{ name: 'ids', type: 'int64', shape: [null] }],
  formKey: () => [],
  modelForm: () => ({ size: [1, 1], resize: 'crop' }),
  readerFor: () => 'readTokens(…)',
  views: () => ({
    count: 1,
    random: false,
    key: () => '',
    async *read(items: Iterable<Item<Source>>) {
      let index = 0;
      for (const { example } of items) {
        await Promise.resolve();
        readIds.push(example.id);
        const { words } = linesOf(example.source.path)[example.source.line] ?? { words: [] };
        if (words.length === 0) {
          yield { index: index++, error: new GraftError(`${example.id} has no words.`, { action: 'Write some.' }) };
          continue;
        }
        const data = BigInt64Array.from(words, BigInt);
        yield { index: index++, tensors: { ids: { data, shape: [data.length] } } };
      }
    },
    clear: () => undefined,
    distrust: () => Promise.resolve(),
  }),
  readFile: () => Promise.reject(new Error('Nobody asks for one.')),
  list: () => Promise.resolve([]),
  sourceOf: (directory, id) => ({ path: path.join(directory, id), line: Number(id.split('#')[1]) }),
  fileSource: (file) => ({ path: file, line: 0 }),
  show: () => Promise.reject(new Error('Nobody sees one.')),
};

export async function readTokens(file: string): Promise<Dataset<'classification'>> {
  const split = splitData(await tokens.find(file, {}), { seed: 3 });
  return { ...split, kind: tokens } as Dataset<'classification'>;
}

function linesOf(file: string): { readonly label: string; readonly words: readonly number[] }[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [label = '', ...words] = line.split(' ');
      return { label, words: words.map(Number) };
    });
}
