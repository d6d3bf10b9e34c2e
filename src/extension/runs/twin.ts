import { purposeOf, type RunInfo, type RunPurpose } from '../../protocol/index.js';
import type { RunSummary } from '../interfaces.js';

const other: Partial<Record<RunPurpose, RunPurpose>> = { train: 'from-scratch', 'from-scratch': 'train' };

/**
 * The newest run that, held against another one, shows what pre-trained weights are worth: the same script on the same
 * pictures, one of the two from scratch, both done.
 */
export function twinOf(run: RunSummary, runs: readonly RunSummary[]): RunSummary | undefined {
  const purpose = other[purposeOf(run.info)];
  if (run.status !== 'done' || run.measured === undefined) return undefined;
  return runs.find(
    (one) =>
      purposeOf(one.info) === purpose &&
      one.status === 'done' &&
      one.info.scriptHash === run.info.scriptHash &&
      one.info.arguments.join('\n') === run.info.arguments.join('\n') &&
      changesOf(one.info) === changesOf(run.info) &&
      one.measured?.data === run.measured?.data &&
      one.measured?.seed === run.measured?.seed,
  );
}

/** Whether a run did what its script says, without anything in its place. */
export function isAsWritten(info: Pick<RunInfo, 'overrides'>): boolean {
  return changesOf(info) === '[]';
}

/** Whether a model was saved changes nothing about it. */
function changesOf({ overrides = {} }: Pick<RunInfo, 'overrides'>): string {
  const changes = Object.entries(overrides).filter(([name]) => name !== 'save');
  return JSON.stringify(changes.sort(([a], [b]) => (a < b ? -1 : 1)));
}
