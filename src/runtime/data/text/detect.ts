import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import { byCodePoint } from '../../../common/by-code-point.js';
import { GraftError, nearest } from '../../../common/errors.js';
import { sideOf, sides, type Side } from '../split-words.js';
import { classFolders } from '../image/scan.js';
import { readTextFolder } from './folder.js';
import { isTextTableName } from './no-texts.js';
import type { TextTableFileOptions } from './options.js';
import { readTextTable } from './table.js';
import type { FoundText, FoundTexts } from './types.js';

/**
 * Labelled texts in whatever layout `location` has, not split yet: a table; a folder per class; a folder with one table in it, or with one for
 * each side of the split (`train.csv`, `test.csv`). What is taken for what is said in its notes.
 *
 * @throws GraftError when it is missing, or holds no labelled texts.
 */
export async function findTexts(location: string, options: TextTableFileOptions = {}): Promise<FoundTexts> {
  const entry = await stat(location).catch(() => undefined);
  if (entry === undefined) throw await missing(location);
  if (!entry.isDirectory()) return await readTextTable(location, options);
  const tables = (await classFolders(location)).length > 0 ? [] : await tablesIn(location);
  const [only] = tables;
  if (only !== undefined && tables.length === 1) {
    const found = await readTextTable(path.join(location, only), options);
    return { ...found, notes: [`The texts of ${location} are in ${only}.`, ...found.notes] };
  }
  const bySide = new Map<Side, string>();
  for (const name of tables) {
    const side = sideOf(path.parse(name).name);
    if (side !== undefined && !bySide.has(side)) bySide.set(side, name);
  }
  if (bySide.has('train')) return await readSides(location, bySide, options);
  if (tables.length > 1)
    throw new GraftError(`Which table of ${location}? It has ${tables.slice(0, 10).join(', ')}.`, {
      action: `Give one of them: ${path.join(location, only ?? '')}.`,
    });
  if (options.task !== undefined && options.task !== 'classification')
    throw new GraftError(`${location} says of each text which class it is of, and ${options.task} is asked for.`, {
      action: `Give a table with a column of texts and ${options.task === 'regression' ? 'a column of numbers' : 'one of labels: "late|broken"'}.`,
    });
  return await readTextFolder(location);
}

async function tablesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && isTextTableName(entry.name))
    .map(({ name }) => name)
    .sort(byCodePoint);
}

/** A table for each side. */
async function readSides(
  folder: string,
  tables: ReadonlyMap<Side, string>,
  options: TextTableFileOptions,
): Promise<FoundTexts> {
  const read = new Map<Side, FoundTexts>();
  for (const [side, name] of tables) read.set(side, await readTextTable(path.join(folder, name), options));
  const all = [...read.values()];
  const textsOf = (side: Side): readonly FoundText[] => {
    const { found = [], validation = [], test = [] } = read.get(side) ?? {};
    return [...found, ...validation, ...test];
  };
  const [first] = all;
  if (first === undefined) throw await missing(folder);
  const taken = sides.flatMap((side) => (tables.has(side) ? [`${tables.get(side) ?? ''} is taken for ${side}`] : []));
  const groups = new Map(all.flatMap((one) => [...(one.groups ?? [])]));
  return {
    ...first,
    found: textsOf('train'),
    ...(read.has('validation') ? { validation: textsOf('validation') } : {}),
    ...(read.has('test') ? { test: textsOf('test') } : {}),
    groups,
    skipped: all.flatMap(({ skipped }) => skipped),
    notes: [`In ${folder}, ${taken.join(', ')}.`, ...all.flatMap(({ notes }) => notes)],
    warnings: all.flatMap(({ warnings = [] }) => warnings),
  };
}

async function missing(location: string): Promise<GraftError> {
  const folder = path.dirname(path.resolve(location));
  const guess = nearest(path.basename(location), await readdir(folder).catch(() => []));
  return new GraftError(`There is no file or folder ${location}.`, {
    action: guess === undefined ? 'Check the path.' : `Did you mean ${path.join(path.dirname(location), guess)}?`,
  });
}
