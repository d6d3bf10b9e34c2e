import path from 'node:path';

import { GraftError } from '../../common/errors.js';
import { columnNames, wordOf, type Table } from './table.js';

const longestList = 6;
const others: ReadonlySet<string> = new Set([...columnNames.path, ...columnNames.group, ...columnNames.split]);

/**
 * A table with a column for each class, in which 1 says that a picture is of it and 0 that it is not, as one with a column of labels. Any
 * other table comes back as it is.
 *
 * @throws GraftError when a picture is of none of them or of several.
 */
export function withLabelColumn(table: Table, notes: string[]): Table {
  const { file, columns, rows } = table;
  const classes = classColumns(table);
  if (classes.length === 0) return table;
  const name = path.basename(file);
  const list = classes.map((i) => columns[i] ?? '');
  const listed = `${list.slice(0, longestList).join(', ')}${list.length > longestList ? ', …' : ''}`;
  const labelled = rows.map(({ line, cells }) => {
    const found = classes.filter((i) => isSet(cells[i]));
    const [only] = found;
    if (only === undefined || found.length > 1) {
      throw new GraftError(
        `${file}, line ${line}: of the columns ${listed}, ${found.length} are 1, and a picture has one class here.`,
        {
          action:
            'If a picture may have several, or none, say task: \'multi-label\'. Leave one 1 in each line otherwise, or write the class into a column "label".',
        },
      );
    }
    return { line, cells: [...columns.map((_, i) => cells[i] ?? ''), columns[only] ?? ''] };
  });
  notes.push(`${name} has a column for each class: ${listed}.`);
  return { ...table, columns: [...columns, 'label'], rows: labelled };
}

/** The columns of a table that has one for each class; none of any other table. */
export function classColumns({ columns, rows, hasHeader }: Table): readonly number[] {
  const words = columns.map(wordOf);
  if (!hasHeader || rows.length === 0 || words.some((word) => columnNames.label.includes(word))) return [];
  const isClass = (i: number) => !others.has(words[i] ?? '') && rows.every(({ cells }) => isFlag(cells[i] ?? ''));
  const classes = columns.map((_, i) => i).filter(isClass);
  return classes.filter((i) => rows.some(({ cells }) => isSet(cells[i]))).length < 2 ? [] : classes;
}

const yes = /^(1(\.0+)?|yes|y|true)$/i;
const no = /^(0(\.0+)?|-1|no|n|false)$/i;

/** Whether a cell says yes or no: 1 and 0, 1 and -1, yes and no, true and false. */
export function isFlag(cell: string): boolean {
  return yes.test(cell) || no.test(cell);
}

/** Whether a cell says yes. */
export function isSet(cell = ''): boolean {
  return yes.test(cell);
}
