import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import {
  parseEvent,
  type EngineName,
  type RunEvent,
  type RunOverrides,
  type RunPurpose,
} from '../../protocol/index.js';
import { exitCode } from '../../common/errors.js';
import {
  cannotOpenRun,
  cannotWriteRun,
  launchTraining,
  type Launched,
  type LaunchOptions,
} from '../../runs/launchers/local.js';
import { sendControl } from '../../runs/control/client.js';
import { writeForcedEnd } from '../../runs/forced-end.js';
import { readInfo } from '../../runs/read.js';
import { newRunId, runsFolder } from '../../runs/run-folder.js';
import { lastLines, Tail } from '../../runs/tail.js';
import { shown, shownJson, shownLines, shownMessage, type Io, type Shown } from './io.js';
import { EventPrinter } from './show.js';

/** What Node prints before it ends, where it gets no more memory. */
const outOfMemory = /Fatal process OOM|JavaScript heap out of memory|std::bad_alloc/;

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
  const printer = new EventPrinter(io, path.basename(options.folder));
  let last: RunEvent | undefined;
  const drain = async () => {
    await tail.read((line) => {
      const event = parseEvent(line);
      if (event === undefined) return;
      last = event;
      if (options.json) io.out(shownJson(event));
      else printer.show(event);
    });
  };

  let interrupts = 0;
  const interrupt = () => {
    interrupts++;
    void stop(options.folder, child, interrupts, (text) => {
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

async function stop(folder: string, child: Launched, interrupts: number, say: (text: Shown) => void): Promise<void> {
  if (interrupts > 1) {
    child.signal(interrupts > 2 ? 'SIGKILL' : 'SIGTERM');
    return;
  }
  say(shown`Stopping: the batch is finished and a checkpoint saved. Press Ctrl-C again to stop at once.\n`);
  await readInfo(folder)
    .then(
      (info) => sendControl(folder, info, 'stop'),
      () => undefined,
    )
    .catch(() => {
      child.signal('SIGTERM');
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
  if (last !== undefined && !existsSync(path.join(folder, 'run.json'))) {
    io.error(
      shown`The run's folder ${folder} was deleted while it ran, so nothing of it is kept. Run its script again.\n`,
    );
    return exitCode.failed;
  }
  const { lines: printed } = await lastLines(path.join(folder, 'output.log'), 65_536);
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
  if (printed.some((line) => outOfMemory.test(line))) {
    io.error(
      shown`The training process found no more memory. Close other programs, raise the limit on its memory (ulimit -v), or train with a smaller batch or smaller pictures; then: graft resume ${id}\n`,
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
