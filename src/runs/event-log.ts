import { closeSync, fstatSync, readSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describeWriteError, openToAppend } from '../common/files.js';
import { logFile } from './run-folder.js';
import { formatEvent, newline, type NewEvent } from './event-codec.js';

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
  /** Whether half a line may be the last in the file. */
  #torn = false;
  #closed = false;

  constructor(folder: string) {
    this.#reserve = path.join(folder, 'reserve');
    const file = logFile(folder);
    try {
      // Not through a link that stands there.
      rmSync(this.#reserve, { force: true });
      writeFileSync(this.#reserve, Buffer.alloc(reserveBytes, 32), { flag: 'wx' });
      this.#descriptor = openToAppend(file);
      // A process that was killed while writing leaves half a line; it must not swallow the next one.
      const { size } = fstatSync(this.#descriptor);
      const last = Buffer.alloc(1);
      this.#torn = size > 0 && readSync(this.#descriptor, last, 0, 1, size - 1) === 1 && last[0] !== newline;
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
    const line = formatEvent(event, time);
    try {
      this.#append(line);
    } catch (error) {
      rmSync(this.#reserve, { force: true });
      if (event.type === 'failed' || event.type === 'stopped') this.#append(line);
      else throw describeWriteError('events.ndjson', error);
    }
  }

  /** All of it, or an error: the last bytes of a disk take half a line, and the system does not call that one. */
  #append(line: string): void {
    const text = Buffer.from(this.#torn ? `\n${line}` : line);
    this.#torn = true;
    writeFileSync(this.#descriptor, text);
    this.#torn = false;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#descriptor);
    rmSync(this.#reserve, { force: true });
  }
}
