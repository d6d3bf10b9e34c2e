import { DecodedPictures } from './decoded.js';
import { decodeFile } from './decode.js';
import { type Fingerprint, fingerprintOf, isSame, mayBeSame, meanOf, meanTolerance } from './fingerprint.js';
import type { FingerprintStore } from './fingerprint-store.js';
import type { FoundPicture } from './scan.js';
import type { ResizeMode } from './form.js';
import { Union } from '../union.js';

interface LookOptions {
  /** [height, width] in pixels, as they will be trained on: what is decoded here is decoded once. */
  readonly size: readonly [number, number];
  readonly resize: ResizeMode;
  readonly maxPixels: number;
  readonly store?: FingerprintStore | undefined;
  readonly decoded: DecodedPictures;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

interface NearDuplicates {
  /** Pictures that are the same one, saved in different ways: two or more in each. */
  readonly groups: readonly (readonly FoundPicture[])[];
  /** Whether there were too many alike to compare all of them. */
  readonly incomplete: boolean;
}

/** Comparisons of pixels, which take a millisecond each, per picture: in a set where everything looks alike there would be n². */
const comparisonsPerPicture = 2;

/**
 * Finds pictures that are the same one, saved again: in another format, at another quality, in another size. Pictures that cannot be
 * decoded are passed over; whoever needs their pixels says why.
 *
 * @param found pictures with different content.
 */
export async function findNearDuplicates(
  found: readonly FoundPicture[],
  options: LookOptions,
): Promise<NearDuplicates> {
  const { size, store, decoded, onProgress } = options;
  const spec = { size, resize: options.resize, maxPixels: options.maxPixels };
  const files = found.filter(({ source }) => source.kind === 'file');
  const fingerprints = new Map<FoundPicture, Fingerprint>();
  let done = 0;
  await concurrently(files, async (picture) => {
    let fingerprint = store?.get(picture.hash);
    if (fingerprint === undefined) {
      const pixels = await pixelsOf(picture, spec);
      if (pixels !== undefined) {
        decoded.keep(picture.hash, pixels);
        fingerprint = fingerprintOf(pixels, size);
        store?.set(picture.hash, fingerprint);
      }
    }
    if (fingerprint !== undefined) fingerprints.set(picture, fingerprint);
    onProgress?.(++done, files.length);
  });

  const order = files
    .flatMap((picture, index) => {
      const fingerprint = fingerprints.get(picture);
      return fingerprint === undefined ? [] : [{ picture, index, fingerprint, mean: meanOf(fingerprint) }];
    })
    .sort((a, b) => a.mean - b.mean || a.index - b.index);
  const union = new Union<FoundPicture>();
  let comparisons = Math.max(1000, comparisonsPerPicture * files.length);
  for (const [i, one] of order.entries()) {
    for (let j = i + 1; j < order.length; j++) {
      const other = order[j];
      if (other === undefined || other.mean - one.mean > meanTolerance) break;
      if (!mayBeSame(one.fingerprint, other.fingerprint) || union.together(one.picture, other.picture)) continue;
      if (comparisons-- === 0) return { groups: union.groups(), incomplete: true };
      const pixels = await Promise.all(
        [one.picture, other.picture].map(
          async (picture) => decoded.look(picture.hash) ?? (await pixelsOf(picture, spec)),
        ),
      );
      const [a, b] = pixels;
      if (a !== undefined && b !== undefined && isSame(a, b, size)) union.join(one.picture, other.picture);
    }
  }
  return { groups: union.groups(), incomplete: false };
}

/** The pixels of the picture that the hash stands for: what is decoded here is handed over under it. */
async function pixelsOf(
  { source, hash }: FoundPicture,
  spec: Pick<LookOptions, 'size' | 'resize' | 'maxPixels'>,
): Promise<Uint8Array | undefined> {
  return await decodeFile(source.path, spec, hash).catch(() => undefined);
}

async function concurrently<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) {
      const item = items[i];
      if (item !== undefined) await work(item);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}
