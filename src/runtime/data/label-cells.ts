import { GraftError } from '../../common/errors.js';
import { isFlag, isSet } from './one-hot.js';
import type { Row, Table } from './table.js';
import { textOf } from './targets/label-sets.js';

/** What a row says in columns of 0 and 1, or of yes and no. @throws GraftError for anything else, and for a name that cannot be one label. */
export function labelsInColumns({ file, columns }: Table, { line, cells }: Row, labels: readonly number[]): string {
  return textOf(
    labels.flatMap((column) => {
      const [cell = '', name = ''] = [cells[column], columns[column]];
      if (!isFlag(cell))
        throw new GraftError(`${file}, line ${line}, column ${name}: "${cell}" is neither 0 nor 1, nor yes or no.`, {
          action: 'Write 1 where the picture has the label, and 0 where it has not.',
        });
      if (name.includes('|'))
        throw new GraftError(`${file}: the column ${name} has a bar in its name.`, { action: 'Name one label.' });
      return isSet(cell) ? [name] : [];
    }),
  );
}

/** What separates the labels in the cells of a column: a bar, or else a semicolon or a comma; spaces, where the same words come in ever other cells. */
export function separatorIn(cells: readonly string[]): RegExp {
  if (cells.some((cell) => cell.includes('|'))) return /\s*\|\s*/;
  if (cells.some((cell) => /[;,]/.test(cell))) return /\s*[;,]\s*/;
  const distinct = new Set(cells);
  const words = new Set(cells.flatMap((cell) => cell.split(/\s+/)));
  return words.size < distinct.size ? /\s+/ : /\s*[;,]\s*/;
}

/** The labels of one cell; none where it is empty. */
export function labelsInCell(cell: string, separator: RegExp): string {
  return textOf(cell.split(separator).filter((label) => label !== ''));
}
