import { closeSync, fstatSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
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
      if (size > 0 && readSync(this.#descriptor, last, 0, 1, size - 1) === 1 && last[0] !== newline)
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
    const line = formatEvent(event, time);
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
