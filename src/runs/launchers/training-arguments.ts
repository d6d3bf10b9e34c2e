import path from 'node:path';

import {
  engineNames,
  hasShape,
  isArgument,
  isArrayOf,
  isBoolean,
  isObject,
  isPath,
  oneOf,
  optional,
  runPurposes,
  type Check,
  type EngineName,
  type RunOverrides,
  type RunPurpose,
} from '../../protocol/index.js';

/** What a training process is to do. */
export interface Assignment {
  /** The run's. */
  readonly folder: string;
  readonly script: string;
  readonly workspace: string;
  readonly engine: EngineName | 'auto';
  readonly resume: boolean;
  /** Default `train`. */
  readonly purpose?: RunPurpose | undefined;
  /** Of a new run; a resumed one keeps its own. */
  readonly overrides?: RunOverrides | undefined;
  /** Of the script. */
  readonly arguments?: readonly string[] | undefined;
}

const isAssignment = hasShape<Assignment>({
  folder: isPath,
  script: isPath,
  workspace: isPath,
  engine: oneOf(['auto', ...engineNames]),
  resume: isBoolean,
  purpose: optional(oneOf(runPurposes)),
  /** Which values they may have is checked by the run. */
  overrides: optional(isObject as Check<RunOverrides>),
  arguments: optional(isArrayOf(isArgument, 10_000)),
});

/** `node dist/train.js RUN_FOLDER JSON`. The folder is a word of its own: a debugger's session is told by it. */
export function trainingArguments(assignment: Assignment): string[] {
  const { folder, script, workspace, engine, resume, purpose, overrides, arguments: words } = assignment;
  const rest = { script: path.resolve(script), workspace, engine, resume, purpose, overrides, arguments: words };
  return [folder, JSON.stringify(rest)];
}

/** What the words of a training process's command line say. */
export function parseTrainingArguments([folder, json = '']: readonly string[]): Assignment {
  const value: unknown = JSON.parse(json);
  const assignment = isObject(value) ? { ...value, folder } : value;
  if (isAssignment(assignment)) return assignment;
  throw new Error(`A training process is started by Graft, with other words than ${json.slice(0, 500)}`);
}
