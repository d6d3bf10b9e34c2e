import type { Assignment } from './training-arguments.js';

/**
 * Exit codes of a training process whose run cannot say how it ended: it could not be opened, and the last line that was
 * printed says why and what to do; or not even its last event could be written.
 */
export const cannotOpenRun = 3;
export const cannotWriteRun = 4;

/** Starts training processes: somewhere, with the run's folder where whoever starts them reads it. */
export type Launcher = (options: LaunchOptions) => Launched;

export interface LaunchOptions extends Assignment {
  /** `dist/train.js`. */
  readonly program: string;
  /** The Node to run it with; in the editor its own executable, with ELECTRON_RUN_AS_NODE=1 in `environment`. */
  readonly node: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Options for Node itself, for instance `--inspect-brk=0`. */
  readonly nodeArguments?: readonly string[];
}

export interface Launched {
  readonly pid: number | undefined;
  /** Settles when the process has ended, however it did. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** Signals it, as long as it is our child: once it has ended, its number may be another process's. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
  /** Ends it and all that it started, where it has not ended yet. */
  end(): Promise<void>;
}
