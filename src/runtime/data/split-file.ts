import { csv } from '../../words/index.js';
import type { ImageDataset } from './types.js';

/** `split.csv`: each example of a data set, on which side it is, and its SHA-256. Validation in the order of a report's `correct`. */
export function splitText({ classes, groups, ...data }: ImageDataset): string {
  const rows = (['train', 'validation', 'test'] as const).flatMap((side) =>
    data[side].map(({ id, label, hash }) => [
      id,
      classes[label] ?? '',
      side,
      hash,
      ...(groups === undefined ? [] : [groups.get(id) ?? '']),
    ]),
  );
  return csv(['id', 'label', 'side', 'sha256', ...(groups === undefined ? [] : ['group'])], rows);
}
