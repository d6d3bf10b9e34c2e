import path from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { type OptionTable, required, text } from '../../../common/check-options.js';
import { GraftError } from '../../../common/errors.js';
import { sha256 } from '../../../common/hash.js';
import type { FoundImages } from './scan.js';
import { imageWords } from '../words.js';
import { pictureOf, readIdx } from './idx-file.js';
import { checkPixels, defaultMaxPixels } from './picture.js';
import type { FoundPicture, InspectOptions } from './scan.js';

export interface IdxFiles {
  readonly images: string;
  readonly labels: string;
  readonly classes?: readonly string[];
}

export const idxFiles: OptionTable<IdxFiles> = {
  images: required(text),
  labels: required(text),
  classes: {
    is: 'a list of names',
    holds: (value) => Array.isArray(value) && value.every((name) => typeof name === 'string'),
  },
};

/** @throws GraftError when a file is not IDX or the two do not belong together. */
export async function findInIdx(files: IdxFiles, options: InspectOptions = {}): Promise<FoundImages<'classification'>> {
  const labels = await readIdx(files.labels);
  // Before pictures are read that nobody could use.
  const images = await readIdx(files.images, (shape) => {
    checkShapes(files, shape, labels.shape, options);
  });
  const [count = 0] = images.shape;
  const source = path.resolve(files.images);
  const name = path.basename(files.images);
  const digits = String(count - 1).length;
  const found: FoundPicture[] = [];
  for (let index = 0; index < count; index++) {
    const label = labels.data[index] ?? 0;
    const { pixels, width, height } = pictureOf(images, index);
    found.push({
      id: `${name}#${String(index).padStart(digits, '0')}`,
      source: { kind: 'idx', path: source, index },
      label: files.classes?.[label] ?? String(label),
      hash: sha256(pixels),
      width,
      height,
    });
    if (index % 1024 !== 0) continue;
    options.onProgress?.(index, count);
    await setImmediate();
  }
  const directory = path.dirname(source);
  return { words: imageWords, layout: 'idx', task: 'classification', directory, found, skipped: [], notes: [] };
}

function checkShapes(
  files: IdxFiles,
  images: readonly number[],
  labels: readonly number[],
  { maxPixels = defaultMaxPixels }: InspectOptions,
): void {
  const [count, height = 0, width = 0, channels = 1] = images;
  if (images.length < 3 || labels.length !== 1 || labels[0] !== count || (channels !== 1 && channels !== 3)) {
    throw new GraftError(`${files.images} is [${images.join(', ')}] and ${files.labels} is [${labels.join(', ')}].`, {
      action: 'Give an image file [n, height, width] and the label file [n] that belongs to it.',
    });
  }
  if (height === 0 || width === 0)
    throw new GraftError(`The pictures of ${files.images} have no pixels: they are ${width} × ${height}.`, {
      action: 'Download it again.',
    });
  checkPixels({ width, height }, files.images, maxPixels);
}
