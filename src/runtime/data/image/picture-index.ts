import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import { writeAtomic } from '../../../common/files.js';
import { sha256 } from '../../../common/hash.js';
import { readJsonFile } from '../../../common/read-file.js';
import { formats } from './formats.js';
import type { PictureFacts } from './picture.js';

interface Entry extends PictureFacts {
  /** Length, times of change, number of the file: what differs when another content is there. */
  readonly stamp: string;
}

/** A file that changed this recently may change again within the resolution of its time stamp: it is not remembered. */
const settledMs = 2_000;
const version = 2;

/**
 * Remembers hash and size of picture files by path, length, times of change and inode, as git does: the second look at a
 * folder reads no picture. A damaged index is no index.
 */
export class PictureIndex {
  readonly #seen = new Map<string, Entry>();

  private constructor(
    private readonly file: string,
    private readonly known: ReadonlyMap<string, Entry>,
  ) {}

  /** @param name of the data set. */
  static async open(folder: string, name: string): Promise<PictureIndex> {
    const file = path.join(folder, `${sha256(name).slice(0, 16)}.json`);
    return new PictureIndex(file, await readEntries(file));
  }

  /**
   * Deletes the indexes in a folder: something in one of them is not so, although the file looks as it did. Only what is named like
   * an index is deleted.
   */
  static async forget(folder: string): Promise<void> {
    for (const name of await readdir(folder).catch(() => []))
      if (/^[0-9a-f]{16}\.json$/.test(name)) await rm(path.join(folder, name), { force: true }).catch(() => undefined);
  }

  /** What is known of the file if it has not changed; otherwise what `look` finds, kept for the next time. */
  async facts(file: string, look: () => Promise<PictureFacts>): Promise<PictureFacts> {
    const before = await stampOf(file);
    const known = this.known.get(file);
    if (before !== undefined && known?.stamp === before.stamp) {
      this.#seen.set(file, known);
      return known;
    }
    const { hash, format, width, height } = await look();
    if (before?.settled === true) this.#seen.set(file, { hash, format, width, height, stamp: before.stamp });
    return { hash, format, width, height };
  }

  /** Writes what was seen this time: files that are gone are forgotten. Without the right to write, nothing is kept. */
  async save(): Promise<void> {
    const same =
      this.#seen.size === this.known.size && [...this.#seen].every(([file, e]) => this.known.get(file) === e);
    if (same) return;
    const rows = [...this.#seen].map(([file, e]) => [file, e.stamp, e.hash, e.format, e.width, e.height]);
    await writeAtomic(this.file, JSON.stringify({ version, checksum: checksumOf(rows), rows })).catch(() => undefined);
  }
}

async function stampOf(file: string): Promise<{ stamp: string; settled: boolean } | undefined> {
  return await stat(file, { bigint: true }).then(
    ({ size, mtimeNs, ctimeNs, ino, mtimeMs, ctimeMs }) => ({
      stamp: [size, mtimeNs, ctimeNs, ino].join(' '),
      settled: Date.now() - Number(mtimeMs > ctimeMs ? mtimeMs : ctimeMs) > settledMs,
    }),
    () => undefined,
  );
}

async function readEntries(file: string): Promise<Map<string, Entry>> {
  const none = new Map<string, Entry>();
  try {
    const index = (await readJsonFile(file)) as { version?: unknown; checksum?: unknown; rows?: unknown };
    if (index.version !== version || index.checksum !== checksumOf(index.rows) || !Array.isArray(index.rows))
      return none;
    const entries = (index.rows as readonly unknown[]).map(parseRow);
    return entries.includes(undefined) ? none : new Map(entries.filter((entry) => entry !== undefined));
  } catch {
    // None yet, or not readable.
    return none;
  }
}

function parseRow(row: unknown): [string, Entry] | undefined {
  if (!Array.isArray(row)) return undefined;
  const [file, stamp, hash, name, width, height] = row as readonly unknown[];
  const format = formats.find((one) => one.name === name)?.name;
  if (typeof file !== 'string' || typeof stamp !== 'string' || format === undefined) return undefined;
  if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash) || !isSide(width) || !isSide(height)) return undefined;
  return [file, { stamp, hash, format, width, height }];
}

function isSide(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

/** Against damage, not against forgery: a wrong hash is noticed when the picture is decoded. */
function checksumOf(rows: unknown): string {
  return sha256(JSON.stringify(rows));
}
