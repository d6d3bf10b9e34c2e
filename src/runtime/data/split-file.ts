import { csv } from '../../words/index.js';
import { targets } from './targets/index.js';
import type { Dataset } from './types.js';

/** `split.csv`: each example of a data set, on which side it is, and its SHA-256. Validation in the order of a report's `correct`. */
export function splitText({ task, classes, groups, ...data }: Dataset): string {
  const { text } = targets[task];
  const rows = (['train', 'validation', 'test'] as const).flatMap((side) =>
    data[side].map(({ id, label, hash }) => [
      id,
      text(label, classes),
      side,
      hash,
      ...(groups === undefined ? [] : [groups.get(id) ?? '']),
    ]),
  );
  return csv(['id', 'label', 'side', 'sha256', ...(groups === undefined ? [] : ['group'])], rows);
}
