import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import { GraftError } from '../errors.js';
import { csvRows, findInCsv } from './csv.js';
import { type FoundData, type ImageOptions, makeDataset } from './dataset.js';
import { findInFolders } from './folder.js';
import { readIdx } from './idx-file.js';
import { findInIdx } from './idx.js';
import { noPictures, oneClass } from './problems.js';
import { checkFolder, classFolders, type InspectOptions, listPictures } from './scan.js';
import type { ImageDataset } from './types.js';

/** How the pictures under a path are labelled. */
export type DataLayout =
  | { readonly kind: 'folder'; readonly directory: string }
  | { readonly kind: 'pair'; readonly train: string; readonly validation: string }
  | { readonly kind: 'csv'; readonly file: string }
  | { readonly kind: 'idx'; readonly images: string; readonly labels: string };

const validationNames = ['validation', 'val', 'valid', 'test'];

/** Finds out how the data under `location` is labelled. @throws GraftError when it is missing or unreadable. */
export async function detectLayout(location: string): Promise<DataLayout> {
  const isFile = await stat(location).then(
    (entry) => entry.isFile(),
    () => false,
  );
  if (isFile && location.toLowerCase().endsWith('.csv')) return { kind: 'csv', file: location };
  if (isFile) {
    const folder = path.dirname(location);
    const pair = idxPairs(await readdir(folder)).find((names) => names.includes(path.basename(location)));
    if (pair !== undefined) return idxLayout(folder, pair);
  }
  await checkFolder(location);
  const folders = await classFolders(location);
  const validation = validationNames.find((name) => folders.includes(name));
  if (folders.includes('train') && validation !== undefined) {
    return { kind: 'pair', train: path.join(location, 'train'), validation: path.join(location, validation) };
  }
  const [pair] = idxPairs(await readdir(location));
  return pair === undefined ? { kind: 'folder', directory: location } : idxLayout(location, pair);
}

type IdxPair = readonly [images: string, labels: string];

/** Files that belong together by their names, as MNIST's: the training pictures first. */
function idxPairs(files: readonly string[]): IdxPair[] {
  const isTraining = (name: string) => Number(/train/i.test(name));
  return files
    .filter((name) => /images.*idx3-ubyte(\.gz)?$/i.test(name))
    .sort((a, b) => isTraining(b) - isTraining(a) || a.localeCompare(b))
    .flatMap((images): IdxPair[] => {
      const stem = (name: string) => name.toLowerCase().replace(/\.gz$/, '');
      const wanted = stem(images).replace('images', 'labels').replace('idx3', 'idx1');
      const labels = files.find((name) => stem(name) === wanted);
      return labels === undefined ? [] : [[images, labels]];
    });
}

function idxLayout(folder: string, [images, labels]: IdxPair): DataLayout {
  return { kind: 'idx', images: path.join(folder, images), labels: path.join(folder, labels) };
}

/** Reads labelled pictures in whatever layout `location` has. */
export async function imageData(location: string, options: ImageOptions): Promise<ImageDataset> {
  return makeDataset(await findData(location, options), options);
}

/** Labelled pictures in whatever layout `location` has, not split yet. */
export async function findData(location: string, options: InspectOptions = {}): Promise<FoundData> {
  const layout = await detectLayout(location);
  switch (layout.kind) {
    case 'folder':
      return await findInFolders(layout.directory, options);
    case 'pair':
      return await findInFolders(layout, options);
    case 'csv':
      return await findInCsv(layout.file, options);
    case 'idx':
      return await findInIdx(layout, options);
  }
}

/**
 * Classes and counts for pickers, without a look into any picture: from the names of folders, or from the labels of a CSV
 * or IDX file.
 *
 * @throws GraftError when the data are missing, their labels cannot be read, or there are fewer than two classes: nobody can
 * learn from that, which is better said before a script is written.
 */
export async function summarizeImages(
  location: string,
): Promise<{ layout: DataLayout; classes: { name: string; count: number }[] }> {
  const layout = await detectLayout(location);
  const counts = new Map<string, number>();
  for await (const [name, count] of labelsOf(layout)) counts.set(name, (counts.get(name) ?? 0) + count);
  const classes = [...counts].map(([name, count]) => ({ name, count })).filter(({ count }) => count > 0);
  await checkClasses(location, layout, classes);
  return { layout, classes };
}

async function checkClasses(
  location: string,
  layout: DataLayout,
  classes: readonly { readonly name: string }[],
): Promise<void> {
  const [only] = classes;
  if (only === undefined)
    throw layout.kind === 'csv'
      ? new GraftError(`${location} lists no pictures.`, { action: 'Add a line "path,label" for each picture.' })
      : await noPictures(location);
  if (classes.length === 1) throw oneClass(location, only.name);
}

async function* labelsOf(layout: DataLayout): AsyncGenerator<readonly [name: string, count: number]> {
  switch (layout.kind) {
    case 'folder':
    case 'pair':
      for (const folder of layout.kind === 'folder' ? [layout.directory] : [layout.train, layout.validation])
        for (const name of await classFolders(folder))
          yield [name, (await listPictures(path.join(folder, name))).length];
      return;
    case 'csv':
      for (const { label } of await csvRows(layout.file)) yield [label, 1];
      return;
    case 'idx':
      for (const label of (await readIdx(layout.labels)).data.slice().sort()) yield [String(label), 1];
  }
}
