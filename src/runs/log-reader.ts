import type { FileHandle } from 'node:fs/promises';

import { openRegularFile } from '../common/read-file.js';
import { longestLine, type BatchEvent, type RunEvent } from '../protocol/index.js';
import { isBatchLine, newline, parseEvent } from './event-codec.js';

const chunkBytes = 1 << 20;

export interface LogListener {
  /** Whether to parse the batch line that begins at this offset of the file. Without it, no batch is. */
  wantsBatch?(offset: number): boolean;
  /** `offset`: where its line begins. */
  onEvent(event: RunEvent, offset: number): void;
  /** The newest of the batches that were not wanted. */
  onSkipped?(event: BatchEvent): void;
}

interface Range {
  readonly from?: number;
  readonly to?: number;
  /** `from` is in the middle of a line. */
  readonly partial?: boolean;
}

/**
 * Reads an event log from where it stopped the last time: whoever reads holds no more than a chunk. A log may hold millions of batch events,
 * so lines are told apart by their first bytes and only those that the listener wants are parsed; between two chunks the process gets its
 * turn.
 */
export class LogReader {
  #offset: number;
  /** In a line that is longer than any that Graft writes, or that was not read from its start: what is left of it is left out. */
  #skips: boolean;
  readonly #end: number;

  constructor(
    private readonly file: string,
    private readonly listener: LogListener,
    { from = 0, to = Infinity, partial = false }: Range = {},
  ) {
    this.#offset = from;
    this.#end = to;
    this.#skips = partial;
  }

  /** Reads the last bytes of what is there, whole lines only; with 0 only what comes after it. */
  static async near(file: string, listener: LogListener, bytes = 0): Promise<LogReader> {
    const handle = await openRegularFile(file).catch(() => undefined);
    if (handle === undefined) return new LogReader(file, listener);
    try {
      const from = Math.max(0, (await handle.stat()).size - bytes);
      const before = from === 0 ? newline : (await handle.read(Buffer.alloc(1), 0, 1, from - 1)).buffer[0];
      return new LogReader(file, listener, { from, partial: before !== newline });
    } finally {
      await handle.close();
    }
  }

  /** Where the next line begins. */
  get offset(): number {
    return this.#offset;
  }

  /**
   * Reads the whole lines that are there; half a line stays for the next time. Returns whether there were any.
   * A log that is not there yet is empty; what is no file (a folder, a pipe) has no lines.
   */
  async read(isCancelled: () => boolean = () => false): Promise<boolean> {
    const handle = await openRegularFile(this.file).catch(() => undefined);
    if (handle === undefined) return false;
    try {
      return await this.#readChunks(handle, isCancelled);
    } finally {
      await handle.close();
    }
  }

  async #readChunks(handle: FileHandle, isCancelled: () => boolean): Promise<boolean> {
    const start = this.#offset;
    const { size } = await handle.stat();
    if (size <= start) return false;
    let buffer = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(4096, size - start)));
    while (!isCancelled() && this.#offset < this.#end) {
      const wanted = Math.min(buffer.length, this.#end - this.#offset);
      const { bytesRead } = await handle.read(buffer, 0, wanted, this.#offset);
      const bytes = buffer.subarray(0, bytesRead);
      const used = this.#skips ? this.#skip(bytes) : this.#scan(bytes);
      this.#offset += used;
      if (bytesRead < wanted && (used === 0 || used === bytesRead)) break;
      // A line longer than the buffer (thousands of skipped files).
      if (used > 0) continue;
      if (buffer.length > longestLine) this.#skips = true;
      else buffer = Buffer.allocUnsafe(buffer.length * 2);
    }
    return this.#offset > start;
  }

  /** Passes over the rest of a line. Returns the number of its bytes. */
  #skip(bytes: Buffer): number {
    const end = bytes.indexOf(newline);
    this.#skips = end === -1;
    return end === -1 ? bytes.length : end + 1;
  }

  /** Returns the number of bytes in whole lines. */
  #scan(bytes: Buffer): number {
    let start = 0;
    let skippedAt = -1;
    let skippedEnd = -1;
    while (start < bytes.length) {
      const end = bytes.indexOf(newline, start);
      if (end === -1) break;
      const offset = this.#offset + start;
      if (!isBatchLine(bytes, start, end) || this.listener.wantsBatch?.(offset) === true) {
        const event = parseEvent(bytes.toString('utf8', start, end));
        if (event !== undefined) this.listener.onEvent(event, offset);
        skippedAt = -1;
      } else {
        skippedAt = start;
        skippedEnd = end;
      }
      start = end + 1;
    }
    const event =
      skippedAt === -1 || this.listener.onSkipped === undefined
        ? undefined
        : parseEvent(bytes.toString('utf8', skippedAt, skippedEnd));
    if (event?.type === 'batch') this.listener.onSkipped?.(event);
    return start;
  }
}
