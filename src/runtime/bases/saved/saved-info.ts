import {
  isPreprocessing,
  kinds,
  preprocessingChoices,
  tasks,
  type Kind,
  type Metrics,
  type Preprocessing,
  type Task,
  type Technique,
} from '../../../protocol/index.js';
import type { ResizeMode } from '../../data/image/form.js';
import { GraftError } from '../../../common/errors.js';
import { sha256 } from '../../../common/hash.js';
import { readJsonFile } from '../../../common/read-file.js';
import { lossNames, type LossName } from '../../engines/specs.js';

const format = 1;
/** Far more than the names of any classes. */
const maxBytes = 16e6;

/** `graft.json`: what a model needs besides its layers and weights. */
export interface SavedInfo {
  readonly format: number;
  readonly kind: Kind;
  /** Absent: `classification`. */
  readonly task?: Task;
  /** The probability from which on a label is said, for each. */
  readonly thresholds?: readonly number[];
  /** The standard deviation of each number in training, in which its loss is measured. */
  readonly deviations?: readonly number[];
  readonly classes: readonly string[];
  /** [height, width] in pixels. */
  readonly size: readonly [number, number];
  readonly resize: ResizeMode;
  readonly preprocessing: Preprocessing;
  readonly base: { readonly name: string; readonly hash: string };
  /** What it was trained with. Absent in folders of older versions: `categoricalCrossentropy`. */
  readonly loss?: LossName;
  readonly technique: Technique;
  readonly frozenUpTo?: string;
  /** On the validation set. */
  readonly metrics: Metrics;
  /** Id of the run that made it. */
  readonly run: string;
  /** The script that saved it, relative to its workspace; absent in folders of 0.1.0, and in runs' folders. */
  readonly script?: string;
  readonly seed: number;
  /** SHA-256 (hex). `model`, of model.json, is absent in folders of 0.1.0; `examples`, of examples.json, where nobody knows them. */
  readonly hashes: {
    readonly data: string;
    readonly weights: string;
    readonly model?: string;
    readonly examples?: string;
  };
  readonly created: string;
  /** SHA-256 (hex) of all other fields; absent in folders of 0.1.0, and where somebody changed one on purpose. */
  readonly digest?: string;
}

/** The text of a graft.json. */
export function savedInfoText(fields: Omit<SavedInfo, 'format' | 'digest'>): string {
  const info = { format, ...fields };
  return `${JSON.stringify({ ...info, digest: digestOf(info) }, undefined, 2)}\n`;
}

const told = new Set<string>();

/**
 * Reads a graft.json.
 *
 * @throws GraftError when a field is missing, not known, or not what it must be, and when one was changed after it was saved.
 */
export async function readSavedInfo(file: string): Promise<SavedInfo> {
  const wrong = (reason: string) =>
    new GraftError(`${file} does not describe a Graft model: ${reason}.`, {
      action: 'Give a folder that saveModel wrote.',
    });
  const value = await readJsonFile(file, maxBytes);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('it is not an object');
  const fields = value as Record<string, unknown>;
  if (fields['format'] !== format)
    throw wrong(`its format is ${JSON.stringify(fields['format'])}, this version reads ${format}`);
  for (const [name, { holds, is, optional }] of Object.entries(known)) {
    if (!Object.hasOwn(fields, name)) {
      if (optional !== true) throw wrong(`it has no ${name}`);
    } else if (!holds(fields[name])) throw wrong(`its ${name} is not ${is}`);
  }
  for (const name of Object.keys(fields))
    if (!Object.hasOwn(known, name))
      throw wrong(`it has a field ${JSON.stringify(name)}, which this version does not know`);
  const { task = 'classification', classes } = fields as unknown as SavedInfo;
  if (task === 'classification' && classes.length < 2)
    throw wrong('its classes is not a list of two or more different names');
  const { digest, ...rest } = fields;
  if (digest === undefined) {
    if (!told.has(file)) {
      told.add(file);
      process.emitWarning(
        `${file} has no digest (Graft 0.1.0 wrote none, or somebody removed it): nobody can tell whether its classes and preprocessing are those that were saved.`,
        { type: 'Graft' },
      );
    }
  } else if (digest !== digestOf(rest)) {
    throw new GraftError(`${file} was changed after it was saved: its digest differs.`, {
      action:
        'If somebody meant to (a class has another name now), remove "digest" from it; else copy the folder again.',
    });
  }
  return value as SavedInfo;
}

