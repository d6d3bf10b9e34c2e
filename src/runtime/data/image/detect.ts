import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import type { Task } from '../../../protocol/index.js';
import { GraftError } from '../../../common/errors.js';
import type { TableOptions } from '../table-options.js';
import { csvLines } from '../csv.js';
import { findInCsv } from './csv.js';
import { classesOfFolders, folderLayout } from './folder-layout.js';
import { findInFolders } from './folder.js';
import { readIdx } from './idx-file.js';
import { findInIdx } from './idx.js';
import { countsOf, oneSpelling } from '../labels.js';
import { elsewhere, noPictures } from './no-pictures.js';
import { oneClass } from '../problems.js';
import { classFolders, type FoundImages, type InspectOptions, listPictures } from './scan.js';
import { locatePictures } from './table-paths.js';
import type { Side } from '../split-words.js';
import type { DataSummary } from '../summary.js';
import { tasksOf } from '../table-task.js';
import { isTableName } from '../table.js';
import { targets } from '../targets/index.js';
import { imageWords } from '../words.js';

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
async function detectLayout(location: string, notes: string[] = []): Promise<DataLayout> {
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

/** Labelled pictures in whatever layout `location` has, not split yet. */
export async function findData(location: string, options: InspectOptions & TableOptions = {}): Promise<FoundImages> {
  const layout = await detectLayout(location);
  if (layout.kind !== 'csv') checkTask(location, options.task);
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

/** @throws GraftError for a task that needs a table. */
function checkTask(location: string, task: Task = 'classification'): void {
  if (task === 'classification') return;
  throw new GraftError(`${location} says of each picture which class it is of, and ${task} is asked for.`, {
    action: `Give a .csv file with a column of pictures and ${task === 'regression' ? 'a column of numbers' : 'one of labels: "cat|outside"'}.`,
  });
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
  if (layout.kind !== 'csv') checkTask(location, options.task);
  else {
    const possible = await tasksOf(layout.file, options);
    const task = options.task ?? possible[0];
    if (task === 'regression') return await summarizeNumbers(layout, options, possible);
    if (task === 'multi-label') return await summarizeLabels(layout, options, possible);
  }
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
  return {
    kind: 'image',
    layout,
    task: 'classification',
    tasks: layout.kind === 'csv' ? await tasksOf(layout.file, options) : ['classification'],
    classes,
    count: classes.reduce((sum, { count }) => sum + count, 0),
    notes,
    ownValidation,
    nested: classesOfFolders(files).size > 0,
  };
}

export interface ImageSummary extends DataSummary {
  readonly kind: 'image';
  readonly layout: DataLayout;
}

async function summarizeLabels(
  layout: Extract<DataLayout, { kind: 'csv' }>,
  options: TableOptions,
  tasks: readonly Task[],
): Promise<ImageSummary> {
  const { lines, notes } = await csvLines(layout.file, { ...options, task: 'multi-label' });
  await locatePictures(
    layout.file,
    lines.map((line) => line.path),
    notes,
  );
  const { spelling, names } = targets['multi-label'];
  const texts = lines.map(({ label }) => label);
  const spelled = spelling(texts, notes);
  const found = texts.map((text) => spelled.get(text) ?? text);
  const counts = countsOf(found.flatMap((text) => names([text])));
  return {
    ...{ kind: 'image', layout, task: 'multi-label', tasks, notes },
    count: lines.length,
    classes: names(found).map((name) => ({ name, count: counts.get(name) ?? 0 })),
    ownValidation: lines.some(({ split }) => split === 'validation'),
    nested: false,
  };
}

async function summarizeNumbers(
  layout: Extract<DataLayout, { kind: 'csv' }>,
  options: TableOptions,
  tasks: readonly Task[],
): Promise<ImageSummary> {
  const { lines, names = [], notes } = await csvLines(layout.file, { ...options, task: 'regression' });
  await locatePictures(
    layout.file,
    lines.map((line) => line.path),
    notes,
  );
  const { labeller, ranges } = targets.regression;
  const labelOf = labeller(names);
  const labels = lines.flatMap(({ label }) => [labelOf(label) ?? []]);
  return {
    ...{ kind: 'image', layout, task: 'regression', tasks, notes },
    numbers: ranges?.(labels, names) ?? [],
    count: lines.length,
    classes: [],
    ownValidation: lines.some(({ split }) => split === 'validation'),
    nested: false,
  };
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
  throw oneClass(location, only.name, { words: imageWords, layout: kind, notes, instead });
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
