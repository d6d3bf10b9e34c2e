import * as vscode from 'vscode';

import { purposeOf } from '../protocol/index.js';
import * as words from '../words/index.js';
import { numbers } from './language.js';
import { activityOf } from './runs/activity.js';
import type { RunSummary } from './interfaces.js';

export function statusName({ status }: Pick<RunSummary, 'status'>): string {
  return words.statusNames(vscode.l10n.t)[status];
}

/** `95.0 %`, or what a test of learning rates has found; nothing where there is no result. */
export function result(run: RunSummary): string {
  if (run.status === 'done' && purposeOf(run.info) === 'learning-rate') return suggestion(run);
  return run.best === undefined ? '' : words.headline(vscode.l10n.t, numbers(), run.best);
}

/**
 * `95.8 %`; of a run that goes on, what it is at, which says how good it is too. A name of the user's says no time, so `3 min ago`
 * stands here.
 */
export function runDescription(run: RunSummary, now: number): string {
  if (run.status === 'running') return activity(run);
  const parts = [result(run), run.name === undefined ? '' : age(now - run.info.startTime)];
  if (run.status === 'paused') parts.splice(1, 1, activity(run));
  else if (run.status !== 'done') parts.unshift(statusName(run));
  return parts.filter((part) => part !== '').join(', ');
}

/** How a run that is done went: with what it was measured on. */
export function endText(run: RunSummary): string {
  const { title, best, measured } = run;
  if (best === undefined || measured === undefined) {
    const found = result(run);
    return found === '' ? vscode.l10n.t('{0} is done.', title) : vscode.l10n.t('{0} is done: {1}.', title, found);
  }
  const reached = words.headline(vscode.l10n.t, numbers(), best);
  const values = [title, reached, numbers().count(measured.pictures)] as const;
  return vscode.l10n.t('{0} is done: {1} on {2} validation pictures.', ...values);
}

function suggestion({ suggestion: rate }: RunSummary): string {
  return rate === undefined
    ? vscode.l10n.t('no learning rate found')
    : vscode.l10n.t('learning rate {0}', numbers().rate(rate));
}

/** What a run is at: `fine-tuning, epoch 3/12, 91.7 %`. */
export function activity(run: RunSummary): string {
  return words.activity(vscode.l10n.t, numbers(), purposeOf(run.info), activityOf(run));
}

export function age(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return vscode.l10n.t('just now');
  if (minutes < 60) return vscode.l10n.t('{0} min ago', minutes);
  if (minutes < 60 * 24) return vscode.l10n.t('{0} h ago', Math.floor(minutes / 60));
  return vscode.l10n.t('{0} d ago', Math.floor(minutes / 60 / 24));
}
