import type { FileHandle } from 'node:fs/promises';

import { sha256, sha256Bytes } from '../../common/hash.js';
import { parseJson } from '../../common/read-file.js';

/**
 * A shard file: the magic, the length of the index, the index's SHA-256, the index (JSON), the records. Each record has a checksum
 * over its key and its content in the index, and its shapes, so that no byte of the file is believed unchecked. The index names the prefix, too: the
 * same keys are in the shards of every prefix, and a whole shard in another's folder is none.
 */
const magic = Buffer.from('graftac3', 'latin1');
const headBytes = magic.length + 8 + 32;
/** Far more than that of a shard of the smallest records. */
const maxIndexBytes = 256 << 20;

/** What a prefix says of one example: its taps, one after the other, and the shape of each. */
export interface TapRecord {
  readonly data: Float32Array;
  readonly shapes: Shapes;
}
export type Shapes = readonly (readonly number[])[];
/** The shape of what a prefix gives; null where a size differs from example to example. */
export type OpenShapes = readonly (readonly (number | null)[])[];

export interface ShardRecord {
  readonly key: string;
  readonly taps: TapRecord;
}

export interface ShardEntry {
  readonly key: string;
  /** Byte in the file at which the record begins. */
  readonly position: number;
  readonly shapes: Shapes;
  readonly checksum: string;
}

interface ShardIndex {
  readonly prefix?: unknown;
  /** All that records have, once each. */
  readonly shapes?: unknown;
  /** Key, checksum, which of the shapes. */
  readonly records?: unknown;
}

/** The parts of a shard file, in their order. */
export function encodeShard(prefix: string, records: readonly ShardRecord[]): Uint8Array[] {
  const shapes: Shapes[] = [];
  const places = new Map<string, number>();
  const placeOf = (one: Shapes): number => {
    const text = JSON.stringify(one);
    const place = places.get(text) ?? shapes.push(one) - 1;
    places.set(text, place);
    return place;
  };
  const rows = records.map(({ key, taps }) => [key, checksum(key, taps.data), placeOf(taps.shapes)]);
  const index = Buffer.from(JSON.stringify({ prefix, shapes, records: rows }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(index.length));
  return [magic, length, sha256Bytes(index), index, ...records.map(({ taps }) => bytesOf(taps.data))];
}

/** Numbers in a record. */
export function lengthOf(shapes: Shapes): number {
  return shapes.reduce((sum, shape) => sum + shape.reduce((product, size) => product * size, 1), 0);
}

/** Where a shard's records are. @throws Error when the file is not a whole shard of such records of this prefix. */
export async function readIndex(handle: FileHandle, prefix: string, tapShapes: OpenShapes): Promise<ShardEntry[]> {
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
  const { entries, end } = parseIndex(value, tapShapes, headBytes + length);
  if (size !== end) throw new Error('it is not whole');
  return entries;
}

/**
 * Over the key too: a record under another's key is damage as well. 64 bits of SHA-256, which processors compute faster than any
 * checksum written in JavaScript; found are accidents, not forgeries.
 */
export function checksum(key: string, record: Float32Array): string {
  return sha256(key, '\0', bytesOf(record)).slice(0, 16);
}

function parseIndex(
  { shapes, records }: ShardIndex,
  tapShapes: OpenShapes,
  start: number,
): { readonly entries: ShardEntry[]; readonly end: number } {
  if (!Array.isArray(shapes) || !shapes.every((one) => fits(one, tapShapes)) || !Array.isArray(records))
    throw new Error('its index is of other records');
  const known = shapes as Shapes[];
  let position = start;
  const entries = records.map((entry: unknown) => {
    const [key, sum, place] = Array.isArray(entry) ? (entry as unknown[]) : [];
    const shapes = known[Number(place)];
    if (typeof key !== 'string' || typeof sum !== 'string' || shapes === undefined)
      throw new Error('its index lacks something');
    const found = { key, position, shapes, checksum: sum };
    position += lengthOf(shapes) * 4;
    return found;
  });
  return { entries, end: position };
}

/** Whether these are shapes of a prefix's taps. */
function fits(shapes: unknown, taps: OpenShapes): boolean {
  const isSize = (value: unknown, wanted: number | null | undefined) =>
    Number.isSafeInteger(value) && Number(value) >= 0 && (wanted === null || value === wanted);
  return (
    Array.isArray(shapes) &&
    shapes.length === taps.length &&
    shapes.every(
      (shape: unknown, tap) =>
        Array.isArray(shape) &&
        shape.length === taps[tap]?.length &&
        shape.every((size, axis) => isSize(size, taps[tap]?.[axis])),
    )
  );
}

async function readExactly(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead !== length) throw new Error('it is cut off');
  return buffer;
}

function bytesOf(record: Float32Array): Uint8Array {
  return new Uint8Array(record.buffer, record.byteOffset, record.byteLength);
}
