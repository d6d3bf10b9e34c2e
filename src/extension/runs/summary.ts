import * as vscode from 'vscode';

import type { RunInfo, RunReport } from '../../protocol/index.js';
import { protocolVersion, purposeOf } from '../../protocol/index.js';
import type { GraftError } from '../../common/errors.js';
import type { RunRecord } from '../../runs/read.js';
import * as words from '../../words/index.js';
import { cannotWriteRun } from '../../runs/launchers/launch.js';
import { statusOf, type LogState } from '../../runs/log-state.js';
import type { RunSummary } from '../interfaces.js';

/** How a process ended that did not say so itself. */
export interface Crash {
  readonly code: number | null;
  readonly signal: string | null;
  /** The last lines that it printed. */
  readonly output: string;
}

/** What lists show of a report. */
export interface ReportFacts extends Partial<Pick<RunSummary, 'best' | 'measured'>> {
  /** Why there is a report that cannot be shown. */
  readonly damage?: GraftError | undefined;
}

export function factsOf({ report, damage }: Partial<Pick<RunRecord, 'report' | 'damage'>>): ReportFacts {
  return report === undefined ? { damage } : { best: report.metrics, measured: measuredOf(report) };
}

export interface Facts extends ReportFacts {
  readonly folder: string;
  readonly info: RunInfo;
  readonly state: LogState;
  readonly alive: boolean;
  readonly crash: Crash | undefined;
}

export function summarize({ folder, info, state, best: reached, measured, damage, alive, crash }: Facts): RunSummary {
  const { ended, epoch, best, phase, stage, progress, checkpoint } = state;
  const status = statusOf(state, alive);
  const mismatch =
    info.protocol === protocolVersion
      ? undefined
      : {
          message: vscode.l10n.t(
            'This run was written by another version of Graft (protocol {0}, not {1}).',
            info.protocol,
            protocolVersion,
          ),
          action: vscode.l10n.t('Run its script again.'),
        };
  const failure =
    ended?.type === 'failed'
      ? { message: ended.message, action: ended.action, ...(ended.place && { place: ended.place }) }
      : undefined;
  const interruption = status === 'interrupted' ? describeInterruption(info.pid, checkpoint, crash) : undefined;
  const silence =
    ended?.type === 'stopped' && ended.ended === true
      ? {
          message: vscode.l10n.t('The training did not answer Stop, so its process was ended.'),
          action: howToGoOn(checkpoint),
        }
      : undefined;
  return {
    id: info.id,
    title: words.plainName(vscode.l10n.t, { script: info.script, purpose: purposeOf(info) }),
    name: undefined,
    starred: false,
    debugging: undefined,
    folder,
    info,
    status,
    phase,
    stage: stage?.stage,
    epochs: stage?.epochs ?? epoch?.epochs,
    epoch,
    best: reached ?? best?.validation,
    measured,
    progress: status === 'running' ? progress : undefined,
    checkpoint,
    suggestion: state.suggestion,
    problem: mismatch ?? failure ?? interruption ?? silence ?? damage,
  };
}

function measuredOf(report: RunReport): RunSummary['measured'] {
  return { ...words.measuredOf(report), seed: report.seed, pictures: words.picturesMeasured(report) };
}

function describeInterruption(pid: number, checkpoint: boolean, crash: Crash | undefined) {
  if (crash?.code === cannotWriteRun) {
    return {
      message: vscode.l10n.t('The disk is full: the training could not even write why it ended.'),
      action: vscode.l10n.t('Free some space (old runs and the cache are in .graft/), then resume the run.'),
    };
  }
  const how =
    crash === undefined
      ? vscode.l10n.t('The training process ({0}) ended without saying why.', pid)
      : crash.signal !== null
        ? vscode.l10n.t('The training process was killed ({0}).', crash.signal)
        : vscode.l10n.t('The training process ended with code {0}.', crash.code ?? '?');
  const output = crash === undefined || crash.output === '' ? '' : ` ${vscode.l10n.t('It said: {0}', crash.output)}`;
  return { message: `${how}${output}`, action: howToGoOn(checkpoint) };
}

function howToGoOn(checkpoint: boolean): string {
  return checkpoint
    ? vscode.l10n.t('Resume it: a checkpoint is saved.')
    : vscode.l10n.t('There is no checkpoint yet: run it again.');
}
