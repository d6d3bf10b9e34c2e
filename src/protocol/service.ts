/**
 * What the editor asks of the runtime besides training: a child process of its own answers, so that nothing of TensorFlow.js,
 * ONNX Runtime or sharp is ever loaded into the extension host.
 */
import type { SkippedFile, Technique } from './events.js';
import type { Figures, NumberRange, Task } from './tasks.js';

/** Classes and counts of labelled pictures, without a look into any of them. */
export interface DataSummary {
  readonly directory: string;
  readonly layout: 'folder' | 'split' | 'csv' | 'idx';
  readonly classes: readonly { readonly name: string; readonly count: number }[];
  /** What can be learnt from the labels; the first is the likeliest. Absent: `classification`. */
  readonly tasks?: readonly Task[];
  /** Where the labels are numbers. */
  readonly numbers?: readonly NumberRange[];
  /** Where the classes do not say it. */
  readonly pictures?: number;
  /** What was taken for what, in sentences. */
  readonly notes?: readonly string[];
  /** Whether every folder of a class holds folders of pictures instead of pictures: probably these are data sets of their own. */
  readonly nested?: boolean;
}

/** A base that can be chosen. */
export interface BaseOption {
  /** What `graft new --base` takes: a name of the registry, or the path of a file. */
  readonly id: string;
  readonly label: string;
  /** Bases of one architecture are listed together. Absent for a file. */
  readonly family?: string;
  /** [height, width] in pixels. */
  readonly size: readonly [number, number];
  /** It takes pictures of any size, which the user must say: `size` is a usual one. */
  readonly anySize?: true;
  /** It takes grey pictures. */
  readonly grey?: true;
  /** As `preprocessingText` writes it. Absent: nobody knows, so the user must say. */
  readonly preprocessing?: string;
  readonly parameters: number;
  /** Fraction of ImageNet's validation pictures that it knows, as published. */
  readonly accuracy?: number;
  readonly licence: string;
  /** Of its weights: on disk, or about as many as are downloaded. */
  readonly bytes: number;
  /** Seconds that it took for a picture in the last training with all of it frozen, on this machine. */
  readonly secondsPerPicture?: number;
  /**
   * Where its weights are: with Graft, in the cache, to be downloaded, only as a file that the user is to give, in the file that was given, or
   * in a model that Graft saved, of which no more is known before it is described.
   */
  readonly weights: 'bundled' | 'cached' | 'download' | 'file' | 'given' | 'saved';
  /** What a model that Graft saved knows, or one of Teachable Machine. */
  readonly classes?: readonly string[];
  /** Layers up to which freezing makes sense, from the input on. `depth`: fraction of the layers with weights that it freezes. */
  readonly freezePoints: readonly { readonly layer: string; readonly depth: number }[];
  readonly defaultFreezePoint: string | undefined;
}

/** Everything that decides a script. */
export interface ScriptRequest {
  readonly technique: Technique;
  readonly data: string;
  /** Default: the likeliest. */
  readonly task?: Task | undefined;
  /** A `BaseOption`'s id, or the path of a model file. */
  readonly base: string;
  readonly freezeUpTo: string | undefined;
  /** For a model file, as `parsePreprocessing` reads it. Default: what the network shows. */
  readonly preprocessing?: string | undefined;
  /** Of pictures and base in pixels: `160`, or `128x160`. Default: the base's own. */
  readonly size?: string | undefined;
  readonly workspace: string;
  /** The script's own; paths in it are relative to it. Default: the workspace. */
  readonly folder?: string | undefined;
}

/** A label is said where its probability reaches its threshold. */
interface LabelPrediction {
  readonly name: string;
  readonly probability: number;
  readonly threshold: number;
  readonly said: boolean;
}

export interface Prediction {
  readonly file: string;
  /** Most probable first. */
  readonly classes?: readonly { readonly name: string; readonly probability: number }[];
  /** From a model that learnt any number of labels: what it says first, then the likeliest. */
  readonly labels?: readonly LabelPrediction[];
  /** From a model that learnt numbers. */
  readonly numbers?: readonly { readonly name: string; readonly value: number }[];
  /** Why there is no answer, and what to do. */
  readonly error?: string;
  /** A small JPEG in base64, where one was asked for. */
  readonly thumbnail?: string;
}

