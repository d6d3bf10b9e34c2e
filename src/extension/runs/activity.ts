import { isActive, type RunActivity } from '../../protocol/index.js';
import type { RunSummary } from '../interfaces.js';

/** What a run is at, for whoever writes it down. */
export function activityOf(run: RunSummary): RunActivity {
  const { status, debugging, stage, epochs, epoch, progress } = run;
  if (status === 'paused') return { state: 'paused' };
  if (debugging === 'halted') return { state: 'breakpoint' };
  // The end of a long log may not say which phase its epochs belong to.
  const phase = run.phase ?? (epoch === undefined ? undefined : 'train');
  if (phase === undefined) return {};
  const fraction = progress === undefined ? {} : { fraction: progress.done / Math.max(1, progress.total) };
  if (phase !== 'train') return { phase, ...fraction };
  const known = stage ?? epoch?.stage;
  if (known === undefined || epochs === undefined) return { phase, ...fraction };
  // Epochs count within their stage: the last one of the head says nothing about fine-tuning.
  return epoch?.stage === known
    ? { phase, ...fraction, stage: known, epoch: epoch.epoch, epochs, metrics: epoch.validation }
    : { phase, ...fraction, stage: known, epoch: 1, epochs };
}

/** A run that has ended before its end, and can go on from what it saved. */
export function isResumable(run: RunSummary): boolean {
  return !isActive(run) && run.status !== 'done' && run.checkpoint;
}
