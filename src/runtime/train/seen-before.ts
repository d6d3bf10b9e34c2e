import type { BaseInfo } from '../bases/base.js';
import { shortHash } from '../bases/saved/saved-examples.js';
import { counted } from '../../common/counted.js';
import type { Dataset } from '../data/types.js';
import type { Run } from '../run/run.js';

/** Examples that a saved model was trained on say little about others, also where it is a base now. */
export function warnOfSeen(run: Run, { name, saved }: BaseInfo, data: Dataset): void {
  const { one, many } = data.kind.words;
  const seen = new Set(saved?.examples?.train);
  if (seen.size === 0) return;
  for (const side of ['validation', 'test'] as const) {
    const { length } = data[side].filter(({ hash }) => seen.has(shortHash(hash)));
    if (length === 0) continue;
    run.warn(
      `${name} was trained on ${length} of the ${counted(data[side].length, one, many)} for ${side}: the figures will flatter.`,
      `Give ${many} that it has not seen for that, in folders or a column of their own, or keep the seed and the ${many} that it was split with.`,
    );
  }
}
