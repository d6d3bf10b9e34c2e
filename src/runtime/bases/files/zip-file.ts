import type { FileHandle } from 'node:fs/promises';
import { createInflateRaw } from 'node:zlib';

import { checkGrowth } from '../../../common/budget.js';
import { GraftError } from '../../../common/errors.js';
import { openRegularFile } from '../../../common/read-file.js';

/** Entries in a model's archive: Keras writes three, and one for each asset of a layer. */
const maxEntries = 10_000;
/** A float that compresses is rare: weights hardly shrink, and texts by some ten. */
const growth = { factor: 64, floor: 16e6 } as const;

interface Entry {
  readonly name: string;
  /** 0: as it is; 8: deflated. */
  readonly method: number;
  readonly crc: number;
  readonly compressed: number;
  readonly size: number;
  /** Of its local header. */
  readonly offset: number;
}

/**
 * Reads entries of a zip file: no more bytes than its directory announces, each against its CRC-32. What the directory announces is
 * held against the file's size first.
 *
 * @returns the entries of `names` that are there.
 * @throws GraftError when it is not a whole zip file, or one made to fill the memory.
 */
export async function readZip(file: string, names: readonly string[]): Promise<Map<string, Buffer>> {
  const handle = await openRegularFile(file);
  try {
    const { size: fileSize } = await handle.stat();
    const { entries, directory } = await readDirectory(handle, file, fileSize);
    const wanted = entries.filter(({ name }) => names.includes(name));
    for (const { name } of wanted)
      if (wanted.filter((entry) => entry.name === name).length > 1) throw damaged(file, `it holds ${name} twice`);
    const found = new Map<string, Buffer>();
    let total = 0;
    for (const entry of wanted) {
      total += entry.size;
      checkGrowth({
        file,
        what: entry.name,
        onDisk: Math.min(entry.compressed, fileSize),
        becomes: entry.size,
        ...growth,
      });
      checkGrowth({ file, what: 'what is in it', onDisk: fileSize, becomes: total, ...growth });
      found.set(entry.name, await readEntry(handle, file, entry, directory));
    }
    return found;
  } finally {
    await handle.close();
  }
}

/** What a zip file holds. @throws GraftError when it is not a whole one. */
export async function namesInZip(file: string): Promise<string[]> {
  const handle = await openRegularFile(file);
  try {
    const { entries } = await readDirectory(handle, file, (await handle.stat()).size);
    return entries.map(({ name }) => name);
  } finally {
    await handle.close();
  }
}

export function damaged(file: string, reason: string, cause?: unknown): GraftError {
  return new GraftError(`${file} is not a whole .keras file: ${reason}.`, {
    action: 'It is damaged or cut off: save or copy it again.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The central directory, at the end of the file. Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3. */
async function readDirectory(
  handle: FileHandle,
  file: string,
  fileSize: number,
): Promise<{ entries: Entry[]; directory: number }> {
  // Its last record is 22 bytes, and a comment of at most 65,535.
  const tailAt = Math.max(0, fileSize - 22 - 0xffff);
  const tail = await bytesAt(handle, file, tailAt, fileSize - tailAt);
  const end = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end === -1 || end + 22 > tail.length) throw damaged(file, 'the directory at its end is missing');
  let [count, length, start] = [tail.readUInt16LE(end + 10), tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)];
  if (count === 0xffff || length === 0xffffffff || start === 0xffffffff) {
    const locator = end - 20;
    if (locator < 0 || tail.toString('latin1', locator, locator + 4) !== 'PK\x06\x07')
      throw damaged(file, 'its zip64 directory is missing');
    const record = await bytesAt(handle, file, Number(tail.readBigUInt64LE(locator + 8)), 56);
    if (record.toString('latin1', 0, 4) !== 'PK\x06\x06') throw damaged(file, 'its zip64 directory is missing');
    [count, length, start] = [32, 40, 48].map((at) => Number(record.readBigUInt64LE(at))) as [number, number, number];
  }
  if (count > maxEntries) throw damaged(file, `it announces ${count} entries`);
  const bytes = await bytesAt(handle, file, start, length);
  const entries: Entry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50)
      throw damaged(file, `entry ${i + 1} of its directory is damaged`);
    const [nameLength, extraLength] = [bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30)];
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    if ((bytes.readUInt16LE(at + 8) & 1) === 1) throw damaged(file, `${name} in it is encrypted`);
    const extra = bytes.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    const [size, compressed, offset] = large(extra, [
      bytes.readUInt32LE(at + 24),
      bytes.readUInt32LE(at + 20),
      bytes.readUInt32LE(at + 42),
    ]);
    const [method, crc] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 16)];
    entries.push({ name, method, crc, compressed, size, offset });
    at += 46 + nameLength + extraLength + bytes.readUInt16LE(at + 32);
  }
  return { entries, directory: start };
}

/** Sizes above 4 GB are in the zip64 extra field, in this order and only those. */
function large(extra: Buffer, values: [number, number, number]): [number, number, number] {
  if (!values.includes(0xffffffff)) return values;
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let from = at + 4;
    return values.map((value) => {
      if (value !== 0xffffffff || from + 8 > extra.length) return value;
      from += 8;
      return Number(extra.readBigUInt64LE(from - 8));
    }) as [number, number, number];
  }
  return values;
}

async function readEntry(handle: FileHandle, file: string, entry: Entry, directory: number): Promise<Buffer> {
  const { name, method, crc, compressed, size, offset } = entry;
  const header = await bytesAt(handle, file, offset, 30);
  const from = offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (header.readUInt32LE(0) !== 0x04034b50 || from + compressed > directory)
    throw damaged(file, `${name} in it is not where its directory says`);
  const packed = await bytesAt(handle, file, from, compressed);
  if (method !== 0 && method !== 8) throw damaged(file, `${name} is packed by a method that is not known (${method})`);
  if (method === 0 && compressed !== size) throw damaged(file, `${name} has two sizes in it`);
  const content = method === 0 ? packed : await inflate(packed, file, entry);
  if (crc32(content) !== crc) throw damaged(file, `${name} in it is damaged (its CRC-32 differs)`);
  return content;
}

/** At most `size` bytes: inflating ends with the first one too many. */
async function inflate(packed: Buffer, file: string, { name, size }: Entry): Promise<Buffer> {
  const content = Buffer.alloc(size);
  let at = 0;
  try {
    const stream = createInflateRaw();
    stream.end(packed);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (at + chunk.length > size) throw new Error('too long');
      chunk.copy(content, at);
      at += chunk.length;
    }
  } catch (error) {
    throw damaged(file, `${name} in it cannot be unpacked to the ${size} bytes that its directory announces`, error);
  }
  if (at !== size) throw damaged(file, `${name} unpacks to ${at} bytes, and its directory announces ${size}`);
  return content;
}

async function bytesAt(handle: FileHandle, file: string, position: number, length: number): Promise<Buffer> {
  const { size } = await handle.stat();
  if (position + length > size) throw damaged(file, 'its directory points behind its end');
  const buffer = Buffer.allocUnsafe(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await handle.read(buffer, at, Math.min(length - at, 1 << 30), position + at);
    if (bytesRead === 0) throw damaged(file, 'it ended while it was read');
    at += bytesRead;
  }
  return buffer;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** Node has one of its own only since 20.15. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
