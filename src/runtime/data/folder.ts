import path from 'node:path';

import { makeDataset, type FoundData, type ImageOptions } from './dataset.js';
import { noPictures } from './problems.js';
import {
  type Candidate,
  checkFolder,
  classFolders,
  inspect,
  listPictures,
  realPath,
  type Found,
  type InspectOptions,
  type Skipped,
} from './scan.js';
import type { ImageDataset } from './types.js';

/**
 * Labelled pictures: a folder per class, or a pair of such folders for training and validation.
 *
 * jpg, png, webp, gif (first frame), bmp, tiff and avif; EXIF orientation is applied; what cannot be read is skipped and
 * reported. The split is stratified and seeded.
 *
 * @throws GraftError for a missing, empty or unreadable folder, fewer than two classes, a class with one picture.
 * @example
 * const data = await imageFolder('data/flowers', { size: [224, 224], validation: 0.2, seed: 7 });
 */
export async function imageFolder(
  directory: string | { train: string; validation: string },
  options: ImageOptions,
): Promise<ImageDataset> {
  return makeDataset(await findInFolders(directory, options), options);
}

/** @throws GraftError for a missing, empty or unreadable folder. */
export async function findInFolders(
  directory: string | { train: string; validation: string },
  options: InspectOptions,
): Promise<FoundData> {
  if (typeof directory === 'string') return { directory, ...(await readFolder(directory, options)) };
  const train = await readFolder(directory.train, options, 'train');
  const validation = await readFolder(directory.validation, options, 'validation');
  return {
    directory: commonFolder(directory.train, directory.validation),
    found: train.found,
    validation: validation.found,
    skipped: [...train.skipped, ...validation.skipped],
  };
}

async function readFolder(
  folder: string,
  options: InspectOptions,
  prefix = '',
): Promise<{ found: Found[]; skipped: Skipped[] }> {
  await checkFolder(folder);
  const skipped: Skipped[] = [];
  const candidates: Candidate[] = [];
  const names = await classFolders(folder);
  const empty: string[] = [];
  // A link from one class back to the whole folder must not put the other classes into it.
  const roots = new Set(await Promise.all([folder, ...names.map((name) => path.join(folder, name))].map(realPath)));
  for (const name of names) {
    const files = await listPictures(path.join(folder, name), skipped, roots);
    if (files.length === 0) empty.push(name);
    for (const file of files)
      candidates.push({
        id: path.posix.join(prefix, path.relative(folder, file).split(path.sep).join('/')),
        path: path.resolve(file),
        label: name,
      });
  }
  if (candidates.length === 0) throw await noPictures(folder, skipped);
  for (const name of empty)
    skipped.push({ file: path.posix.join(prefix, name), reason: 'the folder holds no pictures' });
  const inspected = await inspect(candidates, options);
  return { found: inspected.found, skipped: [...skipped, ...inspected.skipped] };
}

function commonFolder(a: string, b: string): string {
  return path.dirname(a) === path.dirname(b) ? path.dirname(a) : a;
}
