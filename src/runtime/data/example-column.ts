import { columnNames, isPictureName, type Table } from './table.js';

/** How a kind of data knows the column that says of each line which example it is, and what its labels may be called. */
export interface ExampleColumn {
  /** As scripts name it: `columns: { path: … }`. */
  readonly role: 'path' | 'text';
  /** What a line is about. */
  readonly one: string;
  /** What the column does, after "Which column …". */
  readonly does: string;
  /** What scripts read such a table with. */
  readonly reader: string;
  /** What columns of labels are called, and of groups: the likeliest first. */
  readonly labels: readonly string[];
  readonly groups: readonly string[];
  /** The column, where it was not given. @param named the free one that is called like one of these. */
  find(
    table: Table,
    isFree: (column: number) => boolean,
    named: (names: readonly string[]) => number | undefined,
  ): number | undefined;
  /** The column of labels, where no free one is called so and there are several. */
  findLabel?(table: Table, free: readonly number[]): number | undefined;
}

/** Pictures are known by what is in the cells, whatever the column is called. */
export const pictureColumn: ExampleColumn = {
  ...{ role: 'path', one: 'picture', does: 'names the pictures', reader: 'imageCsv' },
  ...{ labels: columnNames.label, groups: columnNames.group },
  find: (table, isFree, named) => holdsPictures(table, isFree) ?? named(columnNames.path),
};

/** The column whose cells mostly are names of pictures. */
export function holdsPictures({ rows, columns }: Table, isFree: (column: number) => boolean): number | undefined {
  const sample = rows.slice(0, 200);
  const isPath = (i: number) =>
    isFree(i) && sample.filter(({ cells }) => isPictureName(cells[i] ?? '')).length * 2 > sample.length;
  return columns.map((_, i) => i).find(isPath);
}
