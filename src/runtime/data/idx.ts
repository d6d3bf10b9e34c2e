import { createHash } from 'node:crypto';
import path from 'node:path';

import { GraftError } from '../errors.js';
import { readDataset, type FoundData } from './dataset.js';
import { type ImageOptions } from './image-options.js';
import { readIdx } from './idx-file.js';
import type { Found } from './scan.js';
import type { ImageDataset } from './types.js';

export interface IdxFiles {
  readonly images: string;
  readonly labels: string;
  readonly classes?: readonly string[];
}

/**
 * Pictures and labels from a pair of IDX files (MNIST's format), gzipped or not. Grey pictures become RGB.
 *
 * @param files `classes` names the labels 0, 1, …; default their numbers.
 * @throws GraftError when a file is not IDX or the two do not belong together.
 */
export async function imageIdx(files: IdxFiles, options: ImageOptions): Promise<ImageDataset> {
  return await readDataset(await findInIdx(files), options);
}

/** @throws GraftError when a file is not IDX or the two do not belong together. */
export async function findInIdx(files: IdxFiles): Promise<FoundData> {
  const [images, labels] = [await readIdx(files.images), await readIdx(files.labels)];
  const [count = 0, height = 0, width = 0, channels = 1] = images.shape;
  if (images.shape.length < 3 || labels.shape.length !== 1 || labels.shape[0] !== count) {
    throw new GraftError(
      `${files.images} is [${images.shape.join(', ')}] and ${files.labels} is [${labels.shape.join(', ')}].`,
      {
        action: 'Give an image file [n, height, width] and the label file [n] that belongs to it.',
      },
    );
  }
  const size = height * width * channels;
  const source = path.resolve(files.images);
  const name = path.basename(files.images);
  const digits = String(count - 1).length;
  const found = Array.from({ length: count }, (_, index): Found => {
    const label = labels.data[index] ?? 0;
    const hash = createHash('sha256')
      .update(images.data.subarray(index * size, (index + 1) * size))
      .digest('hex');
    const id = `${name}#${String(index).padStart(digits, '0')}`;
    return {
      id,
      source: { kind: 'idx', path: source, index },
      label: files.classes?.[label] ?? String(label),
      hash,
      width,
      height,
    };
  });
  return { kind: 'idx', directory: path.dirname(source), found, skipped: [], notes: [] };
}