/** Over values and the order of fields, not over spaces: an editor may format the file. */
function digestOf(fields: object): string {
  return sha256(JSON.stringify(fields));
}

interface Field {
  readonly holds: (value: unknown) => boolean;
  /** In words, after "is not". */
  readonly is: string;
  readonly optional?: true;
}

const isText = (value: unknown) => typeof value === 'string';
const isHash = (value: unknown) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const oneOf = (names: readonly unknown[]): Pick<Field, 'holds' | 'is'> => ({
  holds: (value) => names.includes(value),
  is: `one of ${names.join(', ')}`,
});
const part = (value: unknown, name: string): unknown => ((value ?? {}) as Record<string, unknown>)[name];
/** What is read for each task. */
const metricNames = [
  ['loss', 'accuracy', 'macroF1'],
  ['loss', 'meanAveragePrecision', 'macroF1', 'microF1', 'exactMatch'],
  ['loss', 'mae', 'rmse', 'r2'],
] as const;
/** A metric that is not a number is null in JSON. */
const isMetric = (value: unknown) => typeof value === 'number' || value === null;

const known: Readonly<Record<keyof SavedInfo, Field>> = {
  format: { holds: (value) => value === format, is: String(format) },
  kind: oneOf(kinds),
  task: { ...oneOf(tasks), optional: true },
  thresholds: {
    holds: (value) => Array.isArray(value) && value.every((one) => typeof one === 'number'),
    is: 'a list of numbers',
    optional: true,
  },
  deviations: {
    holds: (value) => Array.isArray(value) && value.every((one) => typeof one === 'number' && one > 0),
    is: 'a list of numbers above 0',
    optional: true,
  },
  classes: {
    holds: (value) =>
      Array.isArray(value) && value.length > 0 && value.every(isText) && new Set(value).size === value.length,
    is: 'a list of two or more different names (of labels or numbers, of one or more)',
  },
  size: {
    holds: (value) =>
      Array.isArray(value) &&
      value.length === 2 &&
      value.every((side) => Number.isInteger(side) && side > 0 && side <= 16_384),
    is: '[height, width] in pixels',
  },
  resize: oneOf(['crop', 'pad', 'stretch'] satisfies ResizeMode[]),
  preprocessing: { holds: isPreprocessing, is: `one of ${preprocessingChoices}` },
  base: {
    holds: (value) => isText(part(value, 'name')) && isText(part(value, 'hash')),
    is: 'a name and a hash',
  },
  loss: { ...oneOf(lossNames), optional: true },
  technique: { holds: isText, is: 'a text' },
  frozenUpTo: { holds: isText, is: "a layer's name", optional: true },
  metrics: {
    holds: (value) => metricNames.some((names) => names.every((name) => isMetric(part(value, name)))),
    is: metricNames.map((names) => names.join(', ')).join(' or '),
  },
  run: { holds: isText, is: 'a text' },
  script: { holds: isText, is: 'a text', optional: true },
  seed: { holds: (value) => typeof value === 'number', is: 'a number' },
  hashes: {
    holds: (value) =>
      isText(part(value, 'data')) &&
      isHash(part(value, 'weights')) &&
      ['model', 'examples'].every((name) => part(value, name) === undefined || isHash(part(value, name))),
    is: 'the SHA-256 of data, weights, model.json and examples.json',
  },
  created: { holds: isText, is: 'a date' },
  digest: { holds: isText, is: 'a SHA-256', optional: true },
};
