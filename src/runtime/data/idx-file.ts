import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';

import { GraftError, messageOf } from '../errors.js';

/** An IDX file of unsigned bytes (http://yann.lecun.com/exdb/mnist/), plain or gzipped. */
export interface IdxFile {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** A gzip of zeros would unpack to any size. */
const maxBytes = 4e9;
const open = new Map<string, Promise<IdxFile>>();

/** @throws GraftError when it is not a whole IDX file of unsigned bytes. */
export async function readIdx(file: string): Promise<IdxFile> {
  try {
    let bytes = await readFile(file);
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = gunzipSync(bytes, { maxOutputLength: maxBytes });
    if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0) throw new Error('it does not start as an IDX file');
    if (bytes[2] !== 8) throw new Error('its values are not unsigned bytes');
    const rank = bytes[3] ?? 0;
    if (bytes.length < 4 + 4 * rank) throw new Error('its header is cut off');
    const shape = Array.from({ length: rank }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
    const data = bytes.subarray(4 + 4 * rank);
    const expected = shape.reduce((product, size) => product * size, 1);
    if (data.length !== expected)
      throw new Error(`it holds ${data.length} bytes of data, its header promises ${expected}`);
    return { shape, data };
  } catch (error) {
    throw new GraftError(`${file} is not a whole IDX file: ${messageOf(error)}.`, {
      action: 'Download it again.',
      cause: error,
    });
  }
}

/** One picture of an image IDX file. The file stays in memory: it cannot be read in parts when gzipped. */
export async function readIdxImage(
  file: string,
  index: number,
): Promise<{ pixels: Uint8Array; width: number; height: number; channels: 1 | 3 }> {
  let opened = open.get(file);
  if (opened === undefined) open.set(file, (opened = readIdx(file)));
  const { shape, data } = await opened;
  const [, height = 0, width = 0, channels = 1] = shape;
  const size = height * width * channels;
  return { pixels: data.subarray(index * size, (index + 1) * size), width, height, channels: channels === 3 ? 3 : 1 };
}
