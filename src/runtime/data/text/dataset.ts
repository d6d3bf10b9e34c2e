import type { Task } from '../../../protocol/index.js';
import { splitData, spread } from '../dataset.js';
import { findNearDuplicates } from './near-duplicates.js';
import type { TextOptions } from './options.js';
import type { FoundTexts, TextDataset } from './types.js';

/** All of a data set but its kind, which knows how texts become numbers. */
export type SplitTexts<T extends Task = Task> = Omit<TextDataset<T>, 'kind'>;

/**
 * A data set of the texts that were found. Texts that are nearly the same stay on one side of the split; other than with pictures, they may
 * have different labels: a word more may be all the difference.
 *
 * @throws GraftError as `splitData`.
 */
export function splitTexts<T extends Task>(data: FoundTexts<T>, options: TextOptions = {}): SplitTexts<T> {
  const all = [...(data.test ?? []), ...(data.validation ?? []), ...data.found];
  const warnings = [...(data.warnings ?? [])];
  const distinct = [...new Map(all.map((found) => [found.hash, found])).values()];
  const { groups, incomplete } =
    options.nearDuplicates === false ? { groups: [], incomplete: false } : findNearDuplicates(distinct);
  if (incomplete)
    warnings.push(
      'So many texts look alike that not all were compared: some that are nearly the same may be on both sides of the split.',
    );
  const { report, ...split } = splitData({ ...data, warnings }, options, groups);
  const used = new Set([...split.train, ...split.validation, ...split.test].map(({ id }) => id));
  const lengths = spread(all.filter(({ id }) => used.has(id)).map(({ source }) => source.text.length));
  const dataset = { ...split, report: { ...report, lengths } };
  // Its labels are those of the task that the data was read for.
  return dataset as unknown as SplitTexts<T>;
}
