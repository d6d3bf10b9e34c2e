import * as vscode from 'vscode';

import type {
  EndedEvent,
  EpochEvent,
  Phase,
  ProgressEvent,
  RunEvent,
  RunInfo,
  RunReport,
  StageEvent,
} from '../../protocol/index.js';
import { assertUnreachable, protocolVersion, purposeOf } from '../../protocol/index.js';
import type { GraftError } from '../../common/errors.js';
import { cannotWriteRun } from '../../runs/launchers/local.js';
import type { RunRecord } from '../../runs/read.js';
import { plainName, scoreOf } from '../../words/index.js';
import type { RunSummary } from '../services.js';

/** What a run's log has said so far, as far as lists show it. */
export interface LogState {
  readonly ended: EndedEvent | undefined;
  readonly paused: boolean;
  readonly epoch: EpochEvent | undefined;
  readonly best: EpochEvent | undefined;
  /** What runs now, where the log says so. */
  readonly phase: Phase | undefined;
  readonly stage: StageEvent | undefined;
  readonly progress: ProgressEvent | undefined;
  readonly checkpoint: boolean;
  /** The learning rate that a test of them suggests. */
  readonly suggestion: number | undefined;
}

export const emptyState: LogState = {
  ended: undefined,
  paused: false,
  epoch: undefined,
  best: undefined,
  phase: undefined,
  stage: undefined,
  progress: undefined,
  checkpoint: false,
  suggestion: undefined,
};

const nothingRuns = { phase: undefined, stage: undefined, progress: undefined } as const;

/** The state after one more event. */
export function after(state: LogState, event: RunEvent): LogState {
  switch (event.type) {
    case 'started':
      // What an earlier execution was at says nothing about this one.
      return { ...state, ended: undefined, paused: false, ...nothingRuns, epoch: undefined };
    case 'phase':
      return { ...state, phase: event.state === 'started' ? event.phase : undefined, progress: undefined };
    case 'progress':
      return { ...state, phase: event.phase, progress: event };
    case 'stage':
      return { ...state, stage: event };
    case 'epoch':
      return { ...state, epoch: event, best: event.best ? event : state.best };
    case 'learningRates':
      return { ...state, suggestion: event.suggestion };
    case 'checkpoint':
      return { ...state, checkpoint: true };
    case 'paused':
      return { ...state, paused: true };
    case 'continued':
      return { ...state, paused: false };
    case 'done':
    case 'stopped':
    case 'failed':
      return { ...state, ended: event };
    case 'batch':
    case 'data':
    case 'log':
    case 'model':
    case 'report':
    case 'saved':
    case 'warning':
      return state;
    default:
      return assertUnreachable(event);
  }
}

/** A line that says nothing about the state: not worth parsing, and the most of a long log. */
export function isBulk(line: string): boolean {
  return line.startsWith('{"type":"batch"');
}

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
  const status = ended?.type ?? (!alive ? 'interrupted' : state.paused ? 'paused' : 'running');
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
    title: plainName(vscode.l10n.t, { script: info.script, purpose: purposeOf(info) }),
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
  const { hashes, seed, correct } = report;
  const { pictures } = scoreOf(report);
  return { data: hashes.data, seed, pictures, ...(correct === undefined ? {} : { correct }) };
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