/** A layer of a model file, as the viewer lists it. */
export interface LayerRow {
  readonly name: string;
  readonly type: string;
  readonly outputShape: readonly (number | null)[];
  readonly parameters: number;
  /** Absent where the format does not know it (ONNX, weights alone). */
  readonly trainable?: boolean;
}

export interface ModelDescription {
  readonly file: string;
  readonly format: string;
  readonly layers: readonly LayerRow[];
  readonly parameters: number;
  /** What its outputs stand for, and of which kind they are, where the file or what lies beside it says so. */
  readonly classes?: readonly string[];
  readonly task?: Task;
  /** What else is known: preprocessing, metrics of a model that Graft saved. */
  readonly facts: Readonly<Record<string, string>>;
}

/** How well a saved model does on labelled pictures: on all of them, and on those that say something about others. */
export type ModelEvaluation<T extends Task = Task> = Figures<T> & {
  readonly images: number;
  readonly classes: readonly string[];
  readonly skipped: readonly SkippedFile[];
  /** How many of the pictures the model was made with. Absent where it does not say: it was saved by 0.1.0. */
  readonly seen?: { readonly trained: number; readonly validated: number };
  /**
   * Without the pictures that the model has seen; where it has seen all, without those that it was trained on. Absent where nothing is
   * left, and where `seen` is.
   */
  readonly measure?: Figures<T> & { readonly images: number; readonly on: 'new' | 'validation' };
};

/** Each request by name: what goes in, what comes out. */
export interface ServiceMethods {
  summarizeData: { request: { folder: string }; reply: DataSummary };
  /** `workspace`: where saved models are looked for. */
  listBases: { request: { workspace?: string }; reply: readonly BaseOption[] };
  describeBase: { request: { base: string }; reply: BaseOption };
  scriptText: { request: ScriptRequest; reply: string };
  describeModel: { request: { file: string }; reply: ModelDescription };
  /** `thumbnails`: side of a small picture to return with each, in pixels. */
  predict: {
    request: { model: string; files: readonly string[]; thumbnails?: number };
    reply: readonly Prediction[];
  };
  /** A small JPEG of each picture, in base64; null where there is none. `side` in pixels. */
  /** Squares of that side; `whole`: all of the picture instead, no side longer. */
  thumbnails: {
    request: { files: readonly string[]; side: number; whole?: boolean };
    reply: readonly (string | null)[];
  };
  evaluate: {
    request: { model: string; data: string };
    reply: ModelEvaluation;
  };
  exportModel: {
    /** `force`: what is there is replaced. */
    request: { model: string; to: 'onnx' | 'tfjs'; out?: string; force?: boolean };
    reply: { path: string; largestDifference: number; outputName: 'probabilities' | 'numbers' };
  };
  checkEnvironment: {
    request: { folder: string };
    reply: readonly { name: string; ok: boolean; detail: string }[];
  };
}

export type ServiceMethod = keyof ServiceMethods;

/** Over the child's IPC channel, to the child. What was cancelled is answered too: with a result or an error. */
export type ServiceMessage = ServiceCall | { readonly type: 'cancel'; readonly id: number };

export type ServiceCall = {
  [Method in ServiceMethod]: {
    readonly type: 'call';
    readonly id: number;
    readonly method: Method;
    readonly request: ServiceMethods[Method]['request'];
  };
}[ServiceMethod];

/** The first message of the child is `ready`, its first about a call `started`, its last the result or an error. */
export type ServiceReply =
  | { readonly type: 'ready'; readonly protocol: number }
  | { readonly type: 'started'; readonly id: number }
  | { readonly type: 'result'; readonly id: number; readonly result: unknown }
  | { readonly type: 'error'; readonly id: number; readonly message: string; readonly action?: string };
