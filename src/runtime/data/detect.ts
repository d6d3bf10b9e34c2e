import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import { checkValue, text } from '../../common/check-options.js';
import { csvLines, findInCsv, tableOptions, type TableOptions } from './csv.js';
import { readDataset } from './dataset.js';
import type { FoundData } from './found-data.js';
import { checkImageOptions, type ImageOptions, readerOptions } from './image-options.js';
import { classesOfFolders, folderLayout } from './folder-layout.js';
import { findInFolders } from './folder.js';
import { readIdx } from './idx-file.js';
import { findInIdx } from './idx.js';
import { oneSpelling } from './labels.js';
import { elsewhere, noPictures, oneClass } from './problems.js';
import { classFolders, type InspectOptions, listPictures } from './scan.js';
import { locatePictures } from './table-paths.js';
import type { Side } from './split-words.js';
import { isTableName } from './table.js';
import type { ImageDataset } from './types.js';

/** How the pictures under a path are labelled. */
export type DataLayout =
  | { readonly kind: 'folder'; readonly directory: string }
  | { readonly kind: 'split'; readonly train: string; readonly validation?: string; readonly test?: string }
  | { readonly kind: 'csv'; readonly file: string }
  | { readonly kind: 'idx'; readonly images: string; readonly labels: string };

/**
 * Finds out how the data under `location` is labelled. What is taken for what is said in `notes`.
 *
 * @throws GraftError when it is missing or unreadable.
 */
export async function detectLayout(location: string, notes: string[] = []): Promise<DataLayout> {
  const isFile = await stat(location).then(
    (entry) => entry.isFile(),
    () => false,
  );
  if (isFile && isTableName(location)) return { kind: 'csv', file: location };
  if (isFile) {
    const folder = path.dirname(location);
    const pair = idxPairs(await readdir(folder)).find((names) => names.includes(path.basename(location)));
    if (pair !== undefined) return idxLayout(folder, pair);
  }
  const layout = await folderLayout(location, notes);
  if (layout.kind === 'split') return layout;
  const [pair] = idxPairs(await readdir(location));
  return pair === undefined ? layout : idxLayout(location, pair);
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
export async function imageData(location: string, options: ImageOptions & TableOptions): Promise<ImageDataset> {
  checkImageOptions('imageData', options, tableOptions);
  checkValue('imageData', 'the folder or file', location, { ...text, is: 'a path' });
  return await readDataset(await findData(location, readerOptions(options)), options);
}

/** Labelled pictures in whatever layout `location` has, not split yet. */
export async function findData(location: string, options: InspectOptions & TableOptions = {}): Promise<FoundData> {
  const layout = await detectLayout(location);
  switch (layout.kind) {
    case 'folder':
    case 'split':
      // The same way is gone again, and says what it takes for what.
      return await findInFolders(location, options);
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
export async function summarizeImages(location: string, options: TableOptions = {}): Promise<ImageSummary> {
  const notes: string[] = [];
  const layout = await detectLayout(location, notes);
  const labels = new Map<string, number>();
  const files: string[] = [];
  let ownValidation = layout.kind === 'split' && layout.validation !== undefined;
  for await (const [name, count, side] of labelsOf(layout, options, notes, files)) {
    ownValidation ||= side === 'validation';
    if (count > 0) labels.set(name, (labels.get(name) ?? 0) + count);
  }
  const spelling = oneSpelling(labels, notes);
  const counts = new Map<string, number>();
  for (const [label, count] of labels) {
    const name = spelling.get(label) ?? label;
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
  const classes = [...counts].map(([name, count]) => ({ name, count }));
  await checkClasses(location, layout, classes, notes);
  return { layout, classes, notes, ownValidation, nested: classesOfFolders(files).size > 0 };
}

/** Of labelled pictures, what can be known without a look into any. */
export interface ImageSummary {
  readonly layout: DataLayout;
  readonly classes: readonly { readonly name: string; readonly count: number }[];
  /** What was taken for what, in sentences. */
  readonly notes: readonly string[];
  /** Whether the data bring a validation set, so that none is split off. */
  readonly ownValidation: boolean;
  /** Whether every folder of a class holds folders of pictures instead of pictures: probably these are data sets of their own. */
  readonly nested: boolean;
}

async function checkClasses(
  location: string,
  layout: DataLayout,
  classes: readonly { readonly name: string }[],
  notes: readonly string[],
): Promise<void> {
  const [only] = classes;
  if (only === undefined) throw await noPictures(location);
  if (classes.length > 1) return;
  const kind = layout.kind === 'split' ? 'folder' : layout.kind;
  const instead = kind === 'folder' ? await elsewhere(location) : undefined;
  throw oneClass(location, only.name, { kind, notes, instead });
}

/** @param files of a folder per class, relative to it, are added. */
async function* labelsOf(
  layout: DataLayout,
  options: TableOptions,
  notes: string[],
  files: string[],
): AsyncGenerator<readonly [name: string, count: number, side?: Side | undefined]> {
  switch (layout.kind) {
    case 'folder':
    case 'split': {
      const folders = layout.kind === 'folder' ? [layout.directory] : [layout.train, layout.validation, layout.test];
      for (const folder of folders) {
        if (folder === undefined) continue;
        for (const name of await classFolders(folder)) {
          const pictures = await listPictures(path.join(folder, name));
          if (pictures.length === 0) notes.push(`${path.join(folder, name)} holds no picture that can be read.`);
          if (layout.kind === 'folder')
            for (const file of pictures) files.push(path.relative(folder, file).split(path.sep).join('/'));
          yield [name, pictures.length];
        }
      }
      return;
    }
    case 'csv': {
      const { lines, notes: said } = await csvLines(layout.file, options);
      notes.push(...said);
      await locatePictures(
        layout.file,
        lines.map((line) => line.path),
        notes,
      );
      for (const { label, split } of lines) yield [label, 1, split];
      return;
    }
    case 'idx':
      for (const label of (await readIdx(layout.labels)).data.slice().sort()) yield [String(label), 1];
  }
}
