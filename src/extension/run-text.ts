import path from 'node:path';

import * as vscode from 'vscode';

import { assertUnreachable, purposeOf, type Phase } from '../protocol/index.js';
import { runName, shorten, statusNames } from '../words/index.js';
import { numbers } from './language.js';
import type { RunSummary } from './services.js';

export function runLabel(run: RunSummary): string {
  return runName(vscode.l10n.t, shorten(path.basename(run.info.script), 120), purposeOf(run.info));
}

export function statusName({ status }: RunSummary): string {
  return statusNames(vscode.l10n.t)[status];
}

/** `95.8 %, 3 min ago`; of a run that goes on, what it is at, which says the accuracy too. */
export function runDescription(run: RunSummary, now: number): string {
  const { percent } = numbers();
  if (run.status === 'running') return activity(run);
  if (run.status === 'done' && purposeOf(run.info) === 'learning-rate') return suggestion(run);
  const parts = [run.best === undefined ? '' : percent(run.best.accuracy), age(now - run.info.startTime)];
  if (run.status === 'paused') parts.splice(1, 1, activity(run));
  else if (run.status !== 'done') parts.unshift(statusName(run));
  return parts.filter((part) => part !== '').join(', ');
}

function suggestion({ suggestion: rate }: RunSummary): string {
  return rate === undefined
    ? vscode.l10n.t('no learning rate found')
    : vscode.l10n.t('learning rate {0}', numbers().rate(rate));
}

/** What a run is at: `epoch 3/12, 91.7 %`. */
export function activity({ status, epoch, progress }: RunSummary): string {
  if (status === 'paused') return vscode.l10n.t('paused');
  if (epoch !== undefined && (progress === undefined || progress.phase === 'train')) {
    const values = [epoch.epoch, epoch.epochs, numbers().percent(epoch.validation.accuracy)] as const;
    // Epochs count within their stage.
    return epoch.stage === 'head'
      ? vscode.l10n.t('head epoch {0}/{1}, {2}', ...values)
      : vscode.l10n.t('epoch {0}/{1}, {2}', ...values);
  }
  if (progress === undefined) return vscode.l10n.t('starting');
  return inPhase(progress.phase, Math.floor((100 * progress.done) / Math.max(1, progress.total)));
}

function inPhase(phase: Phase, percentDone: number): string {
  switch (phase) {
    case 'read':
      return vscode.l10n.t('reading pictures {0} %', percentDone);
    case 'prefix':
      return vscode.l10n.t('running frozen layers {0} %', percentDone);
    case 'train':
      return vscode.l10n.t('training {0} %', percentDone);
    case 'evaluate':
      return vscode.l10n.t('evaluating {0} %', percentDone);
    case 'save':
      return vscode.l10n.t('saving {0} %', percentDone);
    default:
      return assertUnreachable(phase);
  }
}

export function age(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return vscode.l10n.t('just now');
  if (minutes < 60) return vscode.l10n.t('{0} min ago', minutes);
  if (minutes < 60 * 24) return vscode.l10n.t('{0} h ago', Math.floor(minutes / 60));
  return vscode.l10n.t('{0} d ago', Math.floor(minutes / 60 / 24));
}
