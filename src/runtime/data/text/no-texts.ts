import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { counted } from '../../../common/counted.js';
import { GraftError } from '../../../common/errors.js';
import type { Skipped } from '../found-data.js';
import { listPictures } from '../image/scan.js';
import { toLabel } from '../problems.js';
import { kindsOf } from '../skipped.js';
import { textWords } from '../words.js';

/** What a folder without labelled texts holds instead, and where they may be. */
export async function noTexts(
  folder: string,
  others: readonly string[],
  skipped: readonly Skipped[],
): Promise<GraftError> {
  const [first] = skipped;
  const why = first === undefined ? '' : ` ${first.file}: ${first.reason.replace(/\.$/, '')}.`;
  const pictures = (await listPictures(folder).catch(() => [])).length;
  if (pictures > 0)
    return new GraftError(`There are no texts in the folders of ${folder}: it holds ${counted(pictures, 'picture')}.`, {
      action: `Read pictures with imageFolder('${path.basename(folder)}', …).`,
    });
  const inside = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const table = inside.find((entry) => entry.isFile() && isTextTableName(entry.name));
  const holds = others.length === 0 ? '' : ` They hold ${kindsOf(others)}.`;
  return new GraftError(`There are no folders with texts in ${folder}.${holds}${why}`, {
    action:
      table === undefined
        ? toLabel('folder', textWords)
        : `If the texts are in a table, give that: ${path.join(folder, table.name)}.`,
  });
}

/** What tables of texts are usually called; they are known by their content. */
export function isTextTableName(name: string): boolean {
  return /\.(csv|tsv|tab|jsonl|ndjson|json)$/i.test(name);
}
