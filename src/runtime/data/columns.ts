import path from 'node:path';

import type { Task } from '../../protocol/index.js';
import { GraftError, nearest } from '../../common/errors.js';
import { numberBeforeUnit, numberIn } from './number-cells.js';
import { classColumns } from './one-hot.js';
import { sideOf } from './split-words.js';
import type { TableColumns } from './table-options.js';
import { columnNames, isPictureName, wordOf, type Table } from './table.js';

type Role = keyof typeof columnNames;
/** Indices into the columns. */
interface ChosenColumns {
  readonly path: number;
  /** One; of several numbers all of them. */
  readonly labels: readonly number[];
  readonly group?: number;
  readonly split?: number;
}

const labelMeanings: Readonly<Record<Task, string>> = {
  classification: 'label',
  'multi-label': 'labels',
  regression: 'number',
};
const roles = ['path', 'label', 'group', 'split'] as const;
const meanings: Record<Role, string> = { path: 'picture', label: 'label', group: 'group', split: 'split' };

/**
 * Which column is what: as given, by name, or, for pictures and labels, by what is in them. What was guessed is said in `notes`.
 *
 * @throws GraftError when a given column is not there, or nobody can tell.
 */
export function chooseColumns(
  table: Table,
  given: TableColumns,
  notes: string[],
  task: Task = 'classification',
): ChosenColumns {
  const taken = new Set<number>();
  const chosen = new Map<Role, number>();
  const take = (role: Role, index: number | undefined) => {
    if (index === undefined) return;
    chosen.set(role, index);
    taken.add(index);
  };
  const givenLabels = [given.label ?? []].flat().flatMap((name) => givenColumn(table, 'label', name) ?? []);
  for (const index of givenLabels) take('label', index);
  for (const role of ['path', 'group', 'split'] as const) take(role, givenColumn(table, role, given[role]));
  const isFree = (i: number) => !taken.has(i);
  const named = (role: Role) => {
    const words = table.columns.map(wordOf);
    return columnNames[role].map((name) => words.indexOf(name)).find((i) => i !== -1 && isFree(i));
  };
  if (!chosen.has('split')) {
    const index = named('split');
    if (index !== undefined && isSplit(table, index)) take('split', index);
  }
  if (!chosen.has('group')) take('group', named('group'));
  if (!chosen.has('path')) take('path', byContent(table, isFree) ?? named('path'));
  const free = table.columns.map((_, i) => i).filter(isFree);
  const asLabels = task === 'multi-label' ? classColumns(table).filter(isFree) : [];
  const labels =
    givenLabels.length > 0
      ? givenLabels
      : asLabels.length > 0
        ? asLabels
        : task === 'regression'
          ? numberColumns(table, free, named('label'))
          : [named('label') ?? onlyOne(free) ?? []].flat();
  const [picture, label] = [chosen.get('path'), labels[0]];
  if (picture === undefined || label === undefined)
    throw unknownColumns(table, picture === undefined ? 'path' : 'label');
  take('label', label);
  if (labels.length > 1 && task === 'classification')
    throw new GraftError(
      `${table.file}: ${labels.length} columns are given for the label, and a picture has one class.`,
      {
        action: "Give one of them; of numbers, say task: 'regression', of labels 'multi-label'.",
      },
    );
  const plain = table.hasHeader && table.columns[picture] === 'path' && table.columns[label] === 'label';
  const extra = [...chosen.keys()].some((role) => role === 'group' || role === 'split');
  if (!plain || extra) {
    const said = roles.flatMap((role) => {
      const indices = role === 'label' ? labels : [chosen.get(role) ?? []].flat();
      return indices.map(
        (index) => `${table.columns[index] ?? ''} = ${role === 'label' ? labelMeanings[task] : meanings[role]}`,
      );
    });
    notes.push(`Columns of ${path.basename(table.file)}: ${said.join(', ')}.`);
  }
  const [group, split] = [chosen.get('group'), chosen.get('split')];
  return {
    path: picture,
    labels,
    ...(group === undefined ? {} : { group }),
    ...(split === undefined ? {} : { split }),
  };
}

function givenColumn({ file, columns }: Table, role: Role, given: string | number | undefined): number | undefined {
  if (given === undefined) return undefined;
  const index = typeof given === 'number' ? given - 1 : columns.indexOf(given);
  if (columns[index] !== undefined) return index;
  const guess = typeof given === 'string' ? nearest(given, columns) : undefined;
  throw new GraftError(`${file} has no column ${given} (${role}): it has ${columns.join(', ')}.`, {
    action: guess === undefined ? 'Name one of them, or count from 1.' : `Did you mean ${guess}?`,
  });
}

/** The column whose cells mostly are names of pictures. */
function byContent({ rows, columns }: Table, isFree: (i: number) => boolean): number | undefined {
  const sample = rows.slice(0, 200);
  const isPath = (i: number) =>
    isFree(i) && sample.filter(({ cells }) => isPictureName(cells[i] ?? '')).length * 2 > sample.length;
  return columns.map((_, i) => i).find(isPath);
}

/** What is to be learnt of a table of numbers: the column that is called so, or all that mostly hold numbers. */
function numberColumns(
  { columns, rows }: Table,
  free: readonly number[],
  named: number | undefined,
): readonly number[] {
  if (named !== undefined) return [named];
  // A cell that is none is named where its line is read.
  const mostAre = (what: (cell: string) => number | undefined) => (i: number) =>
    rows.filter(({ cells }) => what(cells[i] ?? '') !== undefined).length * 2 > rows.length;
  const others: ReadonlySet<string> = new Set([...columnNames.path, ...columnNames.group, ...columnNames.split]);
  const candidates = free.filter((i) => !others.has(wordOf(columns[i] ?? '')));
  const numbers = candidates.filter(mostAre(numberIn));
  return numbers.length > 0 ? numbers : candidates.filter(mostAre(numberBeforeUnit));
}

function isSplit({ rows }: Table, index: number): boolean {
  return rows.every(({ cells }) => sideOf(cells[index] ?? '') !== undefined);
}

function onlyOne(indices: readonly number[]): number | undefined {
  return indices.length === 1 ? indices[0] : undefined;
}

function unknownColumns({ file, columns, rows, hasHeader }: Table, role: 'path' | 'label'): GraftError {
  const [first] = rows;
  const shown = columns.slice(0, 12).map((name, i) => `${name} (${first?.cells[i] ?? ''})`);
  const [one = 'a', other = 'b'] = columns;
  const example = hasHeader ? `columns: { path: '${one}', label: '${other}' }` : 'columns: { path: 1, label: 2 }';
  const what = role === 'path' ? 'names the pictures' : 'holds the labels';
  return new GraftError(`Which column of ${file} ${what}? It has ${shown.join(', ')}.`, {
    action: `Say it in the script: imageCsv(…, { ${example} }), or on the command line: graft new --path-column ${hasHeader ? one : 1} --label-column ${hasHeader ? other : 2}.`,
  });
}
