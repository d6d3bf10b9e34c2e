import { createHash } from 'node:crypto';
import path from 'node:path';

import { ActivationCache, evict } from '../cache/activation-cache.js';
import { decodeMany, viewKey, type ViewSpec } from '../data/index.js';
import type { ImageExample } from '../data/types.js';
import type { FloatTensor } from '../engines/types.js';
import { GraftError } from '../errors.js';
import type { PrefixRunner } from '../graph/index.js';
import type { Run } from '../runs/run.js';
import { runPrefix, type Item } from './prefix-pass.js';

export type { Item } from './prefix-pass.js';

/** Where training gets its inputs: the prefix's outputs (taps) for some pictures, batch first. */
export interface ActivationSource {
  batch(items: readonly Item[]): Promise<FloatTensor[]>;
  dispose(): Promise<void>;
}

export interface CacheOptions {
  /** Bytes that all cached activations of the workspace may take on disk. */
  readonly limit: number;
}

/** A picture that could not be decoded, and why. */
export interface Unreadable {
  readonly example: ImageExample;
  readonly error: GraftError;
}

/** Activations up to this many bytes are kept in memory; more are read from disk batch by batch. */
const memoryBytes = 256 << 20;

/**
 * Runs the prefix once over `items` and keeps what it gives on disk, keyed by everything that decides it; what is there
 * already is not computed again. Unreadable pictures are returned, not thrown.
 *
 * Where the activations would not fit `cache.limit`, nothing is kept and every batch runs the prefix anew.
 */
export async function cachedActivations(
  run: Run,
  prefix: PrefixRunner,
  spec: ViewSpec,
  items: readonly Item[],
  cache: CacheOptions,
): Promise<{ source: ActivationSource; cached: number; unreadable: Unreadable[] }> {
  const sizes = prefix.tapShapes.map((shape) => shape.reduce((product, size) => product * size, 1));
  const recordLength = sizes.reduce((sum, size) => sum + size, 0);
  const keys = new Map(items.map((item) => [item, itemKey(item, spec)]));
  const wanted = new Map(items.map((item) => [keys.get(item) ?? '', item]));
  const bytes = wanted.size * recordLength * 4;
  if (bytes > cache.limit) {
    run.warn(
      `The activations of the frozen layers need ${gigabytes(bytes)}, more than the cache limit of ${gigabytes(cache.limit)}: they are computed again in every epoch.`,
      'Freeze more layers, use fewer augmented views, or raise cacheLimit.',
    );
    return {
      source: computedActivations(prefix.tapShapes, spec, (pixels, n) => prefix.run(pixels, n)),
      cached: 0,
      unreadable: [],
    };
  }

  const store = await ActivationCache.open(path.join(run.cacheFolder, prefix.hash), recordLength);
  const inMemory = bytes <= memoryBytes;
  const table = new Float32Array(inMemory ? wanted.size * recordLength : recordLength);
  const slots = new Map([...wanted.keys()].map((key, slot) => [key, slot]));
  const missing: Item[] = [];
  for (const [key, item] of wanted) {
    const there =
      store.has(key) && (await store.read(key, table, inMemory ? (slots.get(key) ?? 0) * recordLength : 0, true));
    if (!there) missing.push(item);
  }

  const unreadable: Unreadable[] = [];
  if (missing.length > 0) {
    await evict(run.cacheFolder, Math.max(0, cache.limit - missing.length * recordLength * 4), prefix.hash);
    await run
      .phase('prefix', missing.length, async (progress) => {
        let done = 0;
        const decoded = (ms: number) => (run.decodeMs += ms);
        for await (const result of runPrefix(prefix, spec, missing, decoded)) {
          run.checkStopped();
          if ('error' in result) unreadable.push({ example: result.item.example, error: result.error });
          else {
            const key = keys.get(result.item) ?? '';
            await store.add(key, result.record);
            if (inMemory) table.set(result.record, (slots.get(key) ?? 0) * recordLength);
          }
          progress(++done);
        }
      })
      .finally(() => store.flush());
  }

  const keyOf = (item: Item) => keys.get(item) ?? itemKey(item, spec);
  return {
    cached: wanted.size - missing.length,
    unreadable,
    source: {
      async batch(batch) {
        const records = new Float32Array(batch.length * recordLength);
        for (const [i, item] of batch.entries()) {
          const key = keyOf(item);
          const slot = slots.get(key);
          if (inMemory && slot !== undefined) {
            records.set(table.subarray(slot * recordLength, (slot + 1) * recordLength), i * recordLength);
          } else if (!(await store.read(key, records, i * recordLength, false))) {
            throw new GraftError(`The cached activations of ${item.example.id} disappeared while training.`, {
              action: 'Resume the run: they are computed again.',
            });
          }
        }
        return splitRecords(records, batch.length, prefix.tapShapes, sizes);
      },
      dispose: () => store.close(),
    },
  };
}

/**
 * Activations that are computed for every batch: for a model without a frozen prefix, where `compute` only scales the
 * pixels, and for a prefix too large to cache.
 */
export function computedActivations(
  tapShapes: readonly (readonly number[])[],
  spec: ViewSpec,
  compute: (pixels: Uint8Array, n: number) => Promise<Float32Array[]>,
): ActivationSource {
  return {
    async batch(items) {
      const size = spec.size[0] * spec.size[1] * 3;
      const pixels = new Uint8Array(items.length * size);
      for await (const decoded of decodeMany(items, spec)) {
        if ('error' in decoded) throw decoded.error;
        pixels.set(decoded.pixels, decoded.index * size);
      }
      const taps = await compute(pixels, items.length);
      return taps.map((data, tap) => ({ data, shape: [items.length, ...(tapShapes[tap] ?? [])] }));
    },
    dispose: () => Promise.resolve(),
  };
}

function splitRecords(
  records: Float32Array,
  n: number,
  shapes: readonly (readonly number[])[],
  sizes: readonly number[],
): FloatTensor[] {
  if (shapes.length === 1) return [{ data: records, shape: [n, ...(shapes[0] ?? [])] }];
  const recordLength = records.length / n;
  let offset = 0;
  return shapes.map((shape, tap) => {
    const size = sizes[tap] ?? 0;
    const data = new Float32Array(n * size);
    for (let i = 0; i < n; i++)
      data.set(records.subarray(i * recordLength + offset, i * recordLength + offset + size), i * size);
    offset += size;
    return { data, shape: [n, ...shape] };
  });
}

function itemKey({ example, view }: Item, spec: ViewSpec): string {
  return createHash('sha256')
    .update(`${example.hash}|${viewKey(spec, example, view)}`)
    .digest('hex')
    .slice(0, 32);
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
