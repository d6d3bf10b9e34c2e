import { readRegularFile } from '../read-file.js';
import { writeAtomic } from '../files.js';
import { type Fingerprint, fingerprintLength } from './fingerprint.js';

const hashLength = 32;
const recordLength = hashLength + fingerprintLength;
const maxBytes = 512 << 20;

/**
 * Remembers fingerprints by the content of the picture. The file holds records one after the other, SHA-256 and fingerprint; a damaged
 * one is none. A wrong fingerprint cannot do harm: what it says is checked by the pixels.
 */
export class FingerprintStore {
  readonly #known = new Map<string, Fingerprint>();
  /** Those of pictures that are there this time: what is gone is forgotten. */
  readonly #used = new Map<string, Fingerprint>();
  #changed = false;

  private constructor(private readonly file: string) {}

  static async open(file: string): Promise<FingerprintStore> {
    const store = new FingerprintStore(file);
    const bytes = await readRegularFile(file, maxBytes).catch(() => Buffer.alloc(0));
    if (bytes.length % recordLength === 0) {
      for (let at = 0; at < bytes.length; at += recordLength)
        store.#known.set(
          bytes.toString('hex', at, at + hashLength),
          bytes.subarray(at + hashLength, at + recordLength),
        );
    }
    return store;
  }

  get(hash: string): Fingerprint | undefined {
    const fingerprint = this.#known.get(hash);
    if (fingerprint !== undefined) this.#used.set(hash, fingerprint);
    return fingerprint;
  }

  set(hash: string, fingerprint: Fingerprint): void {
    this.#known.set(hash, fingerprint);
    this.#used.set(hash, fingerprint);
    this.#changed = true;
  }

  /** Without the right to write, nothing is kept. */
  async save(): Promise<void> {
    if (!this.#changed && this.#used.size === this.#known.size) return;
    const records = [...this.#used].flatMap(([hash, fingerprint]) => [Buffer.from(hash, 'hex'), fingerprint]);
    await writeAtomic(this.file, Buffer.concat(records)).catch(() => undefined);
    this.#changed = false;
  }
}
