import path from 'node:path';

import { writeAtomic } from '../../../common/files.js';
import { sha256, sha256Bytes } from '../../../common/hash.js';
import { readRegularFile } from '../../../common/read-file.js';
import { type Fingerprint, fingerprintLength } from './fingerprint.js';

const hashLength = 32;
const recordLength = hashLength + fingerprintLength;
const maxBytes = 512 << 20;

/**
 * Remembers fingerprints by the content of the picture. The file holds the SHA-256 of its name and what follows, then records: SHA-256
 * of the picture and its fingerprint. A damaged one is none, and so is that of pictures made another size.
 */
export class FingerprintStore {
  readonly #known = new Map<string, Fingerprint>();
  #changed = false;

  private constructor(
    private readonly file: string,
    private readonly name: string,
  ) {}

  /** @param name of the data set and of how its pictures are made one size. */
  static async open(folder: string, name: string): Promise<FingerprintStore> {
    const file = path.join(folder, `${sha256(name).slice(0, 16)}.looks`);
    const store = new FingerprintStore(file, name);
    const bytes = await readRegularFile(file, maxBytes).catch(() => Buffer.alloc(0));
    const records = bytes.subarray(hashLength);
    if (records.length % recordLength === 0 && sha256Bytes(name, records).equals(bytes.subarray(0, hashLength))) {
      for (let at = 0; at < records.length; at += recordLength)
        store.#known.set(
          records.toString('hex', at, at + hashLength),
          records.subarray(at + hashLength, at + recordLength),
        );
    }
    return store;
  }

  get(hash: string): Fingerprint | undefined {
    return this.#known.get(hash);
  }

  set(hash: string, fingerprint: Fingerprint): void {
    this.#known.set(hash, fingerprint);
    this.#changed = true;
  }

  /** Without the right to write, nothing is kept. */
  async save(): Promise<void> {
    if (!this.#changed) return;
    const parts = [...this.#known].flatMap(([hash, fingerprint]) => [Buffer.from(hash, 'hex'), fingerprint]);
    const records = Buffer.concat(parts);
    await writeAtomic(this.file, [sha256Bytes(this.name, records), records]).catch(() => undefined);
    this.#changed = false;
  }
}
