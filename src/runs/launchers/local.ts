import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { EngineName, RunOverrides, RunPurpose } from '../../protocol/index.js';
import { GraftError, messageOf } from '../../common/errors.js';
import { describeWriteError, openToAppend } from '../../common/files.js';
import { killTree } from '../process/kill-tree.js';

/** A run's first files need less. */
const roomBytes = 65_536;
/**
 * Exit codes of a training process whose run cannot say how it ended: it could not be opened, and the last line that was
 * printed says why and what to do; or not even its last event could be written.
 */
export const cannotOpenRun = 3;
export const cannotWriteRun = 4;

export interface LaunchOptions {
  /** `dist/train.js`. */
  readonly program: string;
  /** The Node to run it with; in the editor its own executable, with ELECTRON_RUN_AS_NODE=1 in `environment`. */
  readonly node: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Options for Node itself, for instance `--inspect-brk=0`. */
  readonly nodeArguments?: readonly string[];
  readonly folder: string;
  readonly script: string;
  readonly workspace: string;
  readonly engine: EngineName | 'auto';
  readonly resume: boolean;
  /** Default `train`. */
  readonly purpose?: RunPurpose;
  /** Of a new run; a resumed one keeps its own. */
  readonly overrides?: RunOverrides;
  readonly arguments?: readonly string[];
}

export interface Launched {
  readonly pid: number | undefined;
  /** Settles when the process has ended, however it did. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** Signals it, as long as it is our child: once it has ended, its number may be another process's. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
  /** Ends it and all that it started, where it has not ended yet. */
  end(): Promise<void>;
}

/** What `dist/train.js` is called with. */
export function trainingArguments(
  options: Pick<
    LaunchOptions,
    'folder' | 'script' | 'workspace' | 'engine' | 'resume' | 'purpose' | 'overrides' | 'arguments'
  >,
): string[] {
  const { folder, script, workspace, engine, resume, purpose = 'train', overrides = {} } = options;
  const mode = resume ? 'resume' : 'new';
  return [
    folder,
    path.resolve(script),
    workspace,
    engine,
    mode,
    purpose,
    JSON.stringify(overrides),
    ...(options.arguments ?? []),
  ];
}

/**
 * Starts a training process that outlives its parent. What it prints goes to `output.log` in the run's folder: native
 * code writes there too, so nothing is parsed from it.
 *
 * @throws GraftError when the run's folder cannot be written.
 */
export function launchTraining(options: LaunchOptions): Launched {
  const output = openOutput(options.folder);
  const child = spawn(
    options.node,
    ['--enable-source-maps', ...(options.nodeArguments ?? []), options.program, ...trainingArguments(options)],
    {
      cwd: options.workspace,
      // Its own process group: Ctrl-C in the terminal reaches only the parent, which asks it to stop.
      detached: true,
      windowsHide: true,
      stdio: ['ignore', output, output],
      env: computingEnvironment(options.environment),
    },
  );
  closeSync(output);
  return {
    pid: child.pid,
    signal: (name) => {
      child.kill(name);
    },
    end: async () => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) await killTree(child.pid);
    },
    ended: new Promise((resolve, reject) => {
      child.once('error', (error) => {
        reject(
          new GraftError(`The training process could not start in ${options.workspace}: ${error.message}`, {
            action: 'Check that this folder is there, and the Node that is to run it.',
            cause: error,
          }),
        );
      });
      child.once('exit', (code, signal) => {
        resolve({ code, signal });
      });
    }),
  };
}

/**
 * The environment of a process that computes. glibc is told to ask for huge pages: most Linux systems give them only to who asks,
 * and in small ones the first steps of a large training take several times as long as the others. Elsewhere it means nothing.
 */
export function computingEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { GLIBC_TUNABLES: tunables = '' } = process.env;
  const asked = tunables.includes('glibc.malloc.hugetlb') ? [] : ['glibc.malloc.hugetlb=1'];
  const all = [tunables, ...asked].filter((part) => part !== '').join(':');
  return { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2', GLIBC_TUNABLES: all, ...more };
}

function openOutput(folder: string): number {
  const room = path.join(folder, 'room');
  try {
    mkdirSync(folder, { recursive: true });
    // On a disk that is full already, the process could not even say so. A link that stands there is not written through.
    rmSync(room, { force: true });
    writeFileSync(room, Buffer.alloc(roomBytes), { flag: 'wx' });
    rmSync(room);
    return openToAppend(path.join(folder, 'output.log'));
  } catch (error) {
    // Half of it may be there, where the disk is full.
    if (existsSync(room)) rmSync(room, { force: true });
    throw cannotMake(folder, error);
  }
}

function cannotMake(folder: string, error: unknown): GraftError {
  const described = describeWriteError(folder, error);
  if (described instanceof GraftError) return described;
  return new GraftError(`The run folder ${folder} cannot be written: ${messageOf(error)}`, {
    action: 'Move what is in its place away, or choose another folder with --run-dir.',
    cause: error,
  });
}
