import { randomFrom, type Random } from './random.js';
import { mutateHdf5 } from './mutate-hdf5.js';
import { mutateJson } from './mutate-json.js';
import { mutateZip, mutateZipDirectory } from './mutate-zip.js';

export interface Mutation {
  readonly kind: string;
  /** The checksums of the file are those of what is in it now: somebody meant to, and nothing tells. */
  readonly sealed?: true;
  /** Undefined where this kind of damage means nothing for such bytes. */
  readonly apply: (bytes: Buffer, random: Random) => Buffer | undefined;
}

/** Most damage is small, some is large. */
function lengthWithin(bytes: Buffer, random: Random): number {
  return Math.max(1, Math.min(bytes.length >> 1, Math.floor(2 ** random.between(0, 12))));
}

function changed(bytes: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
}

/** Values that a length or a count should not have. */
const sizes = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff];

export const mutations: readonly Mutation[] = [
  {
    kind: 'bit flip',
    apply: (bytes, random) =>
      changed(bytes, (copy) => {
        const at = random.below(copy.length);
        copy.writeUInt8(copy.readUInt8(at) ^ (1 << random.below(8)), at);
      }),
  },
  { kind: 'truncation', apply: (bytes, random) => bytes.subarray(0, random.below(bytes.length)) },
  {
    kind: 'block swap',
    apply: (bytes, random) => {
      const length = lengthWithin(bytes, random);
      const [a, b] = [random.below(bytes.length - length + 1), random.below(bytes.length - length + 1)];
      return changed(bytes, (copy) => {
        bytes.copy(copy, b, a, a + length);
        bytes.copy(copy, a, b, b + length);
      });
    },
  },
  {
    kind: 'zeroed block',
    apply: (bytes, random) => {
      const length = lengthWithin(bytes, random);
      const at = random.below(bytes.length - length + 1);
      return changed(bytes, (copy) => copy.fill(0, at, at + length));
    },
  },
  {
    kind: 'appended garbage',
    apply: (bytes, random) =>
      Buffer.concat([bytes, Buffer.from(Array.from({ length: 1 + random.below(64) }, () => random.below(256)))]),
  },
  { kind: 'changed field', apply: mutateJson },
  { kind: 'changed tree', sealed: true, apply: mutateHdf5 },
  { kind: 'changed tree', sealed: true, apply: mutateHdf5 },
  { kind: 'changed content', sealed: true, apply: mutateZip },
  { kind: 'changed content', sealed: true, apply: mutateZip },
  { kind: 'changed directory', apply: mutateZipDirectory },
  {
    kind: 'changed size',
    apply: (bytes, random) => {
      const at = findSize(bytes, random);
      return at === undefined
        ? undefined
        : changed(bytes, (copy) => {
            resize(copy, at, random);
          });
    },
  },
];

interface SizeField {
  readonly at: number;
  readonly bytes: 2 | 4;
  readonly little: boolean;
}

/** A number that may be a length, a count or an offset: above 0 and below the file's own length. */
function findSize(bytes: Buffer, random: Random): SizeField | undefined {
  for (let tries = 0; tries < 200; tries++) {
    const width = random.below(3) === 0 ? 2 : 4;
    if (bytes.length < width) return undefined;
    // Headers are where they are.
    const reach = random.below(2) === 0 ? Math.min(bytes.length, 256) : bytes.length;
    const at = random.below(reach - width + 1);
    const little = random.below(2) === 0;
    const value = little ? bytes.readUIntLE(at, width) : bytes.readUIntBE(at, width);
    if (value > 0 && value <= bytes.length) return { at, bytes: width, little };
  }
  return undefined;
}

function resize(copy: Buffer, { at, bytes, little }: SizeField, random: Random): void {
  const old = little ? copy.readUIntLE(at, bytes) : copy.readUIntBE(at, bytes);
  const limit = 256 ** bytes;
  const value = randomFrom(
    random,
    [...sizes, old - 1, old + 1, old * 2, old * 256].filter((size) => size < limit),
  );
  if (little) copy.writeUIntLE(value, at, bytes);
  else copy.writeUIntBE(value, at, bytes);
}
