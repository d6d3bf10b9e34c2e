import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { byCodePoint } from '../../../common/by-code-point.js';
import { counted } from '../../../common/counted.js';
import { GraftError } from '../../../common/errors.js';
import type { Skipped } from '../found-data.js';
import { toLabel } from '../problems.js';
import { classFolders, listPictures, picturesIn } from './scan.js';
import { isTableName, readTable } from '../table.js';
import { imageWords } from '../words.js';

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
  return new GraftError(found + reason, {
    action: (await elsewhere(folder, loose.length > 0)) ?? toLabel('folder', imageWords),
  });
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

/** Adds all files below a folder but hidden ones to `files`, relative to it. Links are not followed. */
async function filesIn(folder: string, within: string, files: string[]): Promise<void> {
  const entries = await readdir(path.join(folder, within), { withFileTypes: true }).catch(() => []);
  const visible = entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => byCodePoint(a.name, b.name));
  for (const entry of visible) {
    if (entry.isDirectory()) await filesIn(folder, `${within}${entry.name}/`, files);
    else files.push(within + entry.name);
  }
}
