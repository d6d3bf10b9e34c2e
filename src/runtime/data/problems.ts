import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { GraftError } from '../errors.js';
import { byCodePoint, listPictures, type Skipped } from './scan.js';

const action =
  'Put the pictures into one folder per class, at least two classes: data/cats/1.jpg, data/dogs/1.jpg. A .csv file with the columns path and label will do too.';

/** What a folder without labelled pictures holds instead. */
export async function noPictures(folder: string, skipped: readonly Skipped[] = []): Promise<GraftError> {
  const loose = await listPictures(folder);
  const others: string[] = [];
  if (loose.length === 0) await filesIn(folder, '', others);
  const [first] = others;
  const found =
    loose.length > 0
      ? `${folder} holds ${loose.length} pictures, but no folders that say what they show.`
      : first === undefined
        ? `There are no pictures in ${folder}: there is no file in it.`
        : `There are no pictures in ${folder}: of its ${others.length} files none is one, ${first} for instance.`;
  const reason = skipped[0] === undefined ? '' : ` ${skipped[0].file}: ${skipped[0].reason}.`;
  return new GraftError(found + reason, { action });
}

export function oneClass(location: string, name: string): GraftError {
  return new GraftError(`${location} has only one class: ${name}. There is nothing to tell apart.`, { action });
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
