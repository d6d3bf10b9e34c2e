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
  type RunOverrides,
} from '../../protocol/index.js';
import type { Assignment } from '../../runs/launchers/training-arguments.js';

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

/** What the words of a training process's command line say. */
export function parseTrainingArguments([folder, json = '']: readonly string[]): Assignment {
  const value: unknown = JSON.parse(json);
  const assignment = isObject(value) ? { ...value, folder } : value;
  if (isAssignment(assignment)) return assignment;
  throw new Error(`A training process is started by Graft, with other words than ${json.slice(0, 500)}`);
}
