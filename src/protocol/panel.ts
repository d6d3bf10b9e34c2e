/**
 * What the extension host and the training panel's webview say to each other. The webview is treated as a stranger: the host
 * checks every message (`panel-check.ts`) and offers only what is listed here.
 */
import type { ControlRequest } from './control.js';
import type {
  DataEvent,
  EngineName,
  ModelEvent,
  LearningRatesEvent,
  Phase,
  PhaseEnd,
  Stage,
  Technique,
  TrainMetrics,
} from './events.js';
import type { RunOverrides, RunReport, RunStatus, RunPurpose, TestReport } from './run.js';
import type { BaseOption, DataSummary, Prediction } from './service.js';
import type { Figures, Metrics, Task } from './tasks.js';

/** Raised whenever an older webview (restored by a reload after an update) would misread the messages. */
export const panelVersion = 3;

/** What the panel shows. A run without an id is the newest one. */
export type PanelView =
  | { readonly kind: 'run'; readonly id?: string }
  | { readonly kind: 'form'; readonly data?: string; readonly base?: string }
  | { readonly kind: 'compare'; readonly ids: readonly string[] }
  /** Pictures are given to a saved model: its folder, and what it is called. */
  | { readonly kind: 'try'; readonly model: string; readonly name: string };

/** To show it once more: a form is filled in once, and what people made of it since is theirs. */
export const withoutPreset = (view: PanelView): PanelView => (view.kind === 'form' ? { kind: 'form' } : view);

/** What a run that goes on is at. */
export interface RunActivity {
  /** Why it does not move, where it does not: paused by the user, or halted by the debugger. */
  readonly state?: 'paused' | 'breakpoint';
  readonly phase?: Phase;
  /** How much of the phase is done, in [0, 1]. */
  readonly fraction?: number;
  readonly stage?: Stage;
  /** The newest epoch of the stage that runs; the one that goes on, without metrics, while none has ended. */
  readonly epoch?: number;
  readonly epochs?: number;
  readonly metrics?: Metrics;
}

/** A run in the picker. */
export interface RunRow {
  readonly id: string;
  /** What it is called: no two are called the same. */
  readonly title: string;
  readonly starred: boolean;
  readonly script: string;
  /** While it goes on. */
  readonly activity?: RunActivity;
  readonly status: RunStatus;
  readonly startTime: number;
  readonly purpose: RunPurpose;
  readonly best?: Metrics;
  /** How many validation pictures `best` was measured on, once there is a report. */
  readonly pictures?: number;
  /** The run to hold against this one: the same script on the same pictures, one of the two from scratch, both done. */
  readonly twin?: string;
  /**
   * How many of the pictures this one (`first`) and its twin (`second`) got right; of numbers, by how much the mean error of the twin is
   * larger, with its interval. Absent where a report does not say how each went.
   */
  readonly pairs?:
    | { readonly both: number; readonly first: number; readonly second: number; readonly neither: number }
    | { readonly difference: number; readonly low: number; readonly high: number };
}

/** One of the named phases, over all the times that it ran. */
export interface PhaseState {
  readonly phase: Phase;
  readonly state: 'waiting' | 'active' | PhaseEnd;
  /** Of the last time. Absent where the amount of work is not known. */
  readonly progress?: { readonly done: number; readonly total: number; readonly perSecond: number };
  /** Milliseconds since the epoch at which it is expected to end. */
  readonly endsAt?: number;
  /** Milliseconds spent in it; `since` is the start of what is going on now. */
  readonly ms: number;
  readonly since?: number;
}

/** A vertical line in the charts: where a stage began, in epochs from the start. */
export interface StageMark {
  readonly stage: Stage;
  readonly x: number;
  readonly epochs: number;
  readonly learningRate: number;
  readonly trainable: number;
  readonly cached: number;
  readonly images: number;
}

