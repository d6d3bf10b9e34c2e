import path from 'node:path';

import type { Phase, RunStatus, Stage } from '../protocol/index.js';
import type { RunSummary } from './services.js';

export const statusNames: Readonly<Record<RunStatus, string>> = {
  running: 'Running',
  paused: 'Paused',
  done: 'Done',
  stopped: 'Stopped',
  failed: 'Failed',
  interrupted: 'Interrupted',
};

const phaseNames: Readonly<Record<Phase, string>> = {
  read: 'Reading pictures',
  prefix: 'Running frozen layers',
  train: 'Training',
  evaluate: 'Evaluating',
  save: 'Saving',
};

/** Epochs count within their stage. */
const stageNames: Readonly<Record<Stage, string>> = { head: 'head epoch', 'fine-tune': 'epoch' };

export function runLabel({ info }: RunSummary): string {
  return path.basename(info.script);
}

/** `95.8 %, 3 min ago`. */
export function runDescription(run: RunSummary, now: number): string {
  const parts = [run.best === undefined ? '' : percent(run.best.accuracy), age(now - run.info.startTime)];
  if (run.status === 'running' || run.status === 'paused') parts.splice(1, 1, activity(run));
  else if (run.status !== 'done') parts.unshift(statusNames[run.status].toLowerCase());
  return parts.filter((part) => part !== '').join(', ');
}

/** What a run is at: `epoch 3/12, 91.7 %`. */
export function activity({ status, epoch, progress }: RunSummary): string {
  if (status === 'paused') return 'paused';
  if (epoch !== undefined && (progress === undefined || progress.phase === 'train'))
    return `${stageNames[epoch.stage]} ${epoch.epoch}/${epoch.epochs}, ${percent(epoch.validation.accuracy)}`;
  if (progress === undefined) return 'starting';
  return `${phaseNames[progress.phase].toLowerCase()} ${Math.floor((100 * progress.done) / Math.max(1, progress.total))} %`;
}

export function age(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 60 * 24) return `${Math.floor(minutes / 60)} h ago`;
  return `${Math.floor(minutes / 60 / 24)} d ago`;
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}
