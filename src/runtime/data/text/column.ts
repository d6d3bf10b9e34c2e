import path from 'node:path';

import { GraftError, nearest } from '../../../common/errors.js';
import type { Table } from '../table.js';
import { normalText } from './normal-text.js';
import { readRecords } from './records.js';
import { textColumn } from './text-column.js';
import { readPieces } from './text-file.js';

/** A text of a table that has no labels, under the name of its line: `letters.csv#17`. */
interface NamedText {
  readonly name: string;
  readonly text: string;
}

/**
 * The texts in one column of a table: separated values, JSON Lines or an array in JSON.
 *
 * @param column its name, or its number counted from 1. Default: the one that is called as texts are, else that of the longest cells.
 * @throws GraftError for what is no table, and a column that is not there.
 */
export async function textsInColumn(file: string, column?: string): Promise<readonly NamedText[]> {
  return await readPieces(file, undefined, [], async ({ pieces }) => {
    const { sample, rows } = await readRecords(file, pieces, {});
    const index = indexOf(sample, column);
    const texts: NamedText[] = [];
    for await (const batch of rows)
      for (const { line, cells } of batch)
        texts.push({ name: `${path.basename(file)}#${line}`, text: normalText(cells[index] ?? '') });
    return texts;
  });
}

function indexOf(table: Table, column: string | undefined): number {
  const { file, columns } = table;
  if (column === undefined) {
    const found = textColumn.find(
      table,
      () => true,
      (names) => {
        const index = columns.findIndex((name) => names.includes(name.toLowerCase()));
        return index === -1 ? undefined : index;
      },
    );
    return found ?? 0;
  }
  const named = columns.indexOf(column);
  if (named !== -1) return named;
  const numbered = /^\d+$/.test(column) ? Number(column) - 1 : -1;
  if (columns[numbered] !== undefined) return numbered;
  const guess = nearest(column, columns);
  throw new GraftError(`${file} has no column "${column}": it has ${columns.slice(0, 12).join(', ')}.`, {
    action: guess === undefined ? 'Name one of these with --column.' : `Did you mean --column ${guess}?`,
  });
}