/** Everything about a run that is small; sent whole whenever it changed. */
export interface RunFacts {
  readonly title: string;
  readonly script: string;
  readonly purpose: RunPurpose;
  /** What was said in the place of what the script says. */
  readonly overrides?: RunOverrides;
  readonly status: RunStatus;
  readonly problem?: { readonly message: string; readonly action?: string };
  /** Under the editor's debugger: going, or halted at a breakpoint. */
  readonly debugging?: 'going' | 'halted';
  /** Whether it can go on from a checkpoint. */
  readonly resumable: boolean;
  readonly startTime: number;
  /** Milliseconds of all executions that have ended, and since when the one that goes on does. */
  readonly elapsed: { readonly ms: number; readonly since?: number };
  readonly phases: readonly PhaseState[];
  readonly data?: Omit<DataEvent, 'type' | 'time'>;
  readonly model?: {
    readonly technique: Technique;
    readonly base: string;
    readonly preprocessing?: NonNullable<ModelEvent['preprocessing']>;
    readonly parameters: number;
    readonly trainable: number;
    readonly frozenUpTo?: string;
    readonly engine: EngineName;
    readonly engineReason: string;
  };
  readonly stages: readonly StageMark[];
  /** Of the newest batch. */
  readonly batch?: {
    readonly stage: Stage;
    readonly epoch: number;
    readonly step: number;
    readonly steps: number;
    readonly learningRate: number;
    readonly imagesPerSecond: number;
    readonly memory: number;
  };
  readonly checkpoint?: { readonly time: number; readonly file: string };
  readonly warnings: readonly { readonly message: string; readonly action?: string; readonly time: number }[];
  /** What the script said last. */
  readonly log?: readonly string[];
  /** What a test of learning rates has found so far. */
  readonly learningRates?: LearningRatesEvent;
  /** Folders of the models that it saved, relative to the run's workspace where they are inside. */
  readonly saved: readonly string[];
  /** How many batch events the log holds; the curves show fewer. */
  readonly batches: number;
}

/** One epoch. `x` counts epochs over all stages and trainings: the charts' horizontal axis. */
export interface EpochPoint {
  readonly x: number;
  readonly stage: Stage;
  readonly epoch: number;
  readonly train: TrainMetrics;
  readonly validation: Metrics;
  readonly learningRate: number;
  readonly ms: number;
  readonly best: boolean;
}

/** Columns of a decimated series of batches, by ascending `x` (epochs, with a fraction). */
export interface BatchPoints {
  readonly x: readonly number[];
  readonly loss: readonly number[];
  /** Empty where there are no classes. */
  readonly accuracy: readonly number[];
}

/** Replaces what is there from index `from` on: 0 is all of it. */
export interface Patch<Rows> {
  readonly from: number;
  readonly rows: Rows;
}

export type ReportView<T extends Task = Task> = Figures<T> & {
  readonly classes: readonly string[];
  readonly test?: TestReport<T>;
  readonly mistakes: RunReport['mistakes'];
  readonly timing: RunReport['timing'];
  readonly seed: number;
};

/** The form, as far as it is filled in. */
export interface FormChoice {
  readonly technique: Technique;
  readonly data: string;
  /** What is learnt, where the data allow several tasks. */
  readonly task?: Task;
  readonly base: string;
  readonly freezeUpTo?: string;
  /** How a base that does not say it wants its pixels, and of which size; as they were written. */
  readonly preprocessing?: string;
  readonly size?: string;
  /** Where to write the script; relative to the workspace. */
  readonly out: string;
}

/** A picture that was dropped or pasted. `content`: its bytes in base64. */
export interface DroppedPicture {
  readonly name: string;
  readonly content: string;
}

/** All pictures of one message together, in characters of base64: about 24 MB of files. */
export const longestContent = 32 * 1024 * 1024;

/** A question's answer, or why there is none. */
export type Answer<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string; readonly action?: string };

