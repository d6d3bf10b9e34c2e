import type { BaseInfo } from '../bases/base.js';
import type { Dataset, DataReport } from '../data/types.js';
import type { Run } from '../run/run.js';

/**
 * A data set in the form that a base takes. What the base does not see of its examples is said in the run's log, and in the report of
 * the data.
 *
 * @throws GraftError where the base takes no examples of this kind.
 */
export function forBase<Data extends Dataset>(run: Run, data: Data, base: BaseInfo): Data {
  const { kind } = data;
  const ready = kind.forBase(data, base);
  const unseen = kind.unseen(sourcesOf(data), ready);
  if (unseen === undefined) return ready;
  run.warn(unseen);
  const report: DataReport = { ...ready.report, unseen };
  return { ...ready, report };
}

function* sourcesOf({ train, validation, test }: Dataset) {
  // They are examples of this kind.
  for (const side of [train, validation, test])
    for (const { source } of side) yield source as { readonly path: string };
}
