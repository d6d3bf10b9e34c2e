import path from 'node:path';

import type { EngineName, RunOverrides, RunPurpose } from '../../protocol/index.js';

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

/** `node dist/train.js RUN_FOLDER JSON`. The folder is a word of its own: a debugger's session is told by it. */
export function trainingArguments(assignment: Assignment): string[] {
  const { folder, script, workspace, engine, resume, purpose, overrides, arguments: words } = assignment;
  const rest = { script: path.resolve(script), workspace, engine, resume, purpose, overrides, arguments: words };
  return [folder, JSON.stringify(rest)];
}