export type HostMessage =
  | {
      readonly type: 'hello';
      readonly version: number;
      readonly trusted: boolean;
      readonly workspace: boolean;
    }
  | { readonly type: 'runs'; readonly runs: readonly RunRow[] }
  | { readonly type: 'view'; readonly view: PanelView }
  /** The run is gone, or there never was one. */
  | { readonly type: 'noRun'; readonly id?: string }
  | {
      readonly type: 'run';
      readonly id: string;
      readonly facts?: RunFacts;
      readonly epochs?: Patch<readonly EpochPoint[]>;
      readonly batches?: Patch<BatchPoints>;
    }
  | { readonly type: 'report'; readonly id: string; readonly report?: ReportView }
  /** To what the page asked with this ticket: a `PanelReply`. */
  | { readonly type: 'answer'; readonly ticket: number; readonly answer: Answer<unknown> }
  | { readonly type: 'notice'; readonly message: string; readonly action?: string };

export type PanelControl = ControlRequest['type'] | 'resume';

/** Commands that buttons of the panel stand for; the host knows their ids. */
export const panelCommands = [
  'openSample',
  'train',
  'tryModel',
  'exportModel',
  'proveItHelps',
  'useLearningRate',
  'manageTrust',
  'openLog',
] as const;
export type PanelCommand = (typeof panelCommands)[number];

/** What the page asks, and what it is answered with. */
interface PanelQuestions {
  /** More of the batches between two epochs than the overview has; undefined where that would be too many. */
  readonly detail: {
    readonly asks: { readonly id: string; readonly from: number; readonly to: number };
    readonly reply: BatchPoints | undefined;
  };
  /** An address that holds the picture of a mistake; undefined where it cannot be shown. */
  readonly picture: {
    readonly asks: { readonly id: string; readonly file: string };
    readonly reply: string | undefined;
  };
  /** What the model of the view says about pictures; their names stand in `file`. `files` are addresses as the editor drags them. */
  readonly try: {
    readonly asks: { readonly pictures: readonly DroppedPicture[]; readonly files: readonly string[] };
    readonly reply: readonly Prediction[] | undefined;
  };
  /** Undefined where the user chose none. */
  readonly choosePictures: { readonly asks: object; readonly reply: readonly Prediction[] | undefined };
  readonly listBases: { readonly asks: object; readonly reply: readonly BaseOption[] };
  readonly describeBase: { readonly asks: { readonly base: string }; readonly reply: BaseOption };
  readonly summarizeData: { readonly asks: { readonly folder: string }; readonly reply: DataSummary };
  readonly choose: {
    readonly asks: { readonly what: 'data' | 'dataFile' | 'base' | 'out'; readonly current: string };
    readonly reply: string | undefined;
  };
  readonly preview: { readonly asks: { readonly choice: FormChoice }; readonly reply: string };
  /** The script's path; undefined where one that is there is to stay. */
  readonly write: {
    readonly asks: { readonly choice: FormChoice; readonly train: boolean };
    readonly reply: string | undefined;
  };
}
export type PanelQuestion = keyof PanelQuestions;
export type PanelReply<Question extends PanelQuestion> = PanelQuestions[Question]['reply'];
/** `ticket`: of the answer. Without it, nobody waits for one. */
type Asked<Question extends PanelQuestion> = { readonly type: Question; readonly ticket?: number } & Readonly<
  PanelQuestions[Question]['asks']
>;

export type WebviewMessage =
  | { readonly type: 'ready'; readonly version: number; readonly view?: PanelView }
  /** What came of this run is on the screen: more may be sent. */
  | { readonly type: 'drawn'; readonly id: string }
  | { readonly type: 'navigate'; readonly view: PanelView }
  | { readonly type: 'control'; readonly id: string; readonly request: PanelControl }
  | { readonly type: 'openImage'; readonly id: string; readonly file: string }
  | { readonly type: 'openScript'; readonly id: string }
  | { readonly type: 'command'; readonly command: PanelCommand; readonly id?: string }
  | { readonly type: 'saveFile'; readonly name: string; readonly format: 'csv' | 'png'; readonly content: string }
  | { readonly [Question in PanelQuestion]: Asked<Question> }[PanelQuestion];
