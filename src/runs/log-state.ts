import {
  assertUnreachable,
  type EndedEvent,
  type EpochEvent,
  type Phase,
  type ProgressEvent,
  type RunEvent,
  type RunStatus,
  type StageEvent,
} from '../protocol/index.js';
import type { LogListener } from './log-reader.js';

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
  /** How many reports it has written. */
  readonly reports: number;
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
  reports: 0,
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
    case 'report':
      return { ...state, reports: state.reports + 1 };
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
    case 'saved':
    case 'warning':
      return state;
    default:
      return assertUnreachable(event);
  }
}

/** Keeps the state of a log that is read. */
export class StateListener implements LogListener {
  state = emptyState;

  onEvent(event: RunEvent): void {
    this.state = after(this.state, event);
  }
}

/** How a run is: by what its log says, and, where that says no end, by whether its process is alive. */
export function statusOf({ ended, paused }: Pick<LogState, 'ended' | 'paused'>, alive: boolean): RunStatus {
  return ended?.type ?? (!alive ? 'interrupted' : paused ? 'paused' : 'running');
}
