import { createHash } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { gigabytes } from '../../common/bytes.js';
import { ActivationCache } from '../cache/activation-cache.js';
import { evict } from '../cache/evict.js';
import { viewKey, type ViewSpec } from '../data/index.js';
import type { FloatTensor } from '../../common/tensor.js';
import { programHash, type Verdict } from '../engines/index.js';
import { GraftError } from '../../common/errors.js';
import { shapeOf, type Program, type ProgramInput } from '../graph/index.js';
import type { Run } from '../run/run.js';
import type { ActivationSource, Item, Pass, Unreadable } from './prefix-pass.js';

export type { ActivationSource, Item, Unreadable } from './prefix-pass.js';

export interface CacheOptions {
  /** Bytes that all cached activations of the workspace may take on disk. */
  readonly limit: number;
}

/** What the cache must know of a prefix. */
export interface Prefix {
  /** Of all that decides its taps besides the picture. */
  readonly hash: string;
  /** Shapes of the taps without the batch. */
  readonly tapShapes: readonly (readonly number[])[];
}

export function prefixOf(program: Program, inputs: readonly ProgramInput[]): Prefix {
  return {
    hash: programHash(program, inputs),
    tapShapes: program.outputs.map((value) => shapeOf(program, value)),
  };
}

/** Whether this prefix's numbers were found right before lies beside them. */
export function verdictOf(run: Run, { hash }: Prefix): Verdict {
  const file = path.join(run.cacheFolder, hash, 'checked');
  return {
    known: () =>
      stat(file).then(
        (entry) => entry.isFile(),
        () => false,
      ),
    // Where it cannot be written, it is found out again.
    keep: () => writeFile(file, '').catch(() => undefined),
  };
}

export interface CachedActivations {
  readonly source: ActivationSource;
  /** How many were there already. */
  readonly cached: number;
  readonly unreadable: readonly Unreadable[];
}

/** Activations up to this many bytes are kept in memory; more are read from disk batch by batch. */
const memoryBytes = 256 << 20;

/**
 * Computes the taps of `items` once and keeps them on disk, keyed by everything that decides them; what is there
 * already is not computed again. Unreadable pictures are returned, not thrown.
 *
 * Where they would not fit `cache.limit`, nothing is kept and every batch is computed anew.
 *
 * @param begin is called only when something is to be computed.
 */
export async function cachedActivations(
  run: Run,
  prefix: Prefix,
  begin: () => Promise<Pass>,
  spec: ViewSpec,
  items: readonly Item[],
  cache: CacheOptions,
): Promise<CachedActivations> {
  const sizes = prefix.tapShapes.map(sizeOf);
  const recordLength = sizes.reduce((sum, size) => sum + size, 0);
  const keys = new Map(items.map((item) => [item, itemKey(item, spec)]));
  const wanted = new Map(items.map((item) => [keys.get(item) ?? '', item]));
  const bytes = wanted.size * recordLength * 4;
  if (bytes > cache.limit) {
    run.warn(
      `The activations of the frozen layers need ${gigabytes(bytes)}, more than the cache limit of ${gigabytes(cache.limit)}: they are computed again in every epoch.`,
      'Freeze more layers, use fewer augmented views, or raise cacheLimit.',
    );
    return { source: computedActivations(prefix.tapShapes, await begin()), cached: 0, unreadable: [] };
  }

  const store = await ActivationCache.open(path.join(run.cacheFolder, prefix.hash), recordLength);
  const inMemory = bytes <= memoryBytes;
  const table = new Float32Array(inMemory ? wanted.size * recordLength : recordLength);
  const slots = new Map([...wanted.keys()].map((key, slot) => [key, slot]));
  const unreadable: Unreadable[] = [];
  const missing: Item[] = [];
  try {
    for (const [key, item] of wanted) {
      const at = inMemory ? (slots.get(key) ?? 0) * recordLength : 0;
      if (!(store.has(key) && (await store.read(key, table, at)))) missing.push(item);
    }
    if (missing.length > 0) {
      const pass = await begin();
      await evict(run.cacheFolder, Math.max(0, cache.limit - missing.length * recordLength * 4), prefix.hash);
      await run
        .phase('prefix', missing.length, async (progress) => {
          let done = 0;
          for await (const result of pass.records(missing)) {
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
        .finally(() => Promise.all([store.flush(), pass.dispose()]));
    }
  } catch (error) {
    await store.close();
    throw error;
  }

  // Whatever was decoded for this pass and did not take part in it.
  spec.decoded?.clear();
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
          } else if (!(await store.read(key, records, i * recordLength))) {
            throw new GraftError(
              `The cached activations of ${item.example.id} disappeared or were damaged while training.`,
              {
                action: 'Resume the run: they are computed again.',
              },
            );
          }
        }
        return splitRecords(records, batch.length, prefix.tapShapes, sizes);
      },
      dispose: () => store.close(),
    },
  };
}

/** Activations that are computed for every batch: of a prefix too large to cache, and of a model without one. */
export function computedActivations(tapShapes: Prefix['tapShapes'], pass: Pass): ActivationSource {
  const sizes = tapShapes.map(sizeOf);
  const recordLength = sizes.reduce((sum, size) => sum + size, 0);
  return {
    async batch(items) {
      const records = new Float32Array(items.length * recordLength);
      const slots = new Map(items.map((item, i) => [item, i]));
      for await (const result of pass.records(items)) {
        if ('error' in result) throw result.error;
        records.set(result.record, (slots.get(result.item) ?? 0) * recordLength);
      }
      return splitRecords(records, items.length, tapShapes, sizes);
    },
    dispose: () => pass.dispose(),
  };
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
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
