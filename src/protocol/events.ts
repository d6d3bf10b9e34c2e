/**
 * The event log of a run: what `.graft/runs/<id>/events.ndjson` holds, one JSON object a line, append-only.
 * It is the only truth about a run; the panel, the tree, CodeLens, the command line and the report all read it.
 */

import type { Kind } from './kinds.js';
import type { Metrics, NumberRange, Task } from './tasks.js';

/** Raised whenever a reader of the old messages would misread the new ones. */
export const protocolVersion = 1;

export const engineNames = ['onnxruntime', 'wasm'] as const;
export type EngineName = (typeof engineNames)[number];

export const techniques = ['fine-tuning', 'feature-extraction'] as const;
export type Technique = (typeof techniques)[number];

/** What a run does, in this order. A phase may be absent (nothing to decode when everything is cached). */
export const phases = ['read', 'prefix', 'train', 'evaluate', 'save'] as const;
export type Phase = (typeof phases)[number];

/** A training stage: the head alone on a frozen base, then (fine-tuning) the unfrozen layers too. */
export const stages = ['head', 'fine-tune'] as const;
export type Stage = (typeof stages)[number];

/** How a phase ends: with its work done, with an error, or because the user asked the run to stop. */
export type PhaseEnd = 'ended' | 'failed' | 'stopped';

interface EventBase {
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** First event of every execution: a resumed run has several. */
export interface StartedEvent extends EventBase {
  readonly type: 'started';
  readonly protocol: number;
  readonly pid: number;
  readonly nonce: string;
  readonly script: string;
  readonly resumed: boolean;
}

export interface PhaseEvent extends EventBase {
  readonly type: 'phase';
  readonly phase: Phase;
  readonly state: 'started' | PhaseEnd;
  /** Items of work, where known: images to read, images to run through the prefix, epochs to train. */
  readonly total?: number;
}

/** Throttled to about 10 a second, the last one of a phase never dropped. */
export interface ProgressEvent extends EventBase {
  readonly type: 'progress';
  readonly phase: Phase;
  readonly done: number;
  readonly total: number;
  readonly perSecond: number;
  readonly etaMs: number;
}

export interface DataEvent extends EventBase {
  readonly type: 'data';
  /** Absent: `image`. */
  readonly kind?: Kind;
  readonly directory: string;
  readonly classes: readonly {
    readonly name: string;
    readonly train: number;
    readonly validation: number;
    /** Absent without a test set. */
    readonly test?: number;
  }[];
  /** Absent: `classification`. */
  readonly task?: Task;
  /** Of numbers, which have no classes. */
  readonly numbers?: readonly NumberRange[];
  /** Where the classes do not say it. */
  readonly pictures?: { readonly train: number; readonly validation: number; readonly test?: number };
  readonly duplicates: number;
  readonly skipped: readonly SkippedFile[];
  /** What was taken for what, in sentences. */
  readonly notes?: readonly string[];
}

export interface SkippedFile {
  readonly file: string;
  readonly reason: string;
}

export interface ModelEvent extends EventBase {
  readonly type: 'model';
  readonly technique: Technique;
  readonly base: string;
  /** What becomes of the pixels before the first layer, and how that is known. Absent in older logs. */
  readonly preprocessing?: { readonly name: string; readonly pixels: string; readonly why?: string };
  readonly parameters: number;
  readonly trainable: number;
  /** Layer up to which the base is frozen; absent when nothing or everything is. */
  readonly frozenUpTo?: string;
  readonly engine: EngineName;
  /** Why this engine: shown to the user. */
  readonly engineReason: string;
}

/** A stage of training begins. For fine-tuning, the second one marks where layers were unfrozen. */
export interface StageEvent extends EventBase {
  readonly type: 'stage';
  readonly stage: Stage;
  readonly epochs: number;
  readonly learningRate: number;
  readonly trainable: number;
  /** Activations of the prefix that were found in the cache, of `images`. */
  readonly cached: number;
  readonly images: number;
}

/** Throttled to about 10 a second. */
export interface BatchEvent extends EventBase {
  readonly type: 'batch';
  readonly stage: Stage;
  readonly epoch: number;
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  /** Where there are classes. */
  readonly accuracy?: number;
  readonly learningRate: number;
  readonly imagesPerSecond: number;
  /** Resident memory of the training process in bytes. */
  readonly memory: number;
}

/** What is known of the training examples: of the epoch while it went on. */
export interface TrainMetrics {
  readonly loss: number;
  /** Where there are classes. */
  readonly accuracy?: number;
}

/** Never throttled. Epochs count from 1 within their stage. */
export interface EpochEvent extends EventBase {
  readonly type: 'epoch';
  readonly stage: Stage;
  readonly epoch: number;
  readonly epochs: number;
  readonly train: TrainMetrics;
  readonly validation: Metrics;
  readonly learningRate: number;
  readonly ms: number;
  /** Best validation result so far, over all stages. */
  readonly best: boolean;
}

interface CheckpointEvent extends EventBase {
  readonly type: 'checkpoint';
  /** Relative to the run folder. */
  readonly file: string;
  readonly stage: Stage;
  readonly epoch: number;
  readonly step: number;
}

interface WarningEvent extends EventBase {
  readonly type: 'warning';
  readonly message: string;
  readonly action?: string;
}

/** What the script said with `console.log` and the like: at most some hundred a second, and some thousand in all. */
export interface LogEvent extends EventBase {
  readonly type: 'log';
  readonly level: 'info' | 'warning' | 'error';
  /** Several lines, perhaps. */
  readonly text: string;
}

/** What a test of learning rates has seen so far; the last one of a run has all. */
export interface LearningRatesEvent extends EventBase {
  readonly type: 'learningRates';
  /** Rising, and the training loss of the update that each was tried in. */
  readonly rates: readonly number[];
  readonly losses: readonly number[];
  /** The losses as a running mean. */
  readonly smoothed: readonly number[];
  /** The rate to train with. Absent while the test goes on, and where no rate made the loss fall. */
  readonly suggestion?: number;
}

/** Training of one model ended and `report.json` is written. */
interface ReportEvent extends EventBase {
  readonly type: 'report';
  readonly metrics: Metrics;
  /** On the test set, where there is one. */
  readonly test?: { readonly metrics: Metrics; readonly count: number };
}

/** A model was saved outside the run folder. */
interface SavedEvent extends EventBase {
  readonly type: 'saved';
  readonly directory: string;
  /** What lay there before: a model, of this run. */
  readonly replaced?: string;
}

interface PausedEvent extends EventBase {
  readonly type: 'paused' | 'continued';
}

/** Exactly one of these ends an execution that was not killed. */
export type EndedEvent =
  | (EventBase & { readonly type: 'done' })
  | (EventBase & {
      readonly type: 'stopped';
      readonly checkpoint?: string;
      /** It did not answer, and whoever asked it to stop has ended its process: nothing newer than the last checkpoint is kept. */
      readonly ended?: true;
    })
  | (EventBase & {
      readonly type: 'failed';
      readonly message: string;
      readonly action?: string;
      /** Where in the script, where that is known. */
      readonly place?: { readonly file: string; readonly line: number };
    });

export type RunEvent =
  | StartedEvent
  | PhaseEvent
  | ProgressEvent
  | DataEvent
  | ModelEvent
  | StageEvent
  | BatchEvent
  | EpochEvent
  | CheckpointEvent
  | WarningEvent
  | LogEvent
  | ReportEvent
  | SavedEvent
  | LearningRatesEvent
  | PausedEvent
  | EndedEvent;

/** For the end of every `switch` over a union: the compiler rejects a missing case. */
export function assertUnreachable(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
