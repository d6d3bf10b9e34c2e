import type { FileHandle } from 'node:fs/promises';

import { longestLine } from '../protocol/index.js';
import { openRegularFile } from '../common/read-file.js';

const chunkBytes = 1 << 20;
const newline = 0x0a;

/**
 * Reads what was appended to a file since the last call, whole lines only, one at a time: whoever reads holds no more than a line. A line
 * longer than any that Graft writes is left out.
 */
export class Tail {
  #offset: number;
  #rest: Buffer[] = [];
  #restBytes = 0;
  /** In a line that is too long. */
  #skips = false;

  /** @param offset byte to begin at: the start of a line. */
  constructor(
    private readonly file: string,
    offset = 0,
  ) {
    this.#offset = offset;
  }

  /** Skips what is there already. */
  async skip(): Promise<void> {
    await this.#open(async (handle) => {
      this.#offset = (await handle.stat()).size;
    });
    this.#rest = [];
    this.#restBytes = 0;
    this.#skips = false;
  }

  /** A file that is not there, or is none (a folder, a pipe), has no lines. */
  async read(onLine: (line: string) => void): Promise<void> {
    await this.#open(async (handle) => {
      const { size } = await handle.stat();
      const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(0, size - this.#offset)));
      while (this.#offset < size) {
        const { bytesRead } = await handle.read(chunk, 0, Math.min(chunk.length, size - this.#offset), this.#offset);
        if (bytesRead === 0) return;
        this.#offset += bytesRead;
        this.#split(chunk.subarray(0, bytesRead), onLine);
      }
    });
  }

  #split(bytes: Buffer, onLine: (line: string) => void): void {
    let start = 0;
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
      const line = Buffer.concat([...this.#rest, bytes.subarray(start, end)]).toString('utf8');
      if (!this.#skips && line !== '') onLine(line);
      start = end + 1;
      this.#rest = [];
      this.#restBytes = 0;
      this.#skips = false;
    }
    if (start === bytes.length || this.#skips) return;
    // The chunk is written over by the next one.
    this.#rest.push(Buffer.from(bytes.subarray(start)));
    this.#restBytes += bytes.length - start;
    if (this.#restBytes <= longestLine) return;
    this.#rest = [];
    this.#restBytes = 0;
    this.#skips = true;
  }

  async #open(work: (handle: FileHandle) => Promise<void>): Promise<void> {
    const handle = await openRegularFile(this.file).catch(() => undefined);
    if (handle === undefined) return;
    try {
      await work(handle);
    } finally {
      await handle.close();
    }
  }
}

/** The last whole lines of a file, at most `bytes` of them, and the offset after them: for a log that nobody wants to read from its start. */
export async function lastLines(file: string, bytes: number): Promise<{ lines: string[]; offset: number }> {
  const handle = await openRegularFile(file).catch(() => undefined);
  if (handle === undefined) return { lines: [], offset: 0 };
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - bytes);
    const chunk = Buffer.alloc(size - start);
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, start);
    const text = chunk.subarray(0, bytesRead);
    const end = text.lastIndexOf(newline) + 1;
    // What begins in the middle of the file begins in the middle of a line.
    const first = start === 0 ? 0 : text.indexOf(newline) + 1;
    return { lines: linesOf(text.subarray(first, end)), offset: start + end };
  } finally {
    await handle.close();
  }
}

function linesOf(text: Buffer): string[] {
  return text
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
}
