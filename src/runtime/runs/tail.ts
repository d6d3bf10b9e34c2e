import { open, stat } from 'node:fs/promises';

/** Reads what was appended to a file since the last call, whole lines only. */
export class Tail {
  #offset: number;
  #rest = Buffer.alloc(0);

  /** @param offset byte to begin at: the start of a line. */
  constructor(
    private readonly file: string,
    offset = 0,
  ) {
    this.#offset = offset;
  }

  /** Skips what is there already. */
  async skip(): Promise<void> {
    this.#offset = await sizeOf(this.file);
    this.#rest = Buffer.alloc(0);
  }

  async read(): Promise<string[]> {
    const handle = await open(this.file).catch(() => undefined);
    if (handle === undefined) return [];
    try {
      const { size } = await handle.stat();
      if (size <= this.#offset) return [];
      const chunk = Buffer.alloc(size - this.#offset);
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, this.#offset);
      this.#offset += bytesRead;
      const text = Buffer.concat([this.#rest, chunk.subarray(0, bytesRead)]);
      const end = text.lastIndexOf(0x0a) + 1;
      this.#rest = text.subarray(end);
      return linesOf(text.subarray(0, end));
    } finally {
      await handle.close();
    }
  }
}

/** The last whole lines of a file, at most `bytes` of them, and the offset after them: for a log that nobody wants to read from its start. */
export async function lastLines(file: string, bytes: number): Promise<{ lines: string[]; offset: number }> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return { lines: [], offset: 0 };
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - bytes);
    const chunk = Buffer.alloc(size - start);
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, start);
    const text = chunk.subarray(0, bytesRead);
    const end = text.lastIndexOf(0x0a) + 1;
    // What begins in the middle of the file begins in the middle of a line.
    const first = start === 0 ? 0 : text.indexOf(0x0a) + 1;
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

async function sizeOf(file: string): Promise<number> {
  return await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
