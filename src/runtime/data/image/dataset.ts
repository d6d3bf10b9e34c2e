import { DecodedPictures } from './decoded.js';
import { splitData, spread } from '../dataset.js';
import type { Found } from '../found-data.js';
import { imageKind } from './kind.js';
import { readingShare, type ImageOptions } from './options.js';
import { findNearDuplicates } from './near-duplicates.js';
import { defaultMaxPixels } from './picture.js';
import type { FoundImages } from './scan.js';
import type { Task } from '../../../protocol/index.js';
import type { ImageDataset } from './types.js';

/** Decoded pictures that wait for the first pass over them take at most this much memory. */
const decodedBytes = 256 << 20;

/**
 * A data set of the pictures that were found. The same picture saved again (another format, quality or size) stays on the side of its twin.
 *
 * @throws GraftError as `splitData`.
 */
export async function readImages<T extends Task>(
  data: FoundImages<T>,
  options: ImageOptions,
): Promise<ImageDataset<T>> {
  const { size, resize = 'crop', maxPixels = defaultMaxPixels, nearDuplicates = true, augment } = options;
  const decoded = new DecodedPictures(decodedBytes);
  const warnings = [...(data.warnings ?? [])];
  const all = [...(data.test ?? []), ...(data.validation ?? []), ...data.found];
  let alike: readonly (readonly Found[])[] = [];
  if (nearDuplicates && data.layout !== 'idx') {
    const distinct = [...new Map(all.map((found) => [found.hash, found])).values()];
    const onProgress = (done: number, total: number) => {
      const shown = readingShare * all.length + (1 - readingShare) * all.length * (done / Math.max(1, total));
      options.onProgress?.(Math.floor(shown), all.length);
    };
    const look = { size, resize, maxPixels, store: options.fingerprints, decoded, onProgress };
    const near = await findNearDuplicates(distinct, look);
    options.onProgress?.(all.length, all.length);
    alike = near.groups;
    if (near.incomplete)
      warnings.push(
        'So many pictures look alike that not all were compared: the same picture, saved again, may be on both sides of the split.',
      );
  }
  const { report, ...split } = splitData({ ...data, warnings }, options, alike);
  const used = new Set([...split.train, ...split.validation, ...split.test].map(({ id }) => id));
  const kept = all.filter(({ id }) => used.has(id));
  const dataset = {
    ...split,
    ...{ kind: imageKind, size, resize, maxPixels, augment, decoded },
    report: {
      ...report,
      widths: spread(kept.map(({ width }) => width)),
      heights: spread(kept.map(({ height }) => height)),
    },
  };
  // Its labels are those of the task that the data was read for.
  return dataset as unknown as ImageDataset<T>;
}
