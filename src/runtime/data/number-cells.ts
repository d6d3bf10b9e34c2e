import { GraftError } from '../../common/errors.js';
import { textOf } from './targets/numbers.js';
import type { Row, Table } from './table.js';

const written = /^[-+]?(\d+([.,]\d*)?|[.,]\d+)(e[-+]?\d+)?$/i;

/** The number in a cell, with a decimal point or comma; undefined where there is none. */
export function numberIn(cell: string): number | undefined {
  if (!written.test(cell)) return undefined;
  const value = Number(cell.replace(',', '.'));
  return Number.isFinite(value) ? value : undefined;
}

/** The numbers that a line of a table gives its picture. @throws GraftError for a cell that holds none. */
export function numbersOf({ file, columns }: Table, { line, cells }: Row, labels: readonly number[]): string {
  return textOf(
    labels.map((column) => {
      const cell = cells[column] ?? '';
      const value = numberIn(cell);
      if (value !== undefined) return value;
      const name = columns[column] ?? '';
      throw new GraftError(
        cell === ''
          ? `${file}, line ${line}, column ${name} is empty.`
          : `${file}, line ${line}, column ${name}: "${cell}" is no number.`,
        { action: 'Write a number, with a point for fractions, or take the line out.' },
      );
    }),
  );
}
