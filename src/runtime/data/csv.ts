import path from 'node:path';

import { checkValue, object, type OptionTable, type Rule, text } from '../../common/check-options.js';
import { GraftError } from '../../common/errors.js';
import { chooseColumns, type TableColumns } from './columns.js';
import { readDataset } from './dataset.js';
import type { FoundData } from './found-data.js';
import { checkImageOptions, readerOptions, type ImageOptions } from './image-options.js';
import { checkLabels } from './labels.js';
import { type Candidate, type Found, inspect, type InspectOptions, type Skipped } from './scan.js';
import { withLabelColumn } from './one-hot.js';
import { sideOf, type Side } from './split-words.js';
import { locatePictures } from './table-paths.js';
import { readTable, type Table } from './table.js';
import type { ImageDataset } from './types.js';

/** How a table of pictures is read, where that cannot be guessed. */
export interface TableOptions {
  /** Which column is what, by name or by number from 1. Default: guessed from the names and from what is in them, and said. */
  readonly columns?: TableColumns;
  /** For instance `windows-1252`. Default: UTF-8, UTF-16, or guessed. */
  readonly encoding?: string;
}

const column: Rule = {
  is: "the column's name, or its number from 1",
  holds: (value) => (typeof value === 'string' && value !== '') || (Number.isInteger(value) && Number(value) >= 1),
};
const columnTable: OptionTable<TableColumns> = { path: column, label: column, group: column, split: column };

export const tableOptions: OptionTable<TableOptions> = {
  columns: object(columnTable, "columns by what they are, for instance { path: 'image_id', label: 'breed' }"),
  encoding: text,
};

/**
 * Labelled pictures from a table with a column of pictures and a column of labels, and perhaps one of groups and one of the split.
 * The separator is a comma, a semicolon, a tab or a bar; a label with a comma is quoted (RFC 4180). Paths are relative to the file's
 * folder or absolute; names alone, with extension or without, are looked for in the folders beside it.
 *
 * @throws GraftError when the file cannot be read, nobody can tell which column is what, a line has no path or label, labels are
 *   no classes, or none of the pictures is there.
 * @example
 * const data = await imageCsv('data/labels.csv', { size: [224, 224], columns: { path: 'image_id', label: 'breed' } });
 */
export async function imageCsv(file: string, options: ImageOptions & TableOptions): Promise<ImageDataset> {
  checkImageOptions('imageCsv', options, tableOptions);
  checkValue('imageCsv', 'the file', file, { ...text, is: 'the path of a .csv file' });
  return await readDataset(await findInCsv(file, readerOptions(options)), options);
}

/** @throws GraftError as `imageCsv`. */
export async function findInCsv(file: string, options: InspectOptions & TableOptions): Promise<FoundData> {
  const directory = path.dirname(path.resolve(file));
  const { lines, notes } = await csvLines(file, options);
  const files = await locatePictures(
    file,
    lines.map((line) => line.path),
    notes,
  );
  const missing: Skipped[] = [];
  const groups = new Map<string, string>();
  const bySide: Record<Side | 'none', Candidate[]> = { train: [], validation: [], test: [], none: [] };
  for (const [i, { line, path: name, label, group, split }] of lines.entries()) {
    const picture = files[i];
    if (picture === undefined) {
      missing.push({
        file: name,
        reason: `line ${line} of ${path.basename(file)} names it, and there is no such file`,
      });
      continue;
    }
    const id =
      path.resolve(directory, name) === picture ? name : path.relative(directory, picture).split(path.sep).join('/');
    if (group !== undefined && group !== '') groups.set(id, group);
    bySide[split ?? 'none'].push({ id, path: picture, label });
  }
  const total = files.length - missing.length;
  const skipped = [...missing];
  let before = 0;
  const inspected = async (candidates: readonly Candidate[]): Promise<Found[]> => {
    const offset = before;
    const onProgress = (done: number) => options.onProgress?.(offset + done, total);
    const { found, skipped: unusable } = await inspect(candidates, { ...options, onProgress, directory });
    before += candidates.length;
    skipped.push(...unusable);
    return found;
  };
  const found = [...(await inspected(bySide.train)), ...(await inspected(bySide.none))];
  const validation = await inspected(bySide.validation);
  const test = await inspected(bySide.test);
  return {
    kind: 'csv',
    directory,
    found,
    ...(validation.length === 0 ? {} : { validation }),
    ...(test.length === 0 ? {} : { test }),
    groups,
    skipped,
    notes,
  };
}

/** What a line of a table says. */
export interface CsvLine {
  readonly line: number;
  readonly path: string;
  readonly label: string;
  readonly group: string | undefined;
  readonly split: Side | undefined;
}

/** The lines of a table, and what was guessed to read them. @throws GraftError when one has no path or label. */
export async function csvLines(
  file: string,
  { columns = {}, encoding }: TableOptions = {},
): Promise<{ readonly lines: readonly CsvLine[]; readonly notes: string[] }> {
  const numbered = Object.values(columns).some((column) => typeof column === 'string') ? true : undefined;
  const read = await readTable(file, encoding, numbered);
  const notes = [...read.notes];
  const table = columns.label === undefined ? withLabelColumn(read, notes) : read;
  const chosen = chooseColumns(table, columns, notes);
  const lines = table.rows.map(({ line, cells }): CsvLine => {
    const [picture = '', label = ''] = [cells[chosen.path], cells[chosen.label]];
    if (picture === '' || label === '') {
      const [column = ''] = [table.columns[picture === '' ? chosen.path : chosen.label]];
      throw new GraftError(
        `${file}, line ${line}, column ${column} is empty: "${cells.join(', ')}" needs a path and a label.`,
        {
          action: 'Fill it in, or take the line out.',
        },
      );
    }
    const group = chosen.group === undefined ? undefined : cells[chosen.group];
    return { line, path: picture, label, group, split: sideIn(table, chosen.split, line, cells) };
  });
  if (lines.length === 0)
    throw new GraftError(`${file} lists no pictures.`, { action: 'Add a line "path,label" for each picture.' });
  checkLabels(file, table.columns[chosen.label] ?? '', lines);
  return { lines, notes };
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
