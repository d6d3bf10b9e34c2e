import type { FileHandle } from 'node:fs/promises';

import { sha256, sha256Bytes } from '../../common/hash.js';
import { parseJson } from '../../common/read-file.js';

/**
 * A shard file: the magic, the length of the index, the index's SHA-256, the index (JSON), the records. Each record has a checksum
 * over its key and its content in the index, so that no byte of the file is believed unchecked. The index names the prefix, too: the
 * same keys are in the shards of every prefix, and a whole shard in another's folder is none.
 */
const magic = Buffer.from('graftac2', 'latin1');
const headBytes = magic.length + 8 + 32;
/** Far more than that of a shard of the smallest records. */
const maxIndexBytes = 256 << 20;

export interface ShardRecord {
  readonly key: string;
  readonly record: Float32Array;
}

export interface ShardEntry {
  readonly key: string;
  /** Byte in the file at which the record begins. */
  readonly position: number;
  readonly checksum: string;
}

interface ShardIndex {
  readonly prefix?: unknown;
  readonly recordLength?: unknown;
  readonly records?: unknown;
}

/** The parts of a shard file, in their order. All records have `recordLength` floats. */
export function encodeShard(prefix: string, recordLength: number, records: readonly ShardRecord[]): Uint8Array[] {
  const index = Buffer.from(
    JSON.stringify({
      prefix,
      recordLength,
      records: records.map(({ key, record }) => [key, checksum(key, record)]),
    }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(index.length));
  return [magic, length, sha256Bytes(index), index, ...records.map(({ record }) => bytesOf(record))];
}

/** Where a shard's records are. @throws Error when the file is not a whole shard of such records of this prefix. */
export async function readIndex(handle: FileHandle, prefix: string, recordLength: number): Promise<ShardEntry[]> {
  const { size } = await handle.stat();
  const head = await readExactly(handle, 0, headBytes);
  const length = Number(head.readBigUInt64LE(magic.length));
  if (!head.subarray(0, magic.length).equals(magic) || length > Math.min(size - headBytes, maxIndexBytes))
    throw new Error('it is no shard');
  const index = await readExactly(handle, headBytes, length);
  if (!sha256Bytes(index).equals(head.subarray(magic.length + 8)))
    throw new Error('its index does not match its checksum');
  const value = parseJson(index.toString('utf8'), 'its index') as ShardIndex;
  if (value.prefix !== prefix) throw new Error('it belongs to another prefix');
  const entries = parseIndex(value, recordLength, headBytes + length);
  if (size !== headBytes + length + entries.length * recordLength * 4) throw new Error('it is not whole');
  return entries;
}

/**
 * Over the key too: a record under another's key is damage as well. 64 bits of SHA-256, which processors compute faster than any
 * checksum written in JavaScript; found are accidents, not forgeries.
 */
export function checksum(key: string, record: Float32Array): string {
  return sha256(key, '\0', bytesOf(record)).slice(0, 16);
}

function parseIndex({ recordLength: length, records }: ShardIndex, recordLength: number, start: number): ShardEntry[] {
  if (length !== recordLength || !Array.isArray(records)) throw new Error('its index is of other records');
  return records.map((entry: unknown, i) => {
    const [key, sum] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (typeof key !== 'string' || typeof sum !== 'string') throw new Error('its index lacks something');
    return { key, position: start + i * recordLength * 4, checksum: sum };
  });
}

async function readExactly(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead !== length) throw new Error('it is cut off');
  return buffer;
}

function bytesOf(record: Float32Array): Uint8Array {
  return new Uint8Array(record.buffer, record.byteOffset, record.byteLength);
}
