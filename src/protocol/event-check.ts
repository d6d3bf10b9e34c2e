/** The event log is a file in a workspace: what is not exactly an event is none. */
import {
  hasShape,
  isArrayOf,
  isBoolean,
  isCount,
  isNumber,
  isObject,
  isPath,
  isText,
  isTextOf,
  oneOf,
  optional,
  wrongField,
  type Check,
  type Shape,
} from './checks.js';
import {
  engineNames,
  phases,
  stages,
  techniques,
  type DataEvent,
  type ModelEvent,
  type RunEvent,
  type SkippedFile,
  type TrainMetrics,
} from './events.js';
import { kinds } from './kinds.js';
import { tasks, type Metrics, type NumberRange, type Task } from './tasks.js';

/** A line of a log; the longest is the event of a data set with a hundred thousand files that cannot be read. */
export const longestLine = 32 << 20;
/** A sentence of an event, which may quote what a library said: longer ones are cut when they are written. */
export const longestSentence = 65_536;
const longestList = 1_000_000;
/** Milliseconds since the epoch that are a date. */
const isTime: Check<number> = (value): value is number => isNumber(value) && Math.abs(value) <= 8.64e15;
const isSentence = isTextOf(longestSentence);
const isNumbers = isArrayOf(isNumber, longestList);

/** The metrics of each task. */
export const metricsOf: { readonly [T in Task]: Check<Metrics<T>> } = {
  classification: hasShape<Metrics<'classification'>>({ loss: isNumber, accuracy: isNumber, macroF1: isNumber }),
  'multi-label': hasShape<Metrics<'multi-label'>>({
    loss: isNumber,
    meanAveragePrecision: isNumber,
    macroF1: isNumber,
    microF1: isNumber,
    exactMatch: isNumber,
  }),
  regression: hasShape<Metrics<'regression'>>({ loss: isNumber, mae: isNumber, rmse: isNumber, r2: isNumber }),
};
export const isMetrics: Check<Metrics> = (value): value is Metrics => tasks.some((task) => metricsOf[task](value));
export const isTrainMetrics = hasShape<TrainMetrics>({ loss: isNumber, accuracy: optional(isNumber) });
const isNumberRange = hasShape<NumberRange>({ name: isText, min: isNumber, median: isNumber, max: isNumber });
export const isSkippedFiles: Check<readonly SkippedFile[]> = isArrayOf<SkippedFile>(
  hasShape<SkippedFile>({ file: isSentence, reason: isSentence }),
  longestList,
);

type Named<Type extends RunEvent['type'], Event = RunEvent> = Event extends RunEvent
  ? Type extends Event['type']
    ? Event
    : never
  : never;

/** Each field of each event. */
const fields: { readonly [Type in RunEvent['type']]: Shape<Omit<Named<Type>, 'type' | 'time'>> } = {
  started: { protocol: isNumber, pid: isNumber, nonce: isText, script: isText, resumed: isBoolean },
  phase: {
    phase: oneOf(phases),
    state: oneOf(['started', 'ended', 'failed', 'stopped']),
    total: optional(isNumber),
  },
  progress: { phase: oneOf(phases), done: isNumber, total: isNumber, perSecond: isNumber, etaMs: isNumber },
  data: {
    kind: optional(oneOf(kinds)),
    directory: isPath,
    classes: isArrayOf(
      hasShape<DataEvent['classes'][number]>({
        name: isText,
        train: isCount,
        validation: isCount,
        test: optional(isCount),
      }),
      longestList,
    ),
    task: optional(oneOf(tasks)),
    numbers: optional(isArrayOf(isNumberRange, longestList)),
    pictures: optional(
      hasShape<NonNullable<DataEvent['pictures']>>({ train: isCount, validation: isCount, test: optional(isCount) }),
    ),
    duplicates: isCount,
    skipped: isSkippedFiles,
    notes: optional(isArrayOf(isSentence)),
  },
  model: {
    technique: oneOf(techniques),
    base: isText,
    preprocessing: optional(
      hasShape<NonNullable<ModelEvent['preprocessing']>>({ name: isText, pixels: isText, why: optional(isSentence) }),
    ),
    parameters: isCount,
    trainable: isCount,
    frozenUpTo: optional(isText),
    engine: oneOf(engineNames),
    engineReason: isSentence,
  },
  stage: {
    stage: oneOf(stages),
    epochs: isNumber,
    learningRate: isNumber,
    trainable: isCount,
    cached: isCount,
    images: isCount,
  },
  batch: {
    stage: oneOf(stages),
    epoch: isNumber,
    step: isNumber,
    steps: isNumber,
    loss: isNumber,
    accuracy: optional(isNumber),
    learningRate: isNumber,
    imagesPerSecond: isNumber,
    memory: isNumber,
  },
  epoch: {
    stage: oneOf(stages),
    epoch: isNumber,
    epochs: isNumber,
    train: isTrainMetrics,
    validation: isMetrics,
    learningRate: isNumber,
    ms: isNumber,
    best: isBoolean,
  },
  checkpoint: { file: isText, stage: oneOf(stages), epoch: isNumber, step: isNumber },
  warning: { message: isSentence, action: optional(isSentence) },
  log: { level: oneOf(['info', 'warning', 'error']), text: isSentence },
  report: { metrics: isMetrics, test: optional(hasShape({ metrics: isMetrics, count: isCount })) },
  saved: { directory: isText, replaced: optional(isText) },
  learningRates: { rates: isNumbers, losses: isNumbers, smoothed: isNumbers, suggestion: optional(isNumber) },
  paused: {},
  continued: {},
  done: {},
  stopped: {
    checkpoint: optional(isText),
    ended: optional((value: unknown): value is true => value === true),
  },
  failed: {
    message: isSentence,
    action: optional(isSentence),
    place: optional(hasShape({ file: isPath, line: isCount })),
  },
};

/** The event with the fields of its type and no others, or undefined where it is none. */
export function checkEvent(value: unknown): RunEvent | undefined {
  if (!isObject(value)) return undefined;
  const { type, time } = value;
  if (typeof type !== 'string' || !Object.hasOwn(fields, type) || !isTime(time)) return undefined;
  const shape: Readonly<Record<string, (field: unknown) => boolean>> = fields[type as RunEvent['type']];
  if (wrongField(shape, value) !== undefined) return undefined;
  const kept = ['type', 'time', ...Object.keys(shape)].filter((name) => value[name] !== undefined);
  return Object.fromEntries(kept.map((name) => [name, value[name]])) as unknown as RunEvent;
}
