import { createHash } from 'node:crypto';

import type { FloatTensor } from '../../common/tensor.js';
import { GraftError, messageOf } from '../../common/errors.js';
import { writeAtomic } from '../../common/files.js';
import { openRegularFile, parseJson } from '../../common/read-file.js';

/**
 * The header begins with the SHA-256 (hex) of all other bytes of the file: at a fixed place, so that it is compared before
 * anything in the file is believed.
 */
const beforeDigest = '{"__metadata__":{"sha256":"';
const digestLength = 64;
const digestAt = 8 + beforeDigest.length;
/** Far more than the names of the largest model's tensors. */
const maxHeaderBytes = 64 << 20;

interface TensorFile {
  readonly tensors: ReadonlyMap<string, FloatTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Float32 tensors and string metadata in one file, in the safetensors format of Hugging Face: an 8-byte header length,
 * a JSON header, the data. Written atomically, with a digest of the whole.
 *
 * @param beforeReplace is awaited when the new content is safe on the disk, before it takes the file's name.
 */
export async function writeSafetensors(
  file: string,
  { tensors, metadata }: TensorFile,
  beforeReplace?: () => Promise<void>,
): Promise<void> {
  const header: Record<string, unknown> = {
    __metadata__: { sha256: '0'.repeat(digestLength), ...metadata },
  };
  let offset = 0;
  for (const [name, { data, shape }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  // The data starts at a multiple of 8, so that it can be viewed as floats without a copy.
  const head = Buffer.concat([Buffer.alloc(8), json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);
  head.writeBigUInt64LE(BigInt(head.length - 8));
  const data = [...tensors.values()].map(
    (tensor) => new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength),
  );
  head.write(digestOf([head, ...data]), digestAt, 'latin1');
  await writeAtomic(file, [head, ...data], { beforeReplace });
}

/**
 * @param limit bytes that such a file may have.
 * @throws GraftError when it is not a whole file as `writeSafetensors` writes it: one damaged bit is enough.
 */
export async function readSafetensors(file: string, limit: number): Promise<TensorFile> {
  const handle = await openRegularFile(file);
  try {
    const { size } = await handle.stat();
    if (size > limit) throw new Error(`it has ${size} bytes, more than the ${limit} that this model's can have`);
    const bytes = Buffer.from(new ArrayBuffer(size));
    for (let done = 0; done < size;) {
      const { bytesRead } = await handle.read(bytes, done, Math.min(size - done, 1 << 28), done);
      if (bytesRead === 0) throw new Error('it was cut off while it was read');
      done += bytesRead;
    }
    return parse(bytes);
  } catch (error) {
    throw new GraftError(`${file} is not whole: ${messageOf(error)}.`, { action: 'Start a new run.', cause: error });
  } finally {
    await handle.close();
  }
}

function parse(bytes: Buffer<ArrayBuffer>): TensorFile {
  const start = bytes.toString('latin1', 8, digestAt);
  if (start.startsWith('{"__metadata__":{') && start !== beforeDigest)
    throw new Error('it has no checksum, as an older version of Graft wrote it');
  if (start !== beforeDigest) throw new Error('it does not begin as it should');
  if (bytes.toString('latin1', digestAt, digestAt + digestLength) !== digestOf([bytes]))
    throw new Error('its content does not match its checksum');

  // What follows was written by us, or by somebody who wants to harm.
  const length = Number(bytes.readBigUInt64LE());
  if (length > Math.min(bytes.length - 8, maxHeaderBytes)) throw new Error('its header is longer than it can be');
  const header = fieldsOf(parseJson(bytes.toString('utf8', 8, 8 + length), 'its header'), 'its header');
  const tensors = new Map<string, FloatTensor>();
  let metadata: Record<string, string> = {};
  let next = 0;
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      const rest = Object.fromEntries(Object.entries(fieldsOf(entry, name)).filter(([key]) => key !== 'sha256'));
      if (!Object.values(rest).every((value) => typeof value === 'string'))
        throw new Error('its metadata are no texts');
      metadata = rest as Record<string, string>;
      continue;
    }
    const { dtype, shape, data_offsets: range } = fieldsOf(entry, `tensor ${name}`);
    if (dtype !== 'F32' || !isSizes(shape) || !isSizes(range)) throw new Error(`tensor ${name} has no float32 shape`);
    const elements = shape.reduce((product, size) => product * size, 1);
    // One after the other, without a gap.
    if (range.length !== 2 || range[0] !== next || range[1] !== next + elements * 4)
      throw new Error(`tensor ${name} is not where it should be`);
    next += elements * 4;
    if (8 + length + next > bytes.length) throw new Error(`tensor ${name} is cut off`);
    tensors.set(name, {
      data: new Float32Array(bytes.buffer, bytes.byteOffset + 8 + length + next - elements * 4, elements),
      shape,
    });
  }
  if (8 + length + next !== bytes.length) throw new Error('it is longer than its tensors');
  return { tensors, metadata };
}

/** The digest of a file in parts, itself (in the first one) left out. */
function digestOf(parts: readonly Uint8Array[]): string {
  const [head = new Uint8Array(), ...rest] = parts;
  const hash = createHash('sha256')
    .update(head.subarray(0, digestAt))
    .update(head.subarray(digestAt + digestLength));
  for (const part of rest) hash.update(part);
  return hash.digest('hex');
}

function fieldsOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Error(`${what} is no object`);
  return value as Record<string, unknown>;
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && Number(size) >= 0);
}
