import { GraftError } from '../../common/errors.js';
import { isSet } from './one-hot.js';
import type { Row, Table } from './table.js';
import { textOf } from './targets/label-sets.js';

/** What a row says in columns of 0 and 1. @throws GraftError for anything else, and for a name that cannot be one label. */
export function labelsInColumns({ file, columns }: Table, { line, cells }: Row, labels: readonly number[]): string {
  return textOf(
    labels.flatMap((column) => {
      const [cell = '', name = ''] = [cells[column], columns[column]];
      if (!/^[01](\.0+)?$/.test(cell))
        throw new GraftError(`${file}, line ${line}, column ${name}: "${cell}" is neither 0 nor 1.`, {
          action: 'Write 1 where the picture has the label, and 0 where it has not.',
        });
      if (name.includes('|'))
        throw new GraftError(`${file}: the column ${name} has a bar in its name.`, { action: 'Name one label.' });
      return isSet(cell) ? [name] : [];
    }),
  );
}

/** What separates the labels in the cells of a column: a bar, or else a semicolon or a comma. */
export function separatorIn(cells: readonly string[]): RegExp {
  return cells.some((cell) => cell.includes('|')) ? /\s*\|\s*/ : /\s*[;,]\s*/;
}

/** The labels of one cell; none where it is empty. */
export function labelsInCell(cell: string, separator: RegExp): string {
  return textOf(cell.split(separator).filter((label) => label !== ''));
}
