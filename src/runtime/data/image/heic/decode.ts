import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import { GraftError, messageOf } from '../../../../common/errors.js';
import { packageFolder } from '../../../../common/package-folder.js';
import { Budget } from '../budget.js';
import type { HeicAnswer, HeicPixels, HeicTask } from './types.js';

/** A photo of a phone takes a second. What takes this much longer leads the decoder in circles. */
const patience = { seconds: 30, perMegapixel: 4 } as const;
/** A thread that has taken more is ended, as it gives nothing back; and so is one that has had nothing to do for a while. */
const kept = { bytes: 192e6, milliseconds: 10_000 } as const;

const slots = new Budget(Math.min(4, availableParallelism()));
/** With what ends them. */
const idle = new Map<Worker, NodeJS.Timeout>();

/** What a picture's header says: memory and time go by it. */
export interface HeicHeader {
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
  /** More than 8 bits. */
  readonly isDeep: boolean;
}

/** Bytes that the decoder may take: itself, and somewhat more than was measured with all colours (4:4:4). */
export function heicMemory({ width, height, hasAlpha, isDeep }: HeicHeader): number {
  return 48e6 + (hasAlpha ? 12 : 8) * (isDeep ? 2 : 1) * width * height;
}

/**
 * Decodes a HEIC picture in a thread, which is started when it is first needed. As many at once as there are processors.
 *
 * @throws Error that says what is wrong with it.
 */
export async function decodeHeic(
  bytes: Buffer,
  header: HeicHeader,
  seconds = patience.seconds + (patience.perMegapixel * header.width * header.height) / 1e6,
): Promise<HeicPixels> {
  return await slots.spend(1, async () => {
    const worker = waiting() ?? start();
    const answer = await ask(worker, { bytes, memory: heicMemory(header) }, seconds);
    if ('problem' in answer) {
      await worker.terminate();
      throw new Error(answer.problem);
    }
    const { taken, ...picture } = answer;
    if (taken > kept.bytes) await worker.terminate();
    else keep(worker);
    return picture;
  });
}

function waiting(): Worker | undefined {
  const [first] = idle;
  if (first === undefined) return undefined;
  const [worker, timer] = first;
  idle.delete(worker);
  clearTimeout(timer);
  worker.ref();
  return worker;
}

function start(): Worker {
  // What it prints is about damaged files, which are said elsewhere.
  const worker = new Worker(path.join(packageFolder(), 'dist/heic.js'), { stdout: true, stderr: true });
  // Whoever waits for an answer hears of it too.
  worker.on('error', () => idle.delete(worker));
  return worker;
}

function keep(worker: Worker): void {
  worker.unref();
  const end = () => {
    idle.delete(worker);
    void worker.terminate();
  };
  idle.set(worker, globalThis.setTimeout(end, kept.milliseconds).unref());
}

async function ask(worker: Worker, task: HeicTask, seconds: number): Promise<HeicAnswer> {
  const done = new AbortController();
  const { signal } = done;
  const answers = [
    once(worker, 'message', { signal }).then(([answer]) => answer as HeicAnswer),
    once(worker, 'exit', { signal }).then(() => ({ problem: 'the decoder ended' })),
    setTimeout(seconds * 1000, { problem: `not decoded after ${seconds} seconds` }, { signal }),
  ];
  worker.postMessage(task);
  try {
    return await Promise.race(answers);
  } catch (error) {
    const { code } = error as Error & { code?: string };
    if (code?.endsWith('MODULE_NOT_FOUND') !== true) return { problem: messageOf(error) };
    throw new GraftError('The decoder of HEIC pictures is not where it belongs.', {
      action: 'Install Graft again.',
      cause: error,
    });
  } finally {
    done.abort();
  }
}
