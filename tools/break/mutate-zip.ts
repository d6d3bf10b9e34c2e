import { unzipSync, zipSync } from 'fflate';

import { mutateHdf5 } from './mutate-hdf5.js';
import { mutateJson } from './mutate-json.js';
import { randomFrom, type Random } from './random.js';

/** A zip file with something else in it, and whole as a zip file: its checksums are those of what is in it. Undefined for other bytes. */
export function mutateZip(bytes: Buffer, random: Random): Buffer | undefined {
  if (!isZip(bytes)) return undefined;
  const entries: Record<string, Uint8Array> = unzipSync(bytes);
  const names = Object.keys(entries);
  const name = randomFrom(random, names);
  const content = Buffer.from(entries[name] ?? []);
  const changed = mutateHdf5(content, random) ?? mutateJson(content, random);
  const rest = Object.fromEntries(Object.entries(entries).filter(([other]) => other !== name));
  const level = random.below(2) === 0 ? 0 : 6;
  const pack = (files: Record<string, Uint8Array>) => Buffer.from(zipSync(files, { level }));
  switch (random.below(8)) {
    case 0:
      return pack(rest);
    case 1:
      return pack({ ...rest, [name]: entries[randomFrom(random, names)] ?? content });
    case 2:
      return pack({ ...rest, [`../${name}`]: content });
    case 3:
      // Becomes far more than it is.
      return Buffer.from(zipSync({ ...rest, [name]: new Uint8Array(2e7) }, { level: 6 }));
    default:
      return changed === undefined ? undefined : pack({ ...rest, [name]: changed });
  }
}

/** Fields of the directory at a zip file's end, and of the headers before what is in it: their offset, and how wide they are. */
const fields: Readonly<Record<string, readonly (readonly [offset: number, bytes: 2 | 4])[]>> = {
  'PK\x01\x02': [
    [4, 2],
    [6, 2],
    [8, 2],
    [10, 2],
    [16, 4],
    [20, 4],
    [24, 4],
    [28, 2],
    [30, 2],
    [32, 2],
    [34, 2],
    [42, 4],
  ],
  'PK\x03\x04': [
    [4, 2],
    [6, 2],
    [8, 2],
    [14, 4],
    [18, 4],
    [22, 4],
    [26, 2],
    [28, 2],
  ],
  'PK\x05\x06': [
    [4, 2],
    [6, 2],
    [8, 2],
    [10, 2],
    [12, 4],
    [16, 4],
    [20, 2],
  ],
};

/** One field of a zip file's directory or headers changed. Undefined for other bytes. */
export function mutateZipDirectory(bytes: Buffer, random: Random): Buffer | undefined {
  if (!isZip(bytes)) return undefined;
  const [signature, own] = randomFrom(random, Object.entries(fields));
  const found: number[] = [];
  for (let at = bytes.indexOf(signature, 0, 'latin1'); at !== -1; at = bytes.indexOf(signature, at + 4, 'latin1'))
    found.push(at);
  if (found.length === 0) return undefined;
  const at = randomFrom(random, found);
  const [offset, width] = randomFrom(random, own);
  if (at + offset + width > bytes.length) return undefined;
  const copy = Buffer.from(bytes);
  const old = copy.readUIntLE(at + offset, width);
  const values = [0, 1, 8, 9, 12, old + 1, old - 1, old * 2, 256 ** width - 1, 256 ** width - 2, bytes.length];
  copy.writeUIntLE(
    randomFrom(
      random,
      values.filter((value) => value >= 0 && value < 256 ** width),
    ),
    at + offset,
    width,
  );
  return copy;
}

function isZip(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, 4) === 'PK\x03\x04';
}
