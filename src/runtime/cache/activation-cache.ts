import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

import { describeWriteError, writeAtomic } from '../files.js';

const shardBytes = 64 << 20;

interface Shard {
  readonly name: string;
  readonly handle: FileHandle;
}

interface Location {
  readonly shard: Shard;
  readonly index: number;
  readonly checksum: number;
}

/**
 * Activations of one prefix on disk: fixed-size float32 records under string keys.
 *
 * A shard is a data file and an index; the index is renamed into place last, so a shard is either whole or absent, and
 * several processes may add shards to the same folder. Every record carries a checksum; a record that does not match is
 * forgotten and computed again.
 */
export class ActivationCache {
  readonly #locations = new Map<string, Location>();
  readonly #shards: Shard[] = [];
  #pending: { key: string; record: Float32Array }[] = [];

  private constructor(
    private readonly folder: string,
    /** Floats in a record. */
    readonly recordLength: number,
  ) {}

  /** @param folder made if absent; its name should be the hash of everything that decides the records besides their keys. */
  static async open(folder: string, recordLength: number): Promise<ActivationCache> {
    const cache = new ActivationCache(folder, recordLength);
    await mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw describeWriteError(folder, error);
    });
    // The least recently used folders are evicted first.
    await writeFile(path.join(folder, 'used'), '').catch(() => undefined);
    for (const name of (await readdir(folder)).sort())
      if (name.endsWith('.json')) await cache.#addShard(name.slice(0, -5));
    return cache;
  }

  has(key: string): boolean {
    return this.#locations.has(key);
  }

  /**
   * Reads one record into `target` at `offset` (floats). With `verify`, checks it first: false means that it was
   * corrupt or unreadable, and is now forgotten.
   */
  async read(key: string, target: Float32Array, offset: number, verify: boolean): Promise<boolean> {
    const location = this.#locations.get(key);
    if (location === undefined) return false;
    const bytes = this.recordLength * 4;
    const view = new Uint8Array(target.buffer, target.byteOffset + offset * 4, bytes);
    const { bytesRead } = await location.shard.handle.read(view, 0, bytes, location.index * bytes);
    if (
      bytesRead === bytes &&
      (!verify || checksum(target.subarray(offset, offset + this.recordLength)) === location.checksum)
    )
      return true;
    this.#locations.delete(key);
    return false;
  }

  /** Adds a record; it outlives this process when `flush` has resolved. */
  async add(key: string, record: Float32Array): Promise<void> {
    this.#pending.push({ key, record });
    if (this.#pending.length * this.recordLength * 4 >= shardBytes) await this.flush();
  }

  async flush(): Promise<void> {
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    const name = `${Date.now().toString(36)}-${randomBytes(6).toString('hex')}`;
    const data = path.join(this.folder, `${name}.bin`);
    try {
      const temporary = `${data}.tmp`;
      const handle = await open(temporary, 'wx');
      try {
        // Not synced: after a power cut the checksums tell what is missing, and nobody waits for a slow disk until then.
        for (const { record } of pending)
          await handle.writeFile(new Uint8Array(record.buffer, record.byteOffset, record.byteLength));
      } finally {
        await handle.close();
      }
      await rename(temporary, data);
    } catch (error) {
      await rm(`${data}.tmp`, { force: true }).catch(() => undefined);
      throw describeWriteError(data, error);
    }
    const index = {
      recordLength: this.recordLength,
      keys: pending.map(({ key }) => key),
      checksums: pending.map(({ record }) => checksum(record)),
    };
    await writeAtomic(path.join(this.folder, `${name}.json`), JSON.stringify(index));
    await this.#addShard(name);
  }

  async close(): Promise<void> {
    await Promise.all(this.#shards.map(({ handle }) => handle.close()));
    this.#shards.length = 0;
    this.#locations.clear();
  }

  async #addShard(name: string): Promise<void> {
    const data = path.join(this.folder, `${name}.bin`);
    try {
      const index = parseIndex(await readFile(path.join(this.folder, `${name}.json`), 'utf8'));
      const handle = await open(data);
      if (
        index.recordLength !== this.recordLength ||
        (await handle.stat()).size !== index.keys.length * this.recordLength * 4
      ) {
        await handle.close();
        throw new Error('size');
      }
      const shard = { name, handle };
      this.#shards.push(shard);
      index.keys.forEach((key, i) => this.#locations.set(key, { shard, index: i, checksum: index.checksums[i] ?? 0 }));
    } catch {
      // Not whole: worth nothing, and computed again.
      await Promise.all([rm(data, { force: true }), rm(path.join(this.folder, `${name}.json`), { force: true })]).catch(
        () => undefined,
      );
    }
  }
}

/**
 * Deletes whole prefix folders, least recently used first, until `root` holds at most `limit` bytes. Never deletes `keep`.
 * Returns the bytes that are left.
 */
export async function evict(root: string, limit: number, keep: string): Promise<number> {
  const folders = await Promise.all(
    (await readdir(root).catch(() => [])).map(async (name) => {
      const folder = path.join(root, name);
      const files = await readdir(folder).catch(() => []);
      const sizes = await Promise.all(
        files.map((file) =>
          stat(path.join(folder, file)).then(
            ({ size }) => size,
            () => 0,
          ),
        ),
      );
      const used = await stat(path.join(folder, 'used')).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      );
      return { folder, used, bytes: sizes.reduce((sum, size) => sum + size, 0) };
    }),
  );
  let total = folders.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { folder, bytes } of folders.sort((a, b) => a.used - b.used)) {
    if (total <= limit) break;
    if (path.basename(folder) === keep) continue;
    await rm(folder, { recursive: true, force: true });
    total -= bytes;
  }
  return total;
}

/** FNV-1a over 32-bit words: finds damaged records at about a gigabyte per second; not meant against forgery. */
export function checksum(record: Float32Array): number {
  const words = new Uint32Array(record.buffer, record.byteOffset, record.length);
  let hash = 0x811c9dc5;
  for (const word of words) hash = Math.imul(hash ^ word, 0x01000193);
  return hash >>> 0;
}

function parseIndex(text: string): { recordLength: number; keys: string[]; checksums: number[] } {
  const value = JSON.parse(text) as { recordLength?: unknown; keys?: unknown; checksums?: unknown };
  const { recordLength, keys, checksums } = value;
  if (
    typeof recordLength !== 'number' ||
    !Array.isArray(keys) ||
    !Array.isArray(checksums) ||
    keys.length !== checksums.length
  ) {
    throw new Error('not an index');
  }
  return { recordLength, keys: keys as string[], checksums: checksums as number[] };
}
