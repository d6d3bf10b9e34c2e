import { byCodePoint } from '../../../common/by-code-point.js';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { checkFolder, classFolders } from './scan.js';
import { sideOf, sides, type Side } from '../split-words.js';

/** Where the folders of classes are. */
type FolderLayout =
  | { readonly kind: 'folder'; readonly directory: string }
  | { readonly kind: 'split'; readonly train: string; readonly validation?: string; readonly test?: string };

const meanings: Record<Side, string> = { train: 'training', validation: 'validation', test: 'the test' };
/** How many folders that hold only one folder are gone through. */
const deepest = 3;

/**
 * A folder per class; or a folder per side of the split with a folder per class in each, in the usual spellings. A folder that holds nothing
 * but one folder of these is that folder. What was taken for what is said in `notes`.
 *
 * @throws GraftError for a missing or unreadable folder.
 */
export async function folderLayout(location: string, notes: string[]): Promise<FolderLayout> {
  await checkFolder(location);
  let directory = location;
  for (let depth = 0; ; depth++) {
    const folders = await classFolders(directory);
    const split = await splitIn(directory, folders, notes);
    if (split !== undefined) return split;
    const [only] = folders;
    const inner = only === undefined ? directory : path.join(directory, only);
    const goesOn = folders.length === 1 && depth < deepest && (await holdsFoldersOnly(inner, directory));
    if (!goesOn) {
      if (directory !== location && folders.length > 1)
        notes.push(`The classes are the folders in ${directory}: there is nothing else in ${location}.`);
      return { kind: 'folder', directory: folders.length > 1 ? directory : location };
    }
    directory = inner;
  }
}

async function splitIn(
  directory: string,
  folders: readonly string[],
  notes: string[],
): Promise<FolderLayout | undefined> {
  const bySide = new Map<Side, string>();
  const leftAlone: string[] = [];
  for (const name of folders) {
    const side = sideOf(name);
    const holdsClasses = (await classFolders(path.join(directory, name)).catch(() => [])).length > 0;
    if (side !== undefined && holdsClasses && !bySide.has(side)) bySide.set(side, name);
    else leftAlone.push(name);
  }
  const train = bySide.get('train');
  if (train === undefined) return undefined;
  const at = (side: Side) => {
    const name = bySide.get(side);
    return name === undefined ? {} : { [side]: path.join(directory, name) };
  };
  const taken = sides.flatMap((side) => {
    const name = bySide.get(side);
    return name === undefined ? [] : [`${name}/ is taken for ${meanings[side]}`];
  });
  const off = bySide.has('validation') ? '' : `; validation is split off from ${train}/`;
  notes.push(`In ${directory}, ${taken.join(', ')}${off}.`);
  if (leftAlone.length > 0)
    notes.push(`Left alone in ${directory}: ${leftAlone.map((name) => `${name}/`).join(', ')}.`);
  return { kind: 'split', train: path.join(directory, train), ...at('validation'), ...at('test') };
}

/** Two or more folders and no file of its own that is seen, as above it there is only itself. */
async function holdsFoldersOnly(folder: string, parent: string): Promise<boolean> {
  const [inside, beside] = await Promise.all([folder, parent].map(visibleFiles));
  return inside?.length === 0 && beside?.length === 0 && (await classFolders(folder)).length > 0;
}

async function visibleFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort(byCodePoint);
}

/**
 * Folders that hold no picture of their own but folders of pictures, in the place of every class: probably they are data sets of their
 * own.
 *
 * @param ids of pictures, relative to the folder of the classes: `animals/cats/1.jpg`.
 * @returns by class, the folders in it; nothing where a class has pictures of its own, or none has two folders.
 */
export function classesOfFolders(ids: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const inner = new Map<string, Set<string>>();
  for (const id of ids) {
    const [name = '', second = '', ...rest] = id.split('/');
    if (rest.length === 0) return new Map();
    inner.set(name, (inner.get(name) ?? new Set()).add(second));
  }
  const folders = [...inner].map(([name, set]): [string, string[]] => [name, [...set].sort(byCodePoint)]);
  return folders.some(([, names]) => names.length > 1) ? new Map(folders) : new Map();
}
