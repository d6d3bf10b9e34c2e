import { decodeMany, type ViewSpec } from '../data/index.js';
import type { ImageExample } from '../data/types.js';
import type { GraftError } from '../errors.js';
import type { PrefixRunner } from '../graph/index.js';

/** One view of one picture. View 0 is the picture as it is. */
export interface Item {
  readonly example: ImageExample;
  readonly view: number;
}

/** All taps of one picture, one after the other; or why it could not be decoded. */
export type PrefixResult = { readonly item: Item } & (
  { readonly record: Float32Array } | { readonly error: GraftError }
);

const batchSize = 16;
/** Pictures in memory at once. */
const chunkSize = 64;

/**
 * The prefix over many pictures, chunk by chunk: first all cores decode, then all cores compute. At the same time they would wait
 * for each other: an operator's threads are as slow as the one that has lost its core to a decoder.
 *
 * @param decoded is told the milliseconds that each chunk's decoding took.
 */
export async function* runPrefix(
  prefix: Pick<PrefixRunner, 'run'>,
  spec: ViewSpec,
  items: readonly Item[],
  decoded: (ms: number) => void = () => undefined,
): AsyncGenerator<PrefixResult> {
  for (let start = 0; start < items.length; start += chunkSize) {
    const chunk = items.slice(start, start + chunkSize);
    const began = performance.now();
    const ready: { item: Item; pixels: Uint8Array }[] = [];
    const failed: PrefixResult[] = [];
    for await (const result of decodeMany(chunk, spec)) {
      const item = chunk[result.index];
      if (item === undefined) continue;
      if ('error' in result) failed.push({ item, error: result.error });
      else ready.push({ item, pixels: result.pixels });
    }
    decoded(performance.now() - began);
    yield* failed;
    for (let first = 0; first < ready.length; first += batchSize) {
      const batch = ready.slice(first, first + batchSize);
      const taps = await prefix.run(Buffer.concat(batch.map(({ pixels }) => pixels)), batch.length);
      yield* joinTaps(batch, taps);
    }
  }
}

function joinTaps(batch: readonly { item: Item }[], taps: readonly Float32Array[]): PrefixResult[] {
  return batch.map(({ item }, i) => {
    const parts = taps.map((tap) =>
      tap.subarray((tap.length / batch.length) * i, (tap.length / batch.length) * (i + 1)),
    );
    const record = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let offset = 0;
    for (const part of parts) {
      record.set(part, offset);
      offset += part.length;
    }
    return { item, record };
  });
}
