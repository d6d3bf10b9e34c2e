import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import type { EngineName, RunEvent, RunOverrides, RunPurpose } from '../../protocol/index.js';
import { exitCode } from '../errors.js';
import { cannotOpenRun, cannotWriteRun, launchTraining, type LaunchOptions } from '../process/launch.js';
import { sendControl } from '../runs/control-client.js';
import { writeForcedEnd } from '../runs/forced-end.js';
import { parseEvent, readRun } from '../runs/read.js';
import { newRunId, runsFolder } from '../runs/run.js';
import { Tail } from '../runs/tail.js';
import { shown, shownJson, shownLines, shownMessage, type Io, type Shown } from './io.js';
import { EventPrinter } from './show.js';

export interface SuperviseOptions {
  readonly script: string;
  readonly folder: string;
  readonly workspace: string;
  readonly engine: EngineName | 'auto';
  readonly resume: boolean;
  /** Default `train`. */
  readonly purpose?: RunPurpose;
  /** Of a new run. */
  readonly overrides?: RunOverrides;
  /** Events as NDJSON instead of text for people. */
  readonly json: boolean;
  readonly arguments?: readonly string[];
}

/** Starts a training process and shows it until it ends; Ctrl-C asks it to stop. Returns the exit code. */
export async function supervise(options: SuperviseOptions, io: Io): Promise<number> {
  const tail = new Tail(path.join(options.folder, 'events.ndjson'));
  await tail.skip();
  const launch: LaunchOptions = {
    ...options,
    program: fileURLToPath(new URL('./train.js', import.meta.url)),
    node: process.execPath,
  };
  const child = launchTraining(launch);
  const printer = new EventPrinter(io);
  let last: RunEvent | undefined;
  const drain = async () => {
    for (const line of await tail.read()) {
      const event = parseEvent(line);
      if (event === undefined) continue;
      last = event;
      if (options.json) io.out(shownJson(event));
      else printer.show(event);
    }
  };

  let interrupts = 0;
  const interrupt = () => {
    interrupts++;
    void stop(options.folder, child.pid, interrupts, (text) => {
      printer.end();
      io.error(text);
    });
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    const state = { ended: false };
    const ended = child.ended.finally(() => (state.ended = true));
    while (!state.ended) {
      await drain();
      await Promise.race([ended.catch(() => undefined), sleep(100)]);
    }
    await drain();
    printer.end();
    const end = await ended;
    if (interrupts > 2 && end.signal !== null) {
      writeForcedEnd(options.folder);
      io.error(
        shown`The training did not answer, so its process was ended. Continue from the last checkpoint with: graft resume ${path.basename(options.folder)}\n`,
      );
      return exitCode.stopped;
    }
    return await conclude(end, last, options, io);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

/**
 * Starts a new run of a script, in the current folder, and shows it until it ends. With `json` only what comes of it matters to
 * whoever asks: its progress belongs to people.
 */
export async function superviseNew(
  options: Pick<SuperviseOptions, 'script' | 'engine' | 'purpose' | 'overrides' | 'json' | 'arguments'>,
  io: Io,
): Promise<{ readonly code: number; readonly folder: string }> {
  const workspace = process.cwd();
  const folder = path.join(runsFolder(workspace), newRunId());
  const shown: Io = options.json ? { ...io, out: () => undefined } : io;
  return { code: await supervise({ ...options, folder, workspace, resume: false, json: false }, shown), folder };
}

async function stop(
  folder: string,
  pid: number | undefined,
  interrupts: number,
  say: (text: Shown) => void,
): Promise<void> {
  if (interrupts > 1 && pid !== undefined) {
    try {
      process.kill(pid, interrupts > 2 ? 'SIGKILL' : 'SIGTERM');
    } catch {
      // It has just ended.
    }
    return;
  }
  say(shown`Stopping: the batch is finished and a checkpoint saved. Press Ctrl-C again to stop at once.\n`);
  await readRun(folder)
    .then(
      ({ info }) => sendControl(info, 'stop'),
      () => undefined,
    )
    .catch(() => {
      if (pid !== undefined) process.kill(pid, 'SIGTERM');
    });
}

/** Where in the script, where the message does not say so itself. */
function placeOf({ message, place }: Extract<RunEvent, { type: 'failed' }>): Shown {
  if (place === undefined || message.includes(path.basename(place.file))) return shown``;
  return shown` (${path.basename(place.file)}, line ${place.line})`;
}

async function conclude(
  { code, signal }: { code: number | null; signal: string | null },
  last: RunEvent | undefined,
  { folder }: SuperviseOptions,
  io: Io,
): Promise<number> {
  const id = path.basename(folder);
  if (last?.type === 'done') return exitCode.done;
  if (last?.type === 'stopped') {
    io.error(
      last.checkpoint === undefined
        ? shown`Stopped before training began.\n`
        : shown`Stopped; a checkpoint is saved. Continue with: graft resume ${id}\n`,
    );
    return exitCode.stopped;
  }
  if (last?.type === 'failed') {
    io.error(shown`${shownMessage(last)}${placeOf(last)}\nDetails: ${path.join(folder, 'output.log')}\n`);
    return exitCode.failed;
  }
  const output = await readFile(path.join(folder, 'output.log'), 'utf8').catch(() => '');
  const printed = output.trimEnd().split('\n');
  if (code === cannotOpenRun) {
    io.error(shown`${shownLines(printed.at(-1) ?? '')}\n`);
    return exitCode.failed;
  }
  if (code === cannotWriteRun) {
    io.error(
      shown`The disk is full. Free some space (old runs and the cache are in .graft/), then: graft resume ${id}\n`,
    );
    return exitCode.failed;
  }
  const lines = printed.slice(-5).join('\n');
  const how = signal === null ? `ended with code ${code ?? 'unknown'}` : `was killed (${signal})`;
  io.error(
    shown`The training process ${how}.${shownLines(lines === '' ? '' : `\n${lines}`)}\nContinue from the last checkpoint with: graft resume ${id}\n`,
  );
  return exitCode.failed;
}
