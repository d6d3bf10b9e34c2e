import type { Task } from '../../protocol/index.js';
import { chooseColumns } from './columns.js';
import { openTable, type TableOptions } from './csv.js';
import { isMeasured } from './labels.js';
import { numberIn } from './number-cells.js';
import { withLabelColumn } from './one-hot.js';
import type { Table } from './table.js';

/** From so many different whole numbers on, they may be amounts as well as names of classes. */
const leastAmounts = 3;

/** What can be learnt from a table's labels, the likeliest first: whole numbers may be classes, and fractions are none. */
export async function tasksOf(file: string, { columns = {}, encoding }: TableOptions): Promise<readonly Task[]> {
  const table = await openTable(file, columns, encoding);
  const column = labelColumn(table, columns);
  if (column === undefined) return canBeNumbers(table, columns) ? ['regression'] : ['classification'];
  const cells = column.table.rows.map((row) => row.cells[column.index] ?? '');
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

function canBeNumbers(table: Table, columns: TableOptions['columns'] = {}): boolean {
  try {
    const { labels } = chooseColumns(table, columns, [], 'regression');
    // Yes and no are no amounts.
    if (labels.every((i) => table.rows.every(({ cells }) => /^[01]$/.test(cells[i] ?? '')))) return false;
    return (
      table.rows.length > 0 &&
      table.rows.every(({ cells }) => labels.every((i) => numberIn(cells[i] ?? '') !== undefined))
    );
  } catch {
    return false;
  }
}
