import { open } from 'node:fs/promises';

import type { FloatTensor } from '../engines/types.js';
import { GraftError, messageOf } from '../errors.js';
import { writeAtomic } from '../files.js';

/**
 * Float32 tensors and string metadata in one file, in the safetensors format of Hugging Face: an 8-byte header length,
 * a JSON header, the data. Written atomically.
 */
export async function writeSafetensors(
  file: string,
  tensors: ReadonlyMap<string, FloatTensor>,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { data, shape }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  let json = Buffer.from(JSON.stringify(header));
  // The data starts at a multiple of 8, so that it can be viewed as floats without a copy.
  json = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const data = [...tensors.values()].map(
    (tensor) => new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength),
  );
  await writeAtomic(file, [length, json, ...data]);
}

/** @throws GraftError when the file is not a whole safetensors file. */
export async function readSafetensors(
  file: string,
): Promise<{ tensors: Map<string, FloatTensor>; metadata: Record<string, string> }> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const bytes = new Uint8Array(new ArrayBuffer(size));
    for (let done = 0; done < size;) {
      const { bytesRead } = await handle.read(bytes, done, Math.min(size - done, 1 << 28), done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return parse(bytes);
  } catch (error) {
    throw new GraftError(`${file} is not a whole checkpoint: ${messageOf(error)}.`, {
      action: 'Start a new run.',
      cause: error,
    });
  } finally {
    await handle.close();
  }
}

function parse(bytes: Uint8Array<ArrayBuffer>): {
  tensors: Map<string, FloatTensor>;
  metadata: Record<string, string>;
} {
  const view = new DataView(bytes.buffer);
  if (bytes.length < 8) throw new Error('it is shorter than its header');
  const length = Number(view.getBigUint64(0, true));
  if (length > bytes.length - 8) throw new Error('it is shorter than its header');
  const header: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  if (typeof header !== 'object' || header === null) throw new Error('its header is not an object');
  const tensors = new Map<string, FloatTensor>();
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header) as [string, unknown][]) {
    if (name === '__metadata__') {
      metadata = entry as Record<string, string>;
      continue;
    }
    const { shape, data_offsets: range } = entry as { shape: number[]; data_offsets: [number, number] };
    const elements = shape.reduce((product, size) => product * size, 1);
    if (range[1] - range[0] !== elements * 4 || 8 + length + range[1] > bytes.length)
      throw new Error(`tensor ${name} is cut off`);
    tensors.set(name, { data: new Float32Array(bytes.buffer, 8 + length + range[0], elements), shape });
  }
  return { tensors, metadata };
}
