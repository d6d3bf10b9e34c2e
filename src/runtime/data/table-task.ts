import type { Task } from '../../protocol/index.js';
import { chooseColumns } from './columns.js';
import type { TableOptions } from './table-options.js';
import { openTable } from './csv.js';
import { isMeasured, nameSeveral } from './labels.js';
import { numberIn } from './number-cells.js';
import { classColumns, isSet, withLabelColumn } from './one-hot.js';
import type { Table } from './table.js';

/** From so many different whole numbers on, they may be amounts as well as names of classes. */
const leastAmounts = 3;

/** What can be learnt from a table's labels, the likeliest first: whole numbers may be classes, and fractions are none. */
export async function tasksOf(file: string, { columns = {}, encoding }: TableOptions): Promise<readonly Task[]> {
  const table = await openTable(file, columns, encoding);
  const asLabels = columns.label === undefined ? classColumns(table) : [];
  if (asLabels.length > 0) return isOneOfThem(table, asLabels) ? ['classification', 'multi-label'] : ['multi-label'];
  const column = labelColumn(table, columns);
  if (column === undefined) return severalColumns(table, columns);
  const cells = column.table.rows.map((row) => row.cells[column.index] ?? '');
  if (nameSeveral(cells)) return ['multi-label'];
  if (cells.length === 0 || !cells.every((cell) => numberIn(cell) !== undefined)) return ['classification'];
  if (isMeasured(cells)) return ['regression'];
  return new Set(cells).size >= leastAmounts ? ['classification', 'regression'] : ['classification'];
}

/** Where the classes would be; undefined where nobody can tell, or several columns are named. */
function labelColumn(table: Table, columns: TableOptions['columns'] = {}): { table: Table; index: number } | undefined {
  if (Array.isArray(columns.label) && columns.label.length > 1) return undefined;
  try {
    const labelled = columns.label === undefined ? withLabelColumn(table, []) : table;
    const [index] = chooseColumns(labelled, columns, []).labels;
    return index === undefined ? undefined : { table: labelled, index };
  } catch {
    // Whoever reads it for its task says why.
    return undefined;
  }
}

/** Columns that are given, or that hold numbers and nothing else. Yes and no are no amounts. */
function severalColumns(table: Table, columns: TableOptions['columns'] = {}): readonly Task[] {
  try {
    const { labels } = chooseColumns(table, columns, [], 'regression');
    const all = (isRight: (cell: string) => boolean) =>
      table.rows.length > 0 && table.rows.every(({ cells }) => labels.every((i) => isRight(cells[i] ?? '')));
    if (labels.length > 1 && all((cell) => /^[01](\.0+)?$/.test(cell))) return ['multi-label'];
    return all((cell) => numberIn(cell) !== undefined) ? ['regression'] : ['classification'];
  } catch {
    return ['classification'];
  }
}

/** Whether each picture has exactly one of the labels: then they may be classes. */
function isOneOfThem({ rows }: Table, labels: readonly number[]): boolean {
  return rows.every(({ cells }) => labels.filter((i) => isSet(cells[i])).length === 1);
}
