/** `run.json` and `report.json` lie in a workspace: they are believed only field by field. */
import {
  hasShape,
  isArrayOf,
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
  type Fields,
  type Shape,
} from './checks.js';
import { isMetrics, isSkippedFiles, isTrainMetrics, metricsOf } from './event-check.js';
import { engineNames, stages, techniques } from './events.js';
import { runPurposes, type EpochRecord, type Mistake, type RunInfo, type RunOverrides, type RunReport } from './run.js';
import {
  isMultiLabel,
  isRegression,
  tasks,
  type ClassReport,
  type Figures,
  type LabelReport,
  type NumberReport,
  type Task,
} from './tasks.js';

/** What `randomBytes(8)` is in hex. It is part of file names, so nothing else may be. */
export const isNonce: Check<string> = (value): value is string =>
  typeof value === 'string' && /^[0-9a-f]{16}$/.test(value);

/** The number of a process: 0 and negative ones mean groups of processes to the system. */
export const isProcessId: Check<number> = (value): value is number =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) < 2 ** 31;

/** One that may be signalled at all. 1 is the first of the machine, and −1, its group, everybody; in a container it may train. */
export const isSignalTarget: Check<number> = (value): value is number => isProcessId(value) && value > 1;

/** A number for `new Date`. */
const isTime: Check<number> = (value): value is number => isCount(value) && value <= 8.64e15;
export const isArgument: Check<string> = (value): value is string => isTextOf(131_072)(value) && !value.includes('\0');
const isVersions: Check<Readonly<Record<string, string>>> = (value): value is Readonly<Record<string, string>> =>
  isObject(value) && isArrayOf(isText, 64)(Object.values(value));

const isSize: Check<readonly [number, number]> = (value): value is readonly [number, number] =>
  isArrayOf(isCount, 2)(value) && value.length === 2;
/** Whether they can be meant is for the process that uses them. */
const isOverrides = hasShape<RunOverrides>({
  epochs: optional(isNumber),
  batchSize: optional(isNumber),
  learningRate: optional(isNumber),
  seed: optional(isNumber),
  validation: optional(isNumber),
  size: optional(isSize),
  save: optional((value: unknown): value is false => value === false),
});

const infoShape: Shape<RunInfo> = {
  protocol: isCount,
  id: isText,
  script: isPath,
  scriptHash: isText,
  arguments: isArrayOf(isArgument, 10_000),
  workspace: isPath,
  versions: isVersions,
  platform: isText,
  engine: oneOf(['auto', ...engineNames]),
  purpose: optional(oneOf(runPurposes)),
  overrides: optional(isOverrides),
  host: optional(isText),
  pid: isProcessId,
  nonce: isNonce,
  startTime: isTime,
};

/** Most classes that a report may have: its confusion matrix has the square of them. */
const mostClasses = 20_000;
const longestList = 1_000_000;

const isClassReport = hasShape<ClassReport>({
  name: isText,
  precision: isNumber,
  recall: isNumber,
  f1: isNumber,
  support: isCount,
});
const isMistake = hasShape<Mistake>({
  file: isPath,
  actual: isText,
  predicted: isText,
  confidence: optional(isNumber),
});
const isEpoch = hasShape<EpochRecord>({
  stage: oneOf(stages),
  epoch: isNumber,
  train: isTrainMetrics,
  validation: isMetrics,
  learningRate: isNumber,
  ms: isNumber,
});

const isConfusion = isArrayOf(isArrayOf(isCount, mostClasses), mostClasses);

const isNumbers = isArrayOf(isNumber, longestList);
/** The figures of each task. */
const figuresShapes: { readonly [T in Task]: Shape<Figures<T>> } = {
  classification: {
    metrics: metricsOf.classification,
    perClass: isArrayOf(isClassReport, mostClasses),
    confusion: isConfusion,
  },
  'multi-label': {
    metrics: metricsOf['multi-label'],
    perLabel: isArrayOf(
      hasShape<LabelReport>({
        name: isText,
        threshold: isNumber,
        precision: isNumber,
        recall: isNumber,
        f1: isNumber,
        averagePrecision: isNumber,
        support: isCount,
        said: isCount,
        hits: isCount,
        truths: optional((value: unknown): value is string => typeof value === 'string' && /^[01]*$/.test(value)),
        scores: optional(isNumbers),
      }),
      mostClasses,
    ),
    measured: isCount,
  },
  regression: {
    metrics: metricsOf.regression,
    perNumber: isArrayOf(
      hasShape<NumberReport>({
        name: isText,
        mae: isNumber,
        rmse: isNumber,
        r2: isNumber,
        truths: isNumbers,
        predictions: isNumbers,
      }),
      mostClasses,
    ),
    measured: isCount,
  },
};

