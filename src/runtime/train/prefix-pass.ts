import { ChangedExample, type Example, type Item, type Views } from '../data/index.js';
import type { Runner } from '../engines/types.js';
import type { TapRecord } from '../cache/shard.js';
import { batchesOfOneSize, type FloatTensor, type NamedTensors } from '../../common/tensor.js';
import type { GraftError } from '../../common/errors.js';
import { tapName } from '../graph/index.js';

/** An example that could not be read, and why. */
export interface Unreadable {
  readonly example: Example;
  readonly error: GraftError;
}

/** Where training gets its inputs: the prefix's outputs (taps) for some examples, batch first. */
export interface ActivationSource {
  batch(items: readonly Item[]): Promise<FloatTensor[]>;
  dispose(): Promise<void>;
}

/** All taps of one example, one after the other; or why it could not be read. */
export type PrefixResult = { readonly item: Item } & ({ readonly taps: TapRecord } | { readonly error: GraftError });

/** One way to compute the taps of many examples. */
export interface PrefixPass {
  records(items: readonly Item[]): AsyncGenerator<PrefixResult>;
  dispose(): Promise<void>;
}

const batchSize = 16;
/** Examples in memory at once. */
const chunkSize = 64;

/**
 * From the examples, chunk by chunk: first all cores decode, then all cores compute. At the same time they would wait
 * for each other: an operator's threads are as slow as the one that has lost its core to a decoder.
 *
 * @param run counts the milliseconds of decoding.
 */
export function passOverExamples(
  prefix: Runner,
  views: Pick<Views, 'read' | 'distrust'>,
  run: { decodeMs: number; readonly pictureIndexFolder: string },
): PrefixPass {
  return {
    async *records(items) {
      for (const chunk of chunks(items, chunkSize)) {
        const began = performance.now();
        const ready: { item: Item; tensors: NamedTensors }[] = [];
        const failed: PrefixResult[] = [];
        for await (const result of views.read(chunk)) {
          const item = chunk[result.index];
          if (item === undefined) continue;
          if ('error' in result) failed.push({ item, error: result.error });
          else ready.push({ item, tensors: result.tensors });
        }
        run.decodeMs += performance.now() - began;
        // Perhaps it was the index that was wrong: the next run reads the files themselves.
        if (failed.some((one) => 'error' in one && one.error instanceof ChangedExample))
          await views.distrust(run.pictureIndexFolder);
        yield* failed;
        for (const batch of chunks(ready, batchSize)) {
          for (const { indices, tensors } of batchesOfOneSize(batch.map(({ tensors }) => tensors)))
            yield* joinTaps(
              indices.flatMap((index) => batch[index] ?? []),
              await prefix.run(tensors),
            );
        }
      }
    },
    dispose: () => prefix.dispose(),
  };
}

/** From what another prefix gave for the same examples, `source`; those in `unreadable` give their error. */
export function passOverTaps(
  rest: Runner,
  { source, unreadable }: { readonly source: ActivationSource; readonly unreadable: readonly Unreadable[] },
): PrefixPass {
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
  const shapes = taps.map(({ shape }) => shape.slice(1));
  return batch.map(({ item }, i) => {
    const parts = taps.map(({ data }) =>
      data.subarray((data.length / batch.length) * i, (data.length / batch.length) * (i + 1)),
    );
    const data = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let offset = 0;
    for (const part of parts) {
      data.set(part, offset);
      offset += part.length;
    }
    return { item, taps: { data, shapes } };
  });
}
