import { closeSync, fstatSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';

import { longestSentence, type RunEvent } from '../protocol/index.js';
import { describeWriteError, openToAppend } from '../common/files.js';

/** An event without its time, which the log adds. */
export type NewEvent = RunEvent extends infer Event ? (Event extends RunEvent ? Omit<Event, 'time'> : never) : never;

const throttleMs = 100;
const reserveBytes = 16_384;

/**
 * Appends events to `events.ndjson`. Batch and progress events are throttled to about 10 a second, per phase or stage.
 *
 * A small `reserve` file is given up when the disk is full, so that the run can still say why it ended.
 */
export class EventLog {
  readonly #descriptor: number;
  readonly #reserve: string;
  readonly #lastTimes = new Map<string, number>();
  #closed = false;

  constructor(folder: string) {
    this.#reserve = path.join(folder, 'reserve');
    const file = path.join(folder, 'events.ndjson');
    try {
      // Not through a link that stands there.
      rmSync(this.#reserve, { force: true });
      writeFileSync(this.#reserve, Buffer.alloc(reserveBytes, 32), { flag: 'wx' });
      this.#descriptor = openToAppend(file);
      // A process that was killed while writing leaves half a line; it must not swallow the next one.
      const { size } = fstatSync(this.#descriptor);
      const last = Buffer.alloc(1);
      if (size > 0 && readSync(this.#descriptor, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a)
        writeSync(this.#descriptor, '\n');
    } catch (error) {
      throw describeWriteError(file, error);
    }
  }

  emit(event: NewEvent): void {
    if (this.#closed) return;
    const time = Date.now();
    if (event.type === 'batch' || event.type === 'progress') {
      const key = event.type === 'batch' ? 'batch' : event.phase;
      const last = event.type === 'batch' ? event.step === event.steps : event.done === event.total;
      if (!last && time - (this.#lastTimes.get(key) ?? 0) < throttleMs) return;
      this.#lastTimes.set(key, time);
    }
    const line = `${JSON.stringify({ ...event, time }, shorten)}\n`;
    try {
      writeSync(this.#descriptor, line);
    } catch (error) {
      rmSync(this.#reserve, { force: true });
      if (event.type === 'failed' || event.type === 'stopped') writeSync(this.#descriptor, `\n${line}`);
      else throw describeWriteError('events.ndjson', error);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#descriptor);
    rmSync(this.#reserve, { force: true });
  }
}

/** Readers refuse an event with a longer text; what a library said may be. */
function shorten(_: string, value: unknown): unknown {
  return typeof value === 'string' && value.length > longestSentence
    ? `${value.slice(0, longestSentence - 1)}…`
    : value;
}
