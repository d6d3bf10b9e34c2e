import { checkOptions, checkValue, isPlainObject, text } from '../../../common/check-options.js';
import type { Task } from '../../../protocol/index.js';
import type { TableOptions } from '../table-options.js';
import { tableOptions } from '../csv.js';
import { findInCsv } from './csv.js';
import { findData } from './detect.js';
import { findInFolders, type SplitFolders } from './folder.js';
import { findInIdx, idxFiles, type IdxFiles } from './idx.js';
import { checkImageOptions, readerOptions, type ImageOptions } from './options.js';
import { readImages } from './dataset.js';
import type { FoundImages } from './scan.js';
import type { ImageDataset } from './types.js';

/**
 * Labelled pictures: a folder per class; or a folder each for training, validation and the test with a folder per class in it, given by
 * name or found in `directory` (`train`, `training`; `val`, `valid`, `validation`, `dev`; `test`, `testing`; in any case).
 *
 * jpg, png, webp, gif (first frame), bmp, tiff, avif and heic; EXIF orientation is applied; what cannot be read is skipped and
 * reported. The split is stratified and seeded.
 *
 * @throws GraftError for a missing, empty or unreadable folder, fewer than two classes, a class with one picture.
 * @example
 * const data = await imageFolder('data/flowers', { size: [224, 224], validation: 0.2, test: 0.1, seed: 7 });
 */
export async function imageFolder(directory: string | SplitFolders, options: ImageOptions): Promise<ImageDataset> {
  checkImageOptions('imageFolder', options);
  checkValue('imageFolder', 'the folder', directory, {
    is: "a path, or folders by side: { train: '…', validation: '…' }",
    holds: (value) =>
      (typeof value === 'string' && value !== '') ||
      (isPlainObject(value) &&
        typeof value['train'] === 'string' &&
        Object.entries(value).every(
          ([side, folder]) =>
            ['train', 'validation', 'test'].includes(side) && (folder === undefined || typeof folder === 'string'),
        )),
  });
  return await readImages(await findInFolders(directory, readerOptions(options)), options);
}

/**
 * Labelled pictures from a table with a column of pictures and a column of labels, and perhaps one of groups and one of the split.
 * The separator is a comma, a semicolon, a tab or a bar; a label with a comma is quoted (RFC 4180). Paths are relative to the file's
 * folder or absolute; names alone, with extension or without, are looked for in the folders beside it.
 *
 * @throws GraftError when the file cannot be read, nobody can tell which column is what, a line has no path or label, labels are
 *   no classes, or none of the pictures is there.
 * @example
 * const data = await imageCsv('data/labels.csv', { size: [224, 224], columns: { path: 'image_id', label: 'breed' } });
 */
export async function imageCsv<T extends Task = 'classification'>(
  file: string,
  options: ImageOptions & TableOptions & { readonly task?: T },
): Promise<ImageDataset<T>> {
  checkImageOptions('imageCsv', options, tableOptions);
  checkValue('imageCsv', 'the file', file, { ...text, is: 'the path of a .csv file' });
  // It is found for the task that the options name.
  return await readImages((await findInCsv(file, readerOptions(options))) as FoundImages<T>, options);
}

/**
 * Pictures and labels from a pair of IDX files (MNIST's format), gzipped or not. Grey pictures become RGB.
 *
 * @param files `classes` names the labels 0, 1, …; default their numbers.
 * @throws GraftError when a file is not IDX or the two do not belong together.
 */
export async function imageIdx(files: IdxFiles, options: ImageOptions): Promise<ImageDataset> {
  checkImageOptions('imageIdx', options);
  checkOptions('imageIdx', files, idxFiles);
  return await readImages(await findInIdx(files, options), options);
}

/** Reads labelled pictures in whatever layout `location` has. */
export async function imageData<T extends Task = 'classification'>(
  location: string,
  options: ImageOptions & TableOptions & { readonly task?: T },
): Promise<ImageDataset<T>> {
  checkImageOptions('imageData', options, tableOptions);
  checkValue('imageData', 'the folder or file', location, { ...text, is: 'a path' });
  // It is found for the task that the options name.
  return await readImages((await findData(location, readerOptions(options))) as FoundImages<T>, options);
}
