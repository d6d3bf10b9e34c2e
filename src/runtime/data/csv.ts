import { tasks } from '../../protocol/index.js';
import { object, oneOf, type OptionTable, type Rule, text } from '../../common/check-options.js';
import { GraftError } from '../../common/errors.js';
import { chooseColumns } from './columns.js';
import type { TableColumns, TableOptions } from './table-options.js';
import { checkLabels } from './labels.js';
import { joined, saySeveral, type CsvLine } from './csv-lines.js';
import { labelsInCell, labelsInColumns, separatorIn } from './label-cells.js';
import { numberReader } from './number-cells.js';
import { withLabelColumn } from './one-hot.js';
import { sideOf, type Side } from './split-words.js';
import { readTable, type Row, type Table } from './table.js';

const column: Rule = {
  is: "the column's name, or its number from 1",
  holds: (value) => (typeof value === 'string' && value !== '') || (Number.isInteger(value) && Number(value) >= 1),
};
const columns: Rule = {
  is: `${column.is}; of several numbers a list`,
  holds: (value) => (Array.isArray(value) && value.length > 0 ? value.every(column.holds) : column.holds(value)),
};
const columnTable: OptionTable<TableColumns> = { path: column, label: columns, group: column, split: column };

export const tableOptions: OptionTable<TableOptions> = {
  task: oneOf(...tasks),
  columns: object(columnTable, "columns by what they are, for instance { path: 'image_id', label: 'breed' }"),
  encoding: text,
};

/** The lines of a table, and what was guessed to read them. @throws GraftError when one has no path or label. */
export async function csvLines(
  file: string,
  { task = 'classification', columns = {}, encoding }: TableOptions = {},
): Promise<{ readonly lines: readonly CsvLine[]; readonly names?: readonly string[]; readonly notes: string[] }> {
  const read = await openTable(file, columns, encoding);
  const notes = [...read.notes];
  const isClasses = task === 'classification';
  const table = isClasses && columns.label === undefined ? withLabelColumn(read, notes) : read;
  const chosen = chooseColumns(table, columns, notes, task);
  const [labelColumn = 0] = chosen.labels;
  const separator = separatorIn(table.rows.map(({ cells }) => cells[labelColumn] ?? ''));
  const numbers = numberReader(table, chosen.labels);
  const labelIn = (row: Row, first: string): string => {
    if (task === 'classification') return first;
    if (task === 'regression') return numbers(row);
    return chosen.labels.length > 1 ? labelsInColumns(table, row, chosen.labels) : labelsInCell(first, separator);
  };
  const lines = table.rows.map((row): CsvLine => {
    const { line, cells } = row;
    const [picture = '', first = ''] = [cells[chosen.path], cells[labelColumn]];
    const label = labelIn(row, first);
    if (picture === '' || (label === '' && task !== 'multi-label')) {
      const [column = ''] = [table.columns[picture === '' ? chosen.path : labelColumn]];
      throw new GraftError(
        `${file}, line ${line}, column ${column} is empty: "${cells.join(', ')}" needs a path and a label.`,
        {
          action: `Fill it in, or take the line out${picture === '' || !isClasses ? '' : "; if a picture may show none of them, say task: 'multi-label'"}.`,
        },
      );
    }
    const group = chosen.group === undefined ? undefined : cells[chosen.group];
    return { line, path: picture, label, group, split: sideIn(table, chosen.split, line, cells) };
  });
  if (lines.length === 0)
    throw new GraftError(`${file} lists no pictures.`, { action: 'Add a line "path,label" for each picture.' });
  if (task === 'multi-label') return { lines: chosen.labels.length > 1 ? lines : joined(file, lines, notes), notes };
  if (!isClasses) return { lines, names: chosen.labels.map((column) => table.columns[column] ?? ''), notes };
  checkLabels(file, table.columns[labelColumn] ?? '', lines);
  saySeveral(lines, notes);
  return { lines, notes };
}

/** The table as it stands there. Where columns are given by name, its first line has their names. */
export async function openTable(file: string, columns: TableColumns = {}, encoding?: string): Promise<Table> {
  const isNamed = Object.values(columns)
    .flat()
    .some((column) => typeof column === 'string');
  return await readTable(file, encoding, isNamed ? true : undefined);
}

function sideIn(
  { file, columns }: Table,
  column: number | undefined,
  line: number,
  cells: readonly string[],
): Side | undefined {
  if (column === undefined) return undefined;
  const word = cells[column] ?? '';
  const side = sideOf(word);
  if (side === undefined)
    throw new GraftError(`${file}, line ${line}, column ${columns[column] ?? ''}: "${word}" is no side of a split.`, {
      action: 'Write train, validation or test.',
    });
  return side;
}
