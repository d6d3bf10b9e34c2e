import { columnNames } from '../table.js';
import type { ExampleColumn } from '../example-column.js';
import { labelNames, textNames } from './header.js';

/** A text has more characters than what stands beside it; labels are few and come again. */
export const textColumn: ExampleColumn = {
  ...{ role: 'text', one: 'text', does: 'holds the texts', reader: 'textTable' },
  labels: labelNames,
  // The subject of a letter is no group.
  groups: columnNames.group.filter((name) => name !== 'subject'),
  find({ columns, rows }, isFree, named) {
    const called = named(textNames);
    if (called !== undefined) return called;
    const free = columns.map((_, i) => i).filter(isFree);
    const lengthOf = (i: number) => rows.reduce((sum, { cells }) => sum + (cells[i] ?? '').length, 0);
    return free.map((i) => ({ i, length: lengthOf(i) })).sort((a, b) => b.length - a.length)[0]?.i;
  },
  findLabel({ rows }, free) {
    const fewest = free.filter((i) => {
      const distinct = new Set(rows.map(({ cells }) => cells[i] ?? '')).size;
      return distinct > 1 && distinct * 2 <= Math.min(rows.length, 2 * mostClasses);
    });
    return fewest.length === 1 ? fewest[0] : undefined;
  },
};

/** More different values are hardly names of classes. */
const mostClasses = 200;