/** What all tasks have. */
const reportShape: Shape<Omit<RunReport, 'metrics' | 'test'>> = {
  status: oneOf(['done', 'stopped', 'failed']),
  technique: oneOf(techniques),
  base: isText,
  engine: oneOf(engineNames),
  classes: isArrayOf(isText, mostClasses),
  task: optional(oneOf(tasks)),
  correct: optional((value: unknown): value is string => typeof value === 'string' && /^[01-]*$/.test(value)),
  mistakes: isArrayOf(isMistake, longestList),
  skipped: isSkippedFiles,
  timing: hasShape<RunReport['timing']>({
    decode: isNumber,
    prefix: isNumber,
    train: isNumber,
    evaluate: isNumber,
    total: isNumber,
  }),
  seed: isNumber,
  hashes: hasShape<RunReport['hashes']>({ data: isText, base: isText, model: isText }),
  history: isArrayOf(isEpoch, longestList),
  created: isText,
};

type Checked<T> = { readonly value: T } | { readonly wrong: string };

/**
 * What `run.json` says, where it is one; else what is wrong with it. Its id is the name of its folder, whatever the file says: two runs
 * of one list never share one. Fields that are not ours (runs of older versions name a socket) are left out.
 */
export function checkRunInfo(value: unknown, id: string): Checked<RunInfo> {
  if (!isObject(value)) return { wrong: 'it is not an object' };
  const field = wrongField(infoShape, { ...value, id });
  if (field !== undefined) return { wrong: describe(field, value) };
  const known = Object.keys(infoShape).filter((name) => value[name] !== undefined);
  return { value: { ...Object.fromEntries(known.map((name) => [name, value[name]])), id } as unknown as RunInfo };
}

/** What `report.json` says, where its parts fit each other; else what is wrong with it. */
export function checkReport(value: unknown): Checked<RunReport> {
  if (!isObject(value)) return { wrong: 'it is not an object' };
  const field = wrongField(reportShape, value) ?? wrongFigures(value);
  if (field !== undefined) return { wrong: describe(field, value) };
  const report = value as unknown as RunReport;
  for (const part of [report, report.test]) {
    const wrong = part && misfit(part, report.classes.length);
    if (wrong !== undefined) return { wrong };
  }
  return { value: report };
}

/** The first field of the task's figures that is not what it must be; `test` for one of the test set's. */
function wrongFigures({ task = 'classification', test, ...value }: Fields): string | undefined {
  const shape = figuresShapes[task as Task];
  const wrong = wrongField(shape, value);
  if (wrong !== undefined || test === undefined) return wrong;
  return isObject(test) && wrongField({ ...shape, count: isCount }, test) === undefined ? undefined : 'test';
}

/** Parts of figures that do not belong together. */
function misfit(figures: Figures, length: number): string | undefined {
  if (isMultiLabel(figures)) {
    const rows = figures.perLabel.length;
    return rows === length ? undefined : `it has ${length} labels, but ${rows} rows of figures`;
  }
  if (isRegression(figures)) {
    const { perNumber } = figures;
    if (perNumber.length !== length) return `it has ${length} numbers, but ${perNumber.length} rows of figures`;
    const uneven = perNumber.find(({ truths, predictions }) => truths.length !== predictions.length);
    return uneven && `it has not a prediction for each true ${uneven.name}`;
  }
  const { perClass, confusion } = figures;
  if (perClass.length !== length || confusion.length !== length)
    return `it has ${length} classes, but ${perClass.length} rows of figures`;
  if (confusion.some((row) => row.length !== length)) return `a row of its confusion matrix has not ${length} columns`;
  return undefined;
}

function describe(field: string, value: Fields): string {
  return value[field] === undefined ? `it has no ${field}` : `its ${field} is not what a run has there`;
}
