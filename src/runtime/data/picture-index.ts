import { readFile, stat } from 'node:fs/promises';

import { writeAtomic } from '../files.js';

/** What is known of a picture file without reading it again. */
export interface PictureFacts {
  /** SHA-256 (hex) of the content. */
  readonly hash: string;
  /** Pixels, upright. */
  readonly width: number;
  readonly height: number;
}

interface Stamp {
  readonly size: number;
  readonly mtimeMs: number;
}

type Entry = PictureFacts & Stamp;

/** A file that changed this recently may change again within the resolution of its time stamp: it is not remembered. */
const settledMs = 2_000;

/**
 * Remembers hash and size of picture files by path, length and time of change, as make and git do: the second look at a
 * folder reads no picture. A damaged index is no index.
 */
export class PictureIndex {
  readonly #seen = new Map<string, Entry>();

  private constructor(
    private readonly file: string,
    private readonly known: ReadonlyMap<string, Entry>,
  ) {}

  static async open(file: string): Promise<PictureIndex> {
    return new PictureIndex(file, await readEntries(file));
  }

  /** What is known of the file if it has not changed; otherwise what `look` finds, kept for the next time. */
  async facts(file: string, look: () => Promise<PictureFacts>): Promise<PictureFacts> {
    const before = await stampOf(file);
    const known = this.known.get(file);
    if (before !== undefined && known?.size === before.size && known.mtimeMs === before.mtimeMs) {
      this.#seen.set(file, known);
      return known;
    }
    const { hash, width, height } = await look();
    if (before !== undefined && Date.now() - before.mtimeMs > settledMs)
      this.#seen.set(file, { hash, width, height, ...before });
    return { hash, width, height };
  }

  /** Writes what was seen this time: files that are gone are forgotten. Without the right to write, nothing is kept. */
  async save(): Promise<void> {
    const same =
      this.#seen.size === this.known.size && [...this.#seen].every(([file, e]) => this.known.get(file) === e);
    if (same) return;
    const rows = [...this.#seen].map(([file, e]) => [file, e.size, e.mtimeMs, e.hash, e.width, e.height]);
    await writeAtomic(this.file, JSON.stringify({ version: 1, rows })).catch(() => undefined);
  }
}

async function stampOf(file: string): Promise<Stamp | undefined> {
  return await stat(file).then(
    ({ size, mtimeMs }) => ({ size, mtimeMs }),
    () => undefined,
  );
}

async function readEntries(file: string): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  try {
    const { version, rows } = JSON.parse(await readFile(file, 'utf8')) as { version?: unknown; rows?: unknown };
    if (version !== 1 || !Array.isArray(rows)) return entries;
    for (const row of rows as readonly (readonly unknown[])[]) {
      const [name, size, mtimeMs, hash, width, height] = row;
      if (typeof name !== 'string' || typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash)) continue;
      const numbers = [size, mtimeMs, width, height].map(Number);
      const [bytes = NaN, time = NaN, w = NaN, h = NaN] = numbers;
      if (numbers.every(Number.isFinite)) entries.set(name, { size: bytes, mtimeMs: time, hash, width: w, height: h });
    }
  } catch {
    // None yet, or not readable.
  }
  return entries;
}
