import type { FileHandle } from 'node:fs/promises';

import { longestLine, parseEvent, type BatchEvent, type RunEvent } from '../../protocol/index.js';
import { openRegularFile } from '../../common/read-file.js';

const chunkBytes = 1 << 20;
const newline = 0x0a;
/** `emit` writes the type first: a batch is recognised without being parsed. */
const batchPrefix = Buffer.from('{"type":"batch"');

export interface LogListener {
  /** Whether to parse the batch line that begins at this offset of the file. */
  wantsBatch(offset: number): boolean;
  /** `offset`: where its line begins. */
  onEvent(event: RunEvent, offset: number): void;
  /** The newest of the batches that were not wanted. */
  onSkipped?(event: BatchEvent): void;
}

/**
 * Reads an event log from where it stopped the last time. A log may hold millions of batch events, so lines are told apart
 * by their first bytes and only those that the listener wants are parsed; between two chunks the extension host gets its turn.
 */
export class LogReader {
  #offset: number;
  /** In a line that is longer than any that Graft writes: what is left of it is left out. */
  #skips = false;
  readonly #end: number;

  constructor(
    private readonly file: string,
    private readonly listener: LogListener,
    range: { readonly from?: number; readonly to?: number } = {},
  ) {
    this.#offset = range.from ?? 0;
    this.#end = range.to ?? Infinity;
  }

  /** Where the next line begins. */
  get offset(): number {
    return this.#offset;
  }

  /**
   * Reads the whole lines that are there; half a line stays for the next time. Returns whether there were any.
   * A log that is not there yet is empty.
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
    let buffer = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(4096, (await handle.stat()).size - start)));
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

  /** Passes over the rest of a line that is too long. Returns the number of its bytes. */
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
      const isBatch =
        bytes[start + 9] === 0x62 && // "b": most other lines are told apart by this one byte
        end - start > batchPrefix.length &&
        bytes.compare(batchPrefix, 0, batchPrefix.length, start, start + batchPrefix.length) === 0;
      const offset = this.#offset + start;
      if (!isBatch || this.listener.wantsBatch(offset)) {
        const event = parseEvent(bytes.toString('utf8', start, end));
        if (event !== undefined) this.listener.onEvent(event, offset);
        skippedAt = -1;
      } else {
        skippedAt = start;
        skippedEnd = end;
      }
      start = end + 1;
    }
    const event = skippedAt === -1 ? undefined : parseEvent(bytes.toString('utf8', skippedAt, skippedEnd));
    if (event?.type === 'batch') this.listener.onSkipped?.(event);
    return start;
  }
}
