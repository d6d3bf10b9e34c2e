import type { EngineName, SkippedFile, Technique, TrainMetrics } from './events.js';
import type { Figures, Metrics, Task } from './tasks.js';

export type RunStatus = 'running' | 'paused' | 'done' | 'stopped' | 'failed' | 'interrupted';

/** Whether it goes on. */
export function isActive({ status }: { readonly status: RunStatus }): boolean {
  return status === 'running' || status === 'paused';
}

/**
 * What a run is for: `train` does what its script says; `from-scratch` does the same with random weights in the base's place and
 * everything trainable, to see what the pre-trained ones are worth; `learning-rate` tries learning rates for a few epochs.
 */
export const runPurposes = ['train', 'from-scratch', 'learning-rate'] as const;
export type RunPurpose = (typeof runPurposes)[number];

/** What was said where the run was started, in the place of what its script says. */
export interface RunOverrides {
  readonly epochs?: number;
  readonly batchSize?: number;
  /** The peak of a schedule. */
  readonly learningRate?: number;
  readonly seed?: number;
  /** Fraction of the data. */
  readonly validation?: number;
  /** [height, width] in pixels, of the pictures and of the base's input. */
  readonly size?: readonly [number, number];
  /** Nothing is saved outside of the run's folder. */
  readonly save?: false;
}

/** `run.json`: written when the run starts, its `heartbeat` file touched while it goes on. */
export interface RunInfo {
  readonly protocol: number;
  readonly id: string;
  /** Absolute path of the script, and its SHA-256 when the run started. */
  readonly script: string;
  readonly scriptHash: string;
  readonly arguments: readonly string[];
  readonly workspace: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly platform: string;
  readonly engine: EngineName | 'auto';
  /** Absent in runs of older versions: `train`. */
  readonly purpose?: RunPurpose;
  /** Absent where there are none. */
  readonly overrides?: RunOverrides;
  /** The name of the machine that executes it. Absent in runs of older versions. */
  readonly host?: string;
  /** For people. What a signal or a request goes to is in a folder of our own, under the nonce (`src/runs/owner.ts`). */
  readonly pid: number;
  /** Names this execution of the run: 16 hexadecimal digits. */
  readonly nonce: string;
  /** Milliseconds since the epoch. */
  readonly startTime: number;
}

export function purposeOf({ purpose = 'train' }: Pick<RunInfo, 'purpose'>): RunPurpose {
  return purpose;
}

export interface Mistake {
  /** Path as in the data folder. */
  readonly file: string;
  readonly actual: string;
  readonly predicted: string;
  /** Probability of the predicted class. */
  readonly confidence?: number;
}

/** What a model does on examples that nothing was chosen by: neither the epoch nor a penalty. */
export type TestReport<T extends Task = Task> = Figures<T> & {
  /** Examples of the test set. */
  readonly count: number;
};

/** `report.json`. */
export type RunReport<T extends Task = Task> = Figures<T> & {
  readonly status: 'done' | 'stopped' | 'failed';
  readonly technique: Technique;
  readonly base: string;
  readonly engine: EngineName;
  /** Absent: `classification`. */
  readonly task?: T;
  /** What the model's outputs stand for. */
  readonly classes: readonly string[];
  /**
   * A character for each validation example, in the order of split.csv: `1` right, `0` wrong, `-` could not be read. Absent in reports of
   * older versions, and where nothing is right or wrong.
   */
  readonly correct?: string;
  /** Absent where the data has no test set. */
  readonly test?: TestReport<T>;
  /** The surest first; of numbers, those that are farthest off. */
  readonly mistakes: readonly Mistake[];
  readonly skipped: readonly SkippedFile[];
  /** Milliseconds. `decode` is the part of `prefix` spent waiting for pictures. */
  readonly timing: {
    readonly decode: number;
    readonly prefix: number;
    readonly train: number;
    readonly evaluate: number;
    readonly total: number;
  };
  readonly seed: number;
  /** SHA-256 (hex) of the data set (paths, labels and contents), the base's weights and the saved weights. */
  readonly hashes: { readonly data: string; readonly base: string; readonly model: string };
  readonly history: readonly EpochRecord[];
  readonly created: string;
};

export interface EpochRecord {
  readonly stage: 'head' | 'fine-tune';
  readonly epoch: number;
  readonly train: TrainMetrics;
  readonly validation: Metrics;
  readonly learningRate: number;
  readonly ms: number;
}
