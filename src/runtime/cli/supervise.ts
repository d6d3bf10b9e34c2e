import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import type { RunEvent } from '../../protocol/index.js';
import { exitCode } from '../../common/errors.js';
import { lastLines } from '../../runs/last-lines.js';
import { cannotOpenRun, cannotWriteRun, type Launched } from '../../runs/launchers/launch.js';
import { launchTraining } from '../../runs/launchers/local.js';
import type { Assignment } from '../../runs/launchers/training-arguments.js';
import { LogReader } from '../../runs/log-reader.js';
import { readInfo } from '../../runs/read.js';
import { logFile, newRunId, outputFile, runsFolder } from '../../runs/run-folder.js';
import { stopRun, type Stopped } from '../../runs/stop.js';
import { shown, shownJson, shownLines, shownMessage, type Io, type Shown } from './io.js';
import { EventPrinter } from './show.js';

/** What Node prints before it ends, where it gets no more memory. */
const outOfMemory = /Fatal process OOM|JavaScript heap out of memory|std::bad_alloc/;

interface SuperviseOptions extends Assignment {
  /** Events as NDJSON instead of text for people. */
  readonly json: boolean;
}

/** Starts a training process and shows it until it ends; Ctrl-C asks it to stop. Returns the exit code. */
export async function supervise(options: SuperviseOptions, io: Io): Promise<number> {
  const { json, ...assignment } = options;
  const { folder } = assignment;
  const printer = new EventPrinter(io, path.basename(folder));
  let last: RunEvent | undefined;
  const onEvent = (event: RunEvent) => {
    last = event;
    if (json) io.out(shownJson(event));
    else printer.show(event);
  };
  const log = await LogReader.near(logFile(folder), { wantsBatch: () => true, onEvent });
  const program = fileURLToPath(new URL('./train.js', import.meta.url));
  const child = launchTraining({ ...assignment, program, node: process.execPath });
  const state = { ended: false };
  const ended = child.ended.finally(() => (state.ended = true));
  const interrupts = new Interrupts(ended);
  let stopped: Promise<Stopped> | undefined;
  const interrupt = () => {
    interrupts.add();
    stopped ??= stopByKeys(folder, child, interrupts, (text) => {
      printer.end();
      io.error(text);
    });
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    while (!state.ended) {
      await log.read();
      await Promise.race([ended.catch(() => undefined), sleep(100)]);
    }
    const forced = (await stopped)?.forced === true;
    await log.read();
    printer.end();
    const end = await ended;
    if (forced) {
      io.error(
        shown`The training did not answer, so its process was ended. Continue from the last checkpoint with: graft resume ${path.basename(folder)}\n`,
      );
      return exitCode.stopped;
    }
    return await conclude(end, last, options, io);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

/** How often Ctrl-C was pressed, for whoever waits for the next time. */
class Interrupts {
  #count = 0;
  #waiting: (() => void) | undefined;

  constructor(private readonly ended: Promise<unknown>) {}

  add(): void {
    this.#count++;
    this.#waiting?.();
  }

  /** Whether the training ends before there have been more than so many. */
  async endsBefore(count: number): Promise<boolean> {
    const isOver = this.ended.then(
      () => true,
      () => true,
    );
    const next = new Promise<boolean>((resolve) => {
      const look = () => {
        if (this.#count > count) resolve(false);
      };
      this.#waiting = look;
      look();
    });
    return await Promise.race([isOver, next]);
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

async function stopByKeys(
  folder: string,
  child: Launched,
  interrupts: Interrupts,
  say: (text: Shown) => void,
): Promise<Stopped> {
  say(shown`Stopping: the batch is finished and a checkpoint saved. Press Ctrl-C again to stop at once.\n`);
  const info = await readInfo(folder).catch(() => undefined);
  const presses = { ask: 1, terminate: 2, kill: 3 };
  return await stopRun({ folder, info, child }, (step) => interrupts.endsBefore(presses[step]));
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
  const printed = await lastLines(outputFile(folder), 65_536);
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
