import { GraftError } from '../../common/errors.js';
import { textOf } from './targets/numbers.js';
import type { Row, Table } from './table.js';

/** Digits with a point or a comma at most. */
const plain = /^[-+]?(\d+([.,]\d*)?|[.,]\d+)(e[-+]?\d+)?$/i;
/** Groups of three digits apart, which nobody takes for a fraction: 1 234.5, 1'234, 1,234.5, 1,234,567, 1.234,5, 1.234.567. */
const grouped = [
  /^[-+]?\d{1,3}(?:[\s'’]\d{3})+(?:[.,]\d+)?$/,
  /^[-+]?\d{1,3}(?:,\d{3})+\.\d+$/,
  /^[-+]?\d{1,3}(?:,\d{3}){2,}$/,
  /^[-+]?\d{1,3}(?:\.\d{3})+,\d+$/,
  /^[-+]?\d{1,3}(?:\.\d{3}){2,}$/,
];
/** A fraction of three digits, or thousands. */
const either = /^[-+]?[1-9]\d{0,2}[.,]\d{3}$/;
const unit = /\s*[^\d\s.,]{1,4}$/;

type Mark = '.' | ',';

/** What points and commas are in a column. Undefined where nothing shows it. */
interface Notation {
  readonly fraction: ReadonlySet<Mark>;
  readonly thousands: ReadonlySet<Mark>;
}

const noNotation: Notation = { fraction: new Set(), thousands: new Set() };

/**
 * The number in a cell, with a point or a comma before its fraction, thousands together or apart; undefined where there is none. Three
 * digits after the only mark are a fraction.
 */
export function numberIn(cell: string): number | undefined {
  return read(cell, noNotation);
}

/** The number of an amount that has its unit beside it: 3 % or 12kg. */
export function numberBeforeUnit(cell: string): number | undefined {
  return numberIn(cell.replace(unit, ''));
}

function read(text: string, { fraction, thousands }: Notation): number | undefined {
  const cell = text.replace(/^\u2212/, '-');
  let digits: string;
  if (plain.test(cell)) {
    const isThousands = either.test(cell) && [...thousands].some((mark) => cell.includes(mark) && !fraction.has(mark));
    digits = isThousands ? cell.replace(/[.,]/, '') : cell.replace(',', '.');
  } else if (grouped.some((form) => form.test(cell))) {
    const marks = cell.match(/[.,]/g) ?? [];
    // The last mark is that of the fraction, unless it occurs again.
    const last = marks.at(-1);
    const apart =
      last !== undefined && marks.filter((mark) => mark === last).length === 1 ? cell.lastIndexOf(last) : -1;
    const whole = (apart === -1 ? cell : cell.slice(0, apart)).replace(/[^\d+-]/g, '');
    digits = apart === -1 ? whole : `${whole}.${cell.slice(apart + 1)}`;
  } else return undefined;
  const value = Number(digits);
  return Number.isFinite(value) ? value : undefined;
}

/** What the cells of a column show that cannot be read in two ways. */
function notationOf(cells: readonly string[], separator: string | undefined): Notation {
  const [fraction, thousands] = [new Set<Mark>(), new Set<Mark>()];
  for (const cell of cells) {
    const [first, ...more] = (cell.match(/[.,]/g) ?? []) as Mark[];
    if (first === undefined) continue;
    if (plain.test(cell)) {
      if (!either.test(cell)) fraction.add(first);
    } else if (grouped.some((form) => form.test(cell))) {
      const last = more.at(-1);
      if (last === undefined) fraction.add(first);
      else thousands.add(first);
      if (last !== undefined && last !== first) fraction.add(last);
    }
  }
  if (fraction.size === 1 && thousands.size === 0) thousands.add(fraction.has('.') ? ',' : '.');
  // Where commas are fractions, semicolons stand between columns. That says nothing about points.
  if (separator === ';' && !thousands.has(',')) fraction.add(',');
  return { fraction, thousands };
}

/**
 * What gives the numbers of a line, in columns that are each written in one way.
 *
 * @throws GraftError, when it is used, for a cell that holds none, and for one that may be two.
 */
export function numberReader(table: Table, labels: readonly number[]): (row: Row) => string {
  const { file, columns, rows, separator } = table;
  const notations = new Map(
    labels.map((column) => [
      column,
      notationOf(
        rows.map(({ cells }) => cells[column] ?? ''),
        separator,
      ),
    ]),
  );
  return ({ line, cells }) =>
    textOf(
      labels.map((column) => {
        const cell = cells[column] ?? '';
        const name = columns[column] ?? '';
        const at = `${file}, line ${line}, column ${name}`;
        const notation = notations.get(column) ?? noNotation;
        const value = read(cell, notation);
        if (value === undefined) throw noNumber(at, cell, name, labels.length);
        if (either.test(cell) && isOpen(cell.includes(',') ? ',' : '.', notation))
          throw new GraftError(
            `${at}: "${cell}" may be ${cell.replace(/[.,]/, '')} or ${cell.replace(',', '.')}, and no other cell shows which.`,
            { action: 'Write numbers without marks between thousands, and with a point for fractions: 1234 or 1.234.' },
          );
        return value;
      }),
    );
}

/** A point is for fractions, unless something says otherwise. */
function isOpen(mark: Mark, { fraction, thousands }: Notation): boolean {
  return fraction.has(mark) ? thousands.has(mark) : mark === ',' && !thousands.has(mark);
}

function noNumber(at: string, cell: string, name: string, columns: number): GraftError {
  const others = columns > 1 ? ` To learn other columns, name them: columns: { label: ['…'] }.` : '';
  if (cell === '')
    return new GraftError(`${at} is empty.`, { action: `Write a number, or take the line out.${others}` });
  const amount = numberBeforeUnit(cell);
  return new GraftError(`${at}: "${cell}" is no number.`, {
    action:
      amount === undefined
        ? `Write a number, with a point for fractions, or take the line out.${others}`
        : `Write ${amount}; the unit belongs into the name of the column: "${name} (${unit.exec(cell)?.[0].trim() ?? ''})".`,
  });
}
