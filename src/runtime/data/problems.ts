import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { counted } from '../../common/counted.js';
import { GraftError } from '../../common/errors.js';
import type { FoundData } from './found-data.js';
import { inSeveralClasses } from './duplicates.js';
import { byCodePoint, classFolders, listPictures, picturesIn, type Skipped } from './scan.js';
import type { Side } from './split-words.js';
import { isTableName, readTable } from './table.js';

type Kind = FoundData['kind'];

const folderAction =
  'Put the pictures into one folder per class, at least two classes: data/cats/1.jpg, data/dogs/1.jpg. A .csv file with the columns path and label will do too.';
const actions: Record<Kind, string> = {
  folder: folderAction,
  csv: 'Label the pictures with at least two classes: a line "path,label" for each picture.',
  idx: 'Give the label file that belongs to the pictures.',
};

/** What a folder without labelled pictures holds instead, and where they may be. */
export async function noPictures(folder: string, skipped: readonly Skipped[] = []): Promise<GraftError> {
  const loose = await listPictures(folder);
  const others: string[] = [];
  if (loose.length === 0) await filesIn(folder, '', others);
  const [first] = others;
  const found =
    loose.length > 0
      ? `${folder} holds ${counted(loose.length, 'picture')}, but no folders that say what ${loose.length === 1 ? 'it shows' : 'they show'}.`
      : first === undefined
        ? `There are no pictures in ${folder}: there is no file in it.`
        : `There are no pictures in ${folder}: ${others.length === 1 ? `its only file, ${first}, is none` : `of its ${others.length} files none is one, ${first} for instance`}.`;
  const reason = skipped[0] === undefined ? '' : ` ${skipped[0].file}: ${skipped[0].reason}.`;
  return new GraftError(found + reason, { action: (await elsewhere(folder, loose.length > 0)) ?? folderAction });
}

/** What cameras and scanners call their files: it says nothing of what they show. */
const cameraWord =
  /^(img|image|images|picture|pic|photo|dsc|dscn|dscf|dji|gopr|pxl|mvimg|p|scan|screenshot|frame|file|untitled|wp|whatsapp image)$/i;

/** Names that say what pictures show: `leaf-01.jpg`, `leaf-02.jpg`, `shell (1).jpg`. */
function byPrefix(folder: string, pictures: readonly string[]): string | undefined {
  const groups = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const picture of pictures) {
    const name = path.basename(picture);
    const [, prefix = ''] = /^(.*?)[\s_.-]*\(?\d+\)?\.\w+$/.exec(name) ?? [];
    if (prefix === '' || /^\d/.test(prefix) || cameraWord.test(prefix)) return undefined;
    if (!groups.has(prefix)) groups.set(prefix, path.join(folder, prefix, name));
    counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
  }
  if (groups.size < 2 || [...counts.values()].some((count) => count < 2)) return undefined;
  return `If their names say what they show, move them into a folder for each: ${listed([...groups.values()])}.`;
}

/** @param notes what was taken for what while reading: two classes may have become one. */
export function oneClass(
  location: string,
  name: string,
  {
    kind = 'folder',
    notes = [],
    instead,
  }: { kind?: Kind; notes?: readonly string[]; instead?: string | undefined } = {},
): GraftError {
  // What was guessed of a table, or that two classes have become one, may be why.
  const why = kind === 'csv' ? notes : notes.filter((note) => note.includes(' as one class'));
  return new GraftError(
    [`${location} has only one class: ${name}. There is nothing to tell apart.`, ...why].join(' '),
    { action: instead ?? actions[kind] },
  );
}

/**
 * Where labelled pictures are, near a folder that holds none: a table, the names of its pictures, a folder in it, the folder above.
 *
 * @param isClass whether it holds pictures: it may be one class of several.
 */
export async function elsewhere(folder: string, isClass = false): Promise<string | undefined> {
  const parent = path.dirname(path.resolve(folder));
  for (const place of isClass ? [folder, parent] : [folder]) {
    for (const name of (await readdir(place).catch((): string[] => [])).filter(isTableName)) {
      const table = path.join(place, name);
      if (await listsPicturesOf(table, folder)) return `If the labels are in a table, give that: ${table}.`;
    }
  }
  const named = isClass ? byPrefix(folder, await picturesIn(folder).catch(() => [])) : undefined;
  if (named !== undefined) return named;
  const inside = await classFolders(folder).catch((): string[] => []);
  for (const name of inside.slice(0, 20)) {
    const classes = await classFolders(path.join(folder, name)).catch((): string[] => []);
    if (classes.length > 1) return `${name} holds ${listed(classes)}: give ${path.join(folder, name)}.`;
  }
  const beside = await classFolders(parent).catch((): string[] => []);
  if (
    !isClass ||
    inside.length > 0 ||
    beside.length < 2 ||
    beside.length > 1000 ||
    !beside.includes(path.basename(folder)) ||
    !(await anyHoldsPictures(parent, beside, path.basename(folder)))
  )
    return undefined;
  return `If it is one class of several, give the folder above: ${parent} holds ${listed(beside)}.`;
}

