import path from 'node:path';

import type { RunPurpose } from '../../protocol/index.js';
import { GraftError, messageOf, StoppedError } from '../../common/errors.js';
import { describeSystemError } from '../../common/files.js';
import { placeInScript } from './place-in-script.js';
import { newRunId, runsFolder } from '../../runs/run-folder.js';
import { Run, type RunOptions } from './run.js';

let current: Promise<Run> | undefined;
let purpose: RunPurpose = 'train';

/** Opens the run of this process; `graft train` and the editor do that before they start the script. */
export async function openCurrentRun(options: RunOptions): Promise<Run> {
  current = Run.open(options);
  ({ purpose } = options);
  const run = await current;
  let interrupts = 0;
  const interrupt = () => {
    run.control.handle('stop');
    if (++interrupts > 1) process.exit(130);
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return run;
}

/**
 * The run that the library writes to. A script started with plain `node` gets one of its own, in `.graft/runs` of the
 * working directory.
 */
export async function currentRun(): Promise<Run> {
  if (current === undefined) {
    const workspace = process.cwd();
    const script = process.argv[1] ?? 'unknown';
    current = openCurrentRun({
      folder: path.join(runsFolder(workspace), newRunId()),
      script,
      arguments: process.argv.slice(2),
      workspace,
      engine: 'auto',
      purpose: 'train',
      resumed: false,
    });
    const run = await current;
    process.once('beforeExit', () => {
      endRun(run);
    });
    process.once('uncaughtExceptionMonitor', (error) => {
      endRun(run, error);
    });
  }
  return await current;
}

/** The run of this process, where it has one already: what may also happen outside of runs begins none. */
export async function openedRun(): Promise<Run | undefined> {
  return await current;
}

/** What the run of this process is for, for what cannot wait for it. */
export function currentPurpose(): RunPurpose {
  return purpose;
}

/** Writes how the run ended and closes its log. Returns the exit code. */
export function endRun(run: Run, error?: unknown): 0 | 1 | 130 {
  try {
    run.saysLast();
    if (error === undefined) {
      run.warnOfUnused();
      run.emit({ type: 'done' });
      return 0;
    }
    if (error instanceof StoppedError) {
      run.emit({ type: 'stopped', ...(error.checkpoint === undefined ? {} : { checkpoint: error.checkpoint }) });
      return 130;
    }
    const described = describeSystemError(error);
    const action = described instanceof GraftError ? { action: described.action } : {};
    const said = error instanceof GraftError ? error.place : undefined;
    const place = said ?? (error instanceof Error ? placeInScript(error) : undefined);
    run.emit({ type: 'failed', message: messageOf(described), ...action, ...(place === undefined ? {} : { place }) });
    return 1;
  } finally {
    run.log.close();
  }
}

/** For tests: forgets the run, so that the next one starts anew. */
export function forgetCurrentRun(): void {
  current = undefined;
  purpose = 'train';
}
