import type { Task } from '../../protocol/index.js';
import { chooseColumns } from './columns.js';
import type { TableOptions } from './table-options.js';
import { listedAgain } from './csv-lines.js';
import { openTable } from './csv.js';
import { isMeasured, nameSeveral } from './labels.js';
import { numberIn } from './number-cells.js';
import { classColumns, isFlag, isSet, withLabelColumn } from './one-hot.js';
import type { Table } from './table.js';

/** From so many different whole numbers on, they may be amounts as well as names of classes. */
const leastAmounts = 3;
/** Where more than this part of the pictures is listed again with another label, that is how they are labelled, and no mistake. */
const leastAgain = 0.05;
/** Of so many cells nearly all have to be numbers: one that is none is named where they are read. */
const nearlyAll = 0.9;

/** What can be learnt from a table's labels, the likeliest first: whole numbers may be classes, and fractions are none. */
export async function tasksOf(file: string, { columns = {}, encoding }: TableOptions): Promise<readonly Task[]> {
  const table = await openTable(file, columns, encoding);
  const asLabels = columns.label === undefined ? classColumns(table) : [];
  if (asLabels.length > 0) return isOneOfThem(table, asLabels) ? ['classification', 'multi-label'] : ['multi-label'];
  const column = labelColumn(table, columns);
  if (column === undefined) return severalColumns(table, columns);
  const cells = column.table.rows.map((row) => row.cells[column.index] ?? '');
  if (nameSeveral(cells)) return ['multi-label'];
  const lines = column.table.rows.map((row, i) => ({ path: row.cells[column.path] ?? '', label: cells[i] ?? '' }));
  const again = listedAgain(lines).length;
  const isUsual = again > leastAgain * new Set(lines.map(({ path }) => path)).size;
  if (cells.length === 0 || !cells.every((cell) => numberIn(cell) !== undefined))
    return isUsual ? ['multi-label', 'classification'] : ['classification'];
  if (isMeasured(cells)) return ['regression'];
  return new Set(cells).size >= leastAmounts ? ['classification', 'regression'] : ['classification'];
}

/** Where the classes would be; undefined where nobody can tell, or several columns are named. */
function labelColumn(
  table: Table,
  columns: TableOptions['columns'] = {},
): { table: Table; path: number; index: number } | undefined {
  if (Array.isArray(columns.label) && columns.label.length > 1) return undefined;
  try {
    const labelled = columns.label === undefined ? withLabelColumn(table, []) : table;
    const {
      path,
      labels: [index],
    } = chooseColumns(labelled, columns, []);
    return index === undefined ? undefined : { table: labelled, path, index };
  } catch {
    // Whoever reads it for its task says why.
    return undefined;
  }
}

/** Columns that are given, or that hold numbers and nothing else. Yes and no are no amounts. */
function severalColumns(table: Table, columns: TableOptions['columns'] = {}): readonly Task[] {
  try {
    const { labels } = chooseColumns(table, columns, [], 'regression');
    const cells = table.rows.flatMap((row) => labels.map((i) => row.cells[i] ?? ''));
    if (labels.length > 1 && cells.length > 0 && cells.every(isFlag)) return ['multi-label'];
    const numbers = cells.filter((cell) => numberIn(cell) !== undefined).length;
    return numbers > 0 && numbers >= nearlyAll * cells.length ? ['regression'] : ['classification'];
  } catch {
    return ['classification'];
  }
}

/** Whether each picture has exactly one of the labels: then they may be classes. */
function isOneOfThem({ rows }: Table, labels: readonly number[]): boolean {
  return rows.every(({ cells }) => labels.filter((i) => isSet(cells[i])).length === 1);
}
