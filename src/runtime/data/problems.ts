import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { GraftError } from '../errors.js';
import { byCodePoint, listPictures, type Skipped } from './scan.js';

const action =
  'Put the pictures into one folder per class, at least two classes: data/cats/1.jpg, data/dogs/1.jpg. A .csv file with the columns path and label will do too.';

/** What a folder without labelled pictures holds instead. */
export async function noPictures(folder: string, skipped: readonly Skipped[] = []): Promise<GraftError> {
  const loose = await listPictures(folder);
  const others = loose.length > 0 ? [] : await filesIn(folder);
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

/** All files below a folder but hidden ones, relative to it. Links are not followed. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const visible = entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => byCodePoint(a.name, b.name));
  const lists = visible.map(async (entry) => {
    if (!entry.isDirectory()) return [entry.name];
    return (await filesIn(path.join(folder, entry.name))).map((name) => `${entry.name}/${name}`);
  });
  return (await Promise.all(lists)).flat();
}
