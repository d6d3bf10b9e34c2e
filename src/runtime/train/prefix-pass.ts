import { ChangedPicture, decodeMany, PictureIndex, type ViewSpec } from '../data/index.js';
import type { ImageExample } from '../data/types.js';
import type { Runner } from '../engines/types.js';
import type { FloatTensor } from '../../common/tensor.js';
import type { GraftError } from '../../common/errors.js';
import { tapName } from '../graph/index.js';

/** One view of one picture. View 0 is the picture as it is. */
export interface Item {
  readonly example: ImageExample;
  readonly view: number;
}

/** A picture that could not be decoded, and why. */
export interface Unreadable {
  readonly example: ImageExample;
  readonly error: GraftError;
}

/** Where training gets its inputs: the prefix's outputs (taps) for some pictures, batch first. */
export interface ActivationSource {
  batch(items: readonly Item[]): Promise<FloatTensor[]>;
  dispose(): Promise<void>;
}

/** All taps of one picture, one after the other; or why it could not be decoded. */
export type PrefixResult = { readonly item: Item } & (
  { readonly record: Float32Array } | { readonly error: GraftError }
);

/** One way to compute the taps of many pictures. */
export interface Pass {
  records(items: readonly Item[]): AsyncGenerator<PrefixResult>;
  dispose(): Promise<void>;
}

const batchSize = 16;
/** Pictures in memory at once. */
const chunkSize = 64;

/**
 * From the pictures, chunk by chunk: first all cores decode, then all cores compute. At the same time they would wait
 * for each other: an operator's threads are as slow as the one that has lost its core to a decoder.
 *
 * @param run counts the milliseconds of decoding.
 */
export function picturePass(
  prefix: Runner,
  spec: ViewSpec,
  run: { decodeMs: number; readonly pictureIndexFolder: string },
): Pass {
  return {
    async *records(items) {
      for (const chunk of chunks(items, chunkSize)) {
        const began = performance.now();
        const ready: { item: Item; pixels: Uint8Array }[] = [];
        const failed: PrefixResult[] = [];
        for await (const result of decodeMany(chunk, spec)) {
          const item = chunk[result.index];
          if (item === undefined) continue;
          if ('error' in result) failed.push({ item, error: result.error });
          else ready.push({ item, pixels: result.pixels });
        }
        run.decodeMs += performance.now() - began;
        // Perhaps it was the index that was wrong: the next run reads the pictures themselves.
        if (failed.some((one) => 'error' in one && one.error instanceof ChangedPicture))
          await PictureIndex.forget(run.pictureIndexFolder);
        yield* failed;
        for (const batch of chunks(ready, batchSize)) {
          const data = Buffer.concat(batch.map(({ pixels }) => pixels));
          const pixels = { data, shape: [batch.length, ...spec.size, 3] };
          yield* joinTaps(batch, await prefix.run({ pixels }));
        }
      }
    },
    dispose: () => prefix.dispose(),
  };
}

/** From what another prefix gave for the same pictures, `source`; the pictures in `unreadable` give their error. */
export function restPass(
  rest: Runner,
  { source, unreadable }: { readonly source: ActivationSource; readonly unreadable: readonly Unreadable[] },
): Pass {
  const errors = new Map(unreadable.map(({ example, error }) => [example, error]));
  return {
    async *records(items) {
      for (const batch of chunks(items, batchSize)) {
        const ready: { item: Item }[] = [];
        for (const item of batch) {
          const error = errors.get(item.example);
          if (error === undefined) ready.push({ item });
          else yield { item, error };
        }
        if (ready.length === 0) continue;
        const taps = await source.batch(ready.map(({ item }) => item));
        yield* joinTaps(ready, await rest.run(Object.fromEntries(taps.map((tap, i) => [tapName(i), tap]))));
      }
    },
    async dispose() {
      await Promise.all([rest.dispose(), source.dispose()]);
    },
  };
}

function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

function joinTaps(batch: readonly { item: Item }[], taps: readonly FloatTensor[]): PrefixResult[] {
  return batch.map(({ item }, i) => {
    const parts = taps.map(({ data }) =>
      data.subarray((data.length / batch.length) * i, (data.length / batch.length) * (i + 1)),
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