/** Whether a folder beside one of pictures holds some too: otherwise it is no class beside another. */
async function anyHoldsPictures(parent: string, names: readonly string[], own: string): Promise<boolean> {
  for (const name of names.filter((one) => one !== own).slice(0, 20))
    if ((await picturesIn(path.join(parent, name)).catch(() => [])).length > 0) return true;
  return false;
}

/** Whether one of its cells names a picture of the folder, with its extension or without: another table may lie there by chance. */
async function listsPicturesOf(table: string, folder: string): Promise<boolean> {
  const pictures = await listPictures(folder).catch((): string[] => []);
  const names = new Set(pictures.flatMap((file) => [path.basename(file), path.parse(file).name]));
  const rows = await readTable(table).then(
    (read) => read.rows,
    () => [],
  );
  return rows.some(({ cells }) => cells.some((cell) => names.has(cell.split(/[\\/]/).at(-1) ?? '')));
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, 4).join(', ')}${names.length > 4 ? ` and ${names.length - 4} more` : ''}`;
}

export function nothingFound({
  kind,
  directory,
  skipped,
}: Pick<FoundData, 'kind' | 'directory' | 'skipped'>): GraftError {
  const [first] = skipped;
  const reasons =
    first === undefined
      ? ''
      : ` ${counted(skipped.length, 'file was', 'files were')} skipped. The first, ${first.file}: ${first.reason}.`;
  return new GraftError(`There are no pictures in ${directory} that can be used.${reasons}`, {
    action: first?.reason.includes(inSeveralClasses) === true ? oneLabel(kind) : actions[kind],
  });
}

function oneLabel(kind: Kind): string {
  const several = kind === 'csv' ? "; if a picture may have several, say task: 'multi-label'" : '';
  return `Give each picture one label${several}.`;
}

/** Where there are no classes: all pictures are one. @param least how many are needed, one for each side of the split. */
export function tooFewPictures(count: number, least: number, { directory }: FoundData): GraftError {
  return new GraftError(
    `${directory} has ${count === 1 ? 'one usable picture' : `${count} usable pictures`}; at least ${least} are needed, one for each side of the split.`,
    { action: 'Add lines with pictures.' },
  );
}

/**
 * @param least how many it needs, one for each side of the split.
 * @param skipped what was left out, and why.
 */
export function tooFew(
  name: string,
  count: number,
  least: number,
  { kind, directory, found }: FoundData,
  skipped: readonly Skipped[],
): GraftError {
  const own = new Set(found.filter(({ label }) => label === name).map(({ id }) => id));
  const shared = skipped.filter(({ file, reason }) => own.has(file) && reason.includes(inSeveralClasses));
  if (shared.length > 0) {
    return new GraftError(
      `${shared.length} of the ${own.size} pictures of the class "${name}" of ${directory} are in other classes too, so which is right is not known: they are left out, and ${count === 0 ? 'none is' : count === 1 ? 'one is' : `${count} are`} left.`,
      {
        action:
          kind === 'folder'
            ? `Leave each picture in one class; if ${name} is a copy, move its folder away.`
            : oneLabel(kind),
      },
    );
  }
  const needed =
    least === 2
      ? 'at least two are needed, one to learn from and one to check'
      : 'at least three are needed: one to learn from, one to check and one for the test';
  return new GraftError(
    `The class "${name}" of ${directory} has ${count === 0 ? 'no usable pictures' : count === 1 ? 'one usable picture' : `${count} usable pictures`}; ${needed}.`,
    {
      action:
        kind === 'folder'
          ? `Add pictures to ${name}, or move its folder away.`
          : `Add pictures of ${name}, or take its lines out.`,
    },
  );
}

export function missingOnSide(name: string, side: Side, { kind, directory }: FoundData): GraftError {
  return new GraftError(
    `The class "${name}" of ${directory} is missing on one side of the split: there is none of it for ${side === 'train' ? 'training' : side}.`,
    {
      action:
        kind === 'folder'
          ? 'Each class needs pictures in both folders.'
          : 'Each class needs pictures for training and for validation.',
    },
  );
}

export function emptySide(side: Side, { directory }: FoundData): GraftError {
  return new GraftError(`${directory}: there are no pictures for ${side === 'train' ? 'training' : side}.`, {
    action: 'Give pictures for training and for validation, or leave the split out.',
  });
}

export function unsplittable(name: string, { directory }: FoundData): GraftError {
  return new GraftError(
    `The pictures${name === '' ? '' : ` of "${name}"`} in ${directory} are in too few groups: a group stays on one side of the split, and there is none left for another.`,
    {
      action: `Each class needs pictures in as many groups as there are sides: add some${name === '' ? '' : ` of ${name}`}, or leave the groups out.`,
    },
  );
}

/** Adds all files below a folder but hidden ones to `files`, relative to it. Links are not followed. */
async function filesIn(folder: string, within: string, files: string[]): Promise<void> {
  const entries = await readdir(path.join(folder, within), { withFileTypes: true }).catch(() => []);
  const visible = entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => byCodePoint(a.name, b.name));
  for (const entry of visible) {
    if (entry.isDirectory()) await filesIn(folder, `${within}${entry.name}/`, files);
    else files.push(within + entry.name);
  }
}
