import { randomBytes } from 'node:crypto';
import { lstat, readdir, rm, utimes, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

import { GraftError } from '../../common/errors.js';
import { describeWriteError, makeFolder, writeAtomic } from '../../common/files.js';
import { openRegularFile } from '../../common/read-file.js';
import { clearAbandoned } from '../run/leftovers.js';
import {
  checksum,
  encodeShard,
  lengthOf,
  readIndex,
  type OpenShapes,
  type ShardEntry,
  type ShardRecord,
  type Shapes,
  type TapRecord,
} from './shard.js';

const shardBytes = 64 << 20;
const shardName = /^[0-9a-z]+-[0-9a-f]{12}\.shard$/;

type Location = ShardEntry & { readonly handle: FileHandle };

/**
 * Activations of one prefix on disk: float32 records, each with the shapes of its taps, under string keys.
 *
 * A shard is one file that is renamed into place, so it is either whole or absent, and several processes may add shards to the
 * same folder. Whatever is read is compared with its checksum; what does not match is forgotten and computed again.
 */
export class ActivationCache {
  readonly #locations = new Map<string, Location>();
  readonly #handles: FileHandle[] = [];
  #pending: ShardRecord[] = [];
  #pendingBytes = 0;

  private constructor(
    private readonly folder: string,
    private readonly tapShapes: OpenShapes,
  ) {}

  /** @param folder made if absent; its name should be the hash of everything that decides the records besides their keys. */
  static async open(folder: string, tapShapes: OpenShapes): Promise<ActivationCache> {
    const cache = new ActivationCache(folder, tapShapes);
    await makeFolder(folder).catch((error: unknown) => {
      const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
      throw isThere ? notAFolder(folder) : describeWriteError(folder, error);
    });
    // Files are deleted below it: a link would lead out of the cache.
    if (!(await lstat(folder)).isDirectory()) throw notAFolder(folder);
    // The least recently used folders are evicted first.
    const now = new Date();
    await utimes(folder, now, now).catch(() => undefined);
    await clearAbandoned(folder);
    for (const name of (await readdir(folder)).sort())
      if (shardName.test(name)) await cache.#addShard(path.join(folder, name));
    return cache;
  }

  has(key: string): boolean {
    return this.#locations.has(key);
  }

  /** Shapes of the taps of a record that is there. */
  shapesOf(key: string): Shapes | undefined {
    return this.#locations.get(key)?.shapes;
  }

  /**
   * Reads one record into `target` at `offset` (floats). False means that it is not there, or damaged or unreadable and now
   * forgotten.
   */
  async read(key: string, target: Float32Array, offset: number): Promise<boolean> {
    const location = this.#locations.get(key);
    if (location === undefined) return false;
    const record = target.subarray(offset, offset + lengthOf(location.shapes));
    const view = new Uint8Array(record.buffer, record.byteOffset, record.byteLength);
    const bytesRead = await location.handle.read(view, 0, view.length, location.position).then(
      (result) => result.bytesRead,
      () => 0,
    );
    if (bytesRead === view.length && checksum(key, record) === location.checksum) return true;
    this.#locations.delete(key);
    return false;
  }

  /** Adds a record; it outlives this process when `flush` has resolved. */
  async add(key: string, taps: TapRecord): Promise<void> {
    this.#pending.push({ key, taps });
    this.#pendingBytes += taps.data.byteLength;
    if (this.#pendingBytes >= shardBytes) await this.flush();
  }

  async flush(): Promise<void> {
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    this.#pendingBytes = 0;
    const file = path.join(this.folder, `${Date.now().toString(36)}-${randomBytes(6).toString('hex')}.shard`);
    // After a power cut the checksums tell what is missing, and nobody waits for a slow disk until then.
    await writeAtomic(file, encodeShard(path.basename(this.folder), pending), { sync: false });
    await this.#addShard(file);
  }

  async close(): Promise<void> {
    await Promise.all(this.#handles.map((handle) => handle.close()));
    this.#handles.length = 0;
    this.#locations.clear();
  }

  async #addShard(file: string): Promise<void> {
    const handle = await openRegularFile(file).catch(() => undefined);
    if (handle === undefined) return;
    try {
      const entries = await readIndex(handle, path.basename(this.folder), this.tapShapes);
      this.#handles.push(handle);
      for (const entry of entries) this.#locations.set(entry.key, { ...entry, handle });
    } catch {
      // Not whole: worth nothing, and computed again.
      await handle.close();
      await rm(file, { force: true }).catch(() => undefined);
    }
  }
}

function notAFolder(folder: string): GraftError {
  return new GraftError(`${folder} is a link or a file, where a folder of the cache belongs.`, {
    action: 'Delete it, then try again.',
  });
}
