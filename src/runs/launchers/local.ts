import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { GraftError, messageOf } from '../../common/errors.js';
import { describeWriteError, openToAppend, temporaryFor } from '../../common/files.js';
import { computingEnvironment } from '../process/environment.js';
import { killTree } from '../process/kill-tree.js';
import { outputFile } from '../run-folder.js';
import type { Launcher } from './launch.js';
import { trainingArguments } from './training-arguments.js';

/** A run's first files need less. */
const roomBytes = 65_536;

/**
 * The launcher for this machine: starts a training process that outlives its parent. What it prints goes to `output.log` in the run's folder: native
 * code writes there too, so nothing is parsed from it.
 *
 * @throws GraftError when the run's folder cannot be written.
 */
export const launchTraining: Launcher = (options) => {
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
};

function openOutput(folder: string): number {
  // A name of its own: the same run may be resumed twice at once, and which of them goes on is decided by the processes.
  const room = temporaryFor(path.join(folder, 'room'));
  try {
    mkdirSync(folder, { recursive: true });
    // On a disk that is full already, the process could not even say so.
    writeFileSync(room, Buffer.alloc(roomBytes), { flag: 'wx' });
    rmSync(room, { force: true });
    return openToAppend(outputFile(folder));
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
