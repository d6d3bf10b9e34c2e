import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { gigabytes } from '../../../common/bytes.js';
import { GraftError, messageOf } from '../../../common/errors.js';
import { openRegularFile } from '../../../common/read-file.js';

/** An IDX file of unsigned bytes (http://yann.lecun.com/exdb/mnist/), plain or gzipped. */
interface IdxFile {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** A picture of 8-bit pixels, [height, width, channels]. */
export interface IdxImage {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

/** What a file may hold: it is kept in memory, and a few megabytes of gzip would unpack to any size. */
const maxBytes = 1 << 30;
const maxRank = 4;

/**
 * Reads no more than the header promises, and nothing where that is more than a file may hold.
 *
 * @param check of the shape, before the content is read; throws what is wrong with it.
 * @throws GraftError when it is not a whole IDX file of unsigned bytes.
 */
export async function readIdx(
  file: string,
  check: (shape: readonly number[]) => void = () => undefined,
): Promise<IdxFile> {
  const handle = await openRegularFile(file);
  try {
    const magic = Buffer.alloc(2);
    await handle.read(magic, 0, 2, 0);
    const isPacked = magic[0] === 0x1f && magic[1] === 0x8b;
    const content = handle.createReadStream({ start: 0, autoClose: false, highWaterMark: 1 << 18 });
    return await parse(isPacked ? unpacked(content) : content, check);
  } catch (error) {
    if (error instanceof GraftError) throw error;
    throw new GraftError(`${file} is not a whole IDX file: ${messageOf(error)}.`, {
      action: 'Download it again.',
      cause: error,
    });
  } finally {
    await handle.close();
  }
}

function unpacked(packed: Readable): Readable {
  const unzip = createGunzip({ chunkSize: 1 << 18 });
  // Whoever stops reading stops the file, too.
  packed.on('error', (error) => unzip.destroy(error));
  unzip.on('close', () => packed.destroy());
  return packed.pipe(unzip);
}

async function parse(chunks: Readable, check: (shape: readonly number[]) => void): Promise<IdxFile> {
  let begin = Buffer.alloc(0);
  let file: { shape: number[]; data: Buffer } | undefined;
  let filled = 0;
  for await (const chunk of chunks as AsyncIterable<Buffer>) {
    let content = chunk;
    if (file === undefined) {
      begin = Buffer.concat([begin, chunk]);
      const shape = parseShape(begin);
      if (shape === undefined) continue;
      check(shape);
      file = { shape, data: Buffer.allocUnsafe(sizeOf(shape)) };
      content = begin.subarray(4 + 4 * shape.length);
    }
    if (filled + content.length > file.data.length)
      throw new Error(`it holds more than the ${file.data.length} bytes of data that its header promises`);
    filled += content.copy(file.data, filled);
  }
  if (file === undefined) throw new Error('its header is cut off');
  if (filled < file.data.length)
    throw new Error(`it holds ${filled} bytes of data, its header promises ${file.data.length}`);
  return file;
}

/** Undefined while there are too few bytes of it. */
function parseShape(bytes: Buffer): number[] | undefined {
  if (bytes.length < 4) return undefined;
  const rank = bytes.readUInt8(3);
  if (bytes.readUInt16BE(0) !== 0) throw new Error('it does not start as an IDX file');
  if (bytes[2] !== 8) throw new Error('its values are not unsigned bytes');
  if (rank < 1 || rank > maxRank) throw new Error(`it has ${rank} dimensions`);
  if (bytes.length < 4 + 4 * rank) return undefined;
  const shape = Array.from({ length: rank }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
  const size = sizeOf(shape);
  if (size > maxBytes)
    throw new Error(`its header promises ${gigabytes(size)}, more than the ${gigabytes(maxBytes)} that are read`);
  return shape;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Files that pictures are being taken from, the one that was used last at the end. */
const open = new Map<string, { readonly stamp: string | undefined; readonly content: Promise<IdxFile> }>();
const maxOpen = 2;

/** One picture of an image IDX file. The file stays in memory: it cannot be read in parts when gzipped. */
export async function readIdxImage(file: string, index: number): Promise<IdxImage> {
  const stamp = await stampOf(file);
  let opened = open.get(file);
  // What is gone from the disk, but still here, can still be used.
  if (opened === undefined || (stamp !== undefined && stamp !== opened.stamp))
    opened = { stamp, content: readIdx(file) };
  open.delete(file);
  open.set(file, opened);
  for (const oldest of open.keys()) if (open.size > maxOpen) open.delete(oldest);
  try {
    return pictureOf(await opened.content, index);
  } catch (error) {
    if (open.get(file) === opened) open.delete(file);
    throw error;
  }
}

/** @throws Error when there is no such picture in it. */
export function pictureOf({ shape, data }: IdxFile, index: number): IdxImage {
  const [count = 0, height = 0, width = 0, channels = 1] = shape;
  const size = height * width * channels;
  if (index >= count) throw new Error(`there are only ${count} pictures in it`);
  return { pixels: data.subarray(index * size, (index + 1) * size), width, height, channels: channels === 3 ? 3 : 1 };
}

async function stampOf(file: string): Promise<string | undefined> {
  return await stat(file).then(
    ({ size, mtimeMs, ctimeMs, ino }) => [size, mtimeMs, ctimeMs, ino].join(' '),
    () => undefined,
  );
}
