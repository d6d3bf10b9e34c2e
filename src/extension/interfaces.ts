/** What the parts of the extension give each other; each is implemented in one file and passed through constructors. */
import type * as vscode from 'vscode';

import type {
  ControlRequest,
  EpochEvent,
  Metrics,
  Phase,
  ProgressEvent,
  RunInfo,
  RunOverrides,
  RunPurpose,
  RunReport,
  RunStatus,
  ServiceMethod,
  ServiceMethods,
  Stage,
} from '../protocol/index.js';
import type { Measured } from '../words/index.js';
import type { LogListener } from '../runs/log-reader.js';

/** A run as lists show it. */
export interface RunSummary {
  readonly id: string;
  /** What it is called: the user's name for it, else its script and when it began. No two are called the same. */
  readonly title: string;
  /** The user's name for it. */
  readonly name: string | undefined;
  readonly starred: boolean;
  readonly folder: string;
  readonly info: RunInfo;
  readonly status: RunStatus;
  /** What runs now, where the log says so; `epochs` of the stage. */
  readonly phase: Phase | undefined;
  readonly stage: Stage | undefined;
  readonly epochs: number | undefined;
  /** Under this window's debugger: going, or halted at a breakpoint. */
  readonly debugging: 'going' | 'halted' | undefined;
  /** The newest epoch. */
  readonly epoch: EpochEvent | undefined;
  /** The best epoch's, or the report's. */
  readonly best: Metrics | undefined;
  /** What the report was measured on: hash and split of the data, and how many validation pictures. */
  readonly measured: (Measured & { readonly seed: number; readonly pictures: number }) | undefined;
  /** The newest progress of a phase: what it does before the first epoch. */
  readonly progress: ProgressEvent | undefined;
  /** Whether there is a checkpoint to resume from. */
  readonly checkpoint: boolean;
  /** The learning rate that a test of them suggests. */
  readonly suggestion: number | undefined;
  /** Why it failed or was interrupted, and what to do. */
  readonly problem:
    | {
        readonly message: string;
        readonly action: string | undefined;
        /** Where in the script, as the log says: not checked. */
        readonly place?: { readonly file: string; readonly line: number };
      }
    | undefined;
}

export interface StartOptions {
  /** Under the editor's debugger. */
  readonly debug?: boolean;
  /** Default `train`. */
  readonly purpose?: RunPurpose;
  readonly overrides?: RunOverrides;
}

/** Whoever wants to know all that a run's log says. */
export interface RunFollower {
  readonly listener: LogListener;
  /** The log has been read as far as it goes; `report`, where there is another one than before. */
  onLook(report?: RunReport): Promise<void>;
}

export interface Following {
  dispose(): void;
  /** All that there is has been told. */
  readonly ready: Promise<void>;
  /** Bytes of the log that have been told. */
  readonly offset: number;
}

/** All runs of the workspace: what is on disk, whoever started it. */
export interface Runs {
  /** The list, or any summary in it, changed. */
  readonly onDidChange: vscode.Event<void>;
  /** Newest first. */
  list(): readonly RunSummary[];
  get(id: string): RunSummary | undefined;
  /** Undefined where there is no such run. */
  follow(id: string, follower: RunFollower): Following | undefined;
  /** Starts a run. Undefined where it could not start; the user has been told why. */
  train(script: vscode.Uri, options?: StartOptions): Promise<RunSummary | undefined>;
  resume(id: string): Promise<void>;
  control(id: string, request: ControlRequest['type']): Promise<void>;
  /** Asks first. One that goes on is not deleted, and then none is. */
  delete(ids: readonly string[]): Promise<void>;
}

/** The child process that does what may not run in the extension host. Started at the first call, ended when idle. */
export interface Service {
  call<Method extends ServiceMethod>(
    method: Method,
    request: ServiceMethods[Method]['request'],
    cancellation?: vscode.CancellationToken,
  ): Promise<ServiceMethods[Method]['reply']>;
}

/** Both leave the focus where it is: `behind` is where it would open anyway, `beside` next to the editor that has the focus. */
export type PanelPlace = 'behind' | 'beside';

/** The training panel, as commands and lenses use it. */
export interface TrainingPanel {
  /** Shows a run, or the newest one. */
  showRun(id?: string, place?: PanelPlace): void;
  /** A run is shown, with all that is known about it. */
  readonly onDidShow: vscode.Event<string>;
  /** Whether the user can see this run in it. */
  shows(id: string): boolean;
  /** Shows the form that writes a script, filled in with what is known. */
  showForm(preset?: { readonly data?: string; readonly base?: string }): void;
  /** Gives pictures to a saved model. */
  tryModel(model: string, name: string): void;
  /** Overlays runs. */
  compare(ids: readonly string[]): void;
}
