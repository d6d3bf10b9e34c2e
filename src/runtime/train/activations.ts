import { createHash } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { gigabytes } from '../../common/bytes.js';
import { ActivationCache } from '../cache/activation-cache.js';
import { evict } from '../cache/evict.js';
import { lengthOf, type OpenShapes, type Shapes, type TapRecord } from '../cache/shard.js';
import type { Item, Views } from '../data/index.js';
import { isSameShape, type FloatTensor } from '../../common/tensor.js';
import { programHash, type Verdict } from '../engines/index.js';
import { GraftError, present } from '../../common/errors.js';
import { sizesOf, type Program, type ProgramInput } from '../graph/index.js';
import type { Run } from '../run/run.js';
import type { ActivationSource, PrefixPass, Unreadable } from './prefix-pass.js';

interface CacheOptions {
  /** Bytes that all cached activations of the workspace may take on disk. */
  readonly limit: number;
}

/** What the cache must know of a prefix. */
interface Prefix {
  /** Hash of all that decides its taps besides the example. */
  readonly hash: string;
  /** Shapes of the taps without the batch. */
  readonly tapShapes: OpenShapes;
}

export function prefixOf(program: Program, inputs: readonly ProgramInput[]): Prefix {
  return {
    hash: programHash(program, inputs),
    tapShapes: program.outputs.map((value) => sizesOf(program, value)),
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
 * already is not computed again. Unreadable examples are returned, not thrown.
 *
 * Where they would not fit `cache.limit`, nothing is kept and every batch is computed anew.
 *
 * @param begin is called only when something is to be computed.
 */
export async function cachedActivations(
  run: Run,
  prefix: Prefix,
  begin: () => Promise<PrefixPass>,
  views: Pick<Views, 'key' | 'clear'>,
  items: readonly Item[],
  cache: CacheOptions,
): Promise<CachedActivations> {
  const keys = new Map(items.map((item) => [item, itemKey(item, views)]));
  const wanted = new Map(items.map((item) => [keys.get(item) ?? '', item]));
  const bytesOfEach = isKnown(prefix.tapShapes) ? lengthOf(prefix.tapShapes) * 4 : undefined;
  const bytes = wanted.size * (bytesOfEach ?? 0);
  if (bytes > cache.limit) {
    run.warn(
      `The activations of the frozen layers need ${gigabytes(bytes)}, more than the cache limit of ${gigabytes(cache.limit)}: they are computed again in every epoch.`,
      'Freeze more layers, use fewer augmented views, or raise cacheLimit.',
    );
    return { source: computedActivations(await begin()), cached: 0, unreadable: [] };
  }

  const store = await ActivationCache.open(path.join(run.cacheFolder, prefix.hash), prefix.tapShapes);
  const isKept = bytesOfEach !== undefined && bytes <= memoryBytes;
  const kept = new Map<string, TapRecord>();
  const unreadable: Unreadable[] = [];
  const missing: Item[] = [];
  try {
    let scratch = new Float32Array(0);
    for (const [key, item] of wanted) {
      const shapes = store.shapesOf(key);
      const length = shapes === undefined ? 0 : lengthOf(shapes);
      if (isKept || scratch.length < length) scratch = new Float32Array(length);
      if (shapes === undefined || !(await store.read(key, scratch, 0))) missing.push(item);
      else if (isKept) kept.set(key, { data: scratch, shapes });
    }
    if (missing.length > 0) {
      const pass = await begin();
      await evict(run.cacheFolder, Math.max(0, cache.limit - missing.length * (bytesOfEach ?? 0)), prefix.hash);
      await run
        .phase('prefix', missing.length, async (progress) => {
          let done = 0;
          for await (const result of pass.records(missing)) {
            run.checkStopped();
            if ('error' in result) unreadable.push({ example: result.item.example, error: result.error });
            else {
              const key = keys.get(result.item) ?? '';
              await store.add(key, result.taps);
              if (isKept) kept.set(key, result.taps);
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
  views.clear();
  const gone = ({ example: { id } }: Item) =>
    new GraftError(`The cached activations of ${id} disappeared or were damaged while training.`, {
      action: 'Resume the run: they are computed again.',
    });
  const keyOf = (item: Item) => keys.get(item) ?? itemKey(item, views);
  return {
    cached: wanted.size - missing.length,
    unreadable,
    source: {
      async batch(batch) {
        const shapesOf = (item: Item) => {
          const key = keyOf(item);
          const shapes = kept.get(key)?.shapes ?? store.shapesOf(key);
          if (shapes === undefined) throw gone(item);
          return shapes;
        };
        return await tapsOf(batch, shapesOf, async (item, target) => {
          const record = kept.get(keyOf(item));
          if (record !== undefined) target.set(record.data);
          else if (!(await store.read(keyOf(item), target, 0))) throw gone(item);
        });
      },
      dispose: () => store.close(),
    },
  };
}

/** Activations that are computed for every batch: of a prefix too large to cache, and of a model without one. */
export function computedActivations(pass: PrefixPass): ActivationSource {
  return {
    async batch(items) {
      const records = new Map<Item, TapRecord>();
      for await (const result of pass.records(items)) {
        if ('error' in result) throw result.error;
        records.set(result.item, result.taps);
      }
      const recordOf = (item: Item) => present(records.get(item), item.example.id);
      return await tapsOf(
        items,
        (item) => recordOf(item).shapes,
        (item, target) => {
          target.set(recordOf(item).data);
        },
      );
    },
    dispose: () => pass.dispose(),
  };
}

function isKnown(shapes: OpenShapes): shapes is Shapes {
  return shapes.every((shape) => shape.every((size) => size !== null));
}

/**
 * The taps of a batch, batch first.
 *
 * @param read writes the record of an item into its place.
 * @throws GraftError where they are of several sizes. Nothing is filled up: what a layer would make of that, it does not say.
 */
async function tapsOf(
  items: readonly Item[],
  shapesOf: (item: Item) => Shapes,
  read: (item: Item, target: Float32Array) => Promise<void> | void,
): Promise<FloatTensor[]> {
  const [first] = items;
  if (first === undefined) return [];
  const shapes = shapesOf(first);
  for (const item of items) checkSame(first, shapes, item, shapesOf(item));
  const length = lengthOf(shapes);
  const records = new Float32Array(items.length * length);
  for (const [i, item] of items.entries()) await read(item, records.subarray(i * length, (i + 1) * length));
  return splitRecords(records, items.length, shapes);
}

function checkSame(first: Item, shapes: Shapes, other: Item, others: Shapes): void {
  if (others === shapes) return;
  for (const [tap, shape] of shapes.entries()) {
    const found = others[tap] ?? [];
    if (isSameShape(shape, found)) continue;
    throw new GraftError(
      `The frozen layers give [${shape.join(', ')}] for ${first.example.id} and [${found.join(', ')}] for ${other.example.id}: a batch must be of one size there.`,
      { action: 'Let them end in one size for all, with a pooling layer, or train with batchSize: 1.' },
    );
  }
}

function splitRecords(records: Float32Array, n: number, shapes: Shapes): FloatTensor[] {
  if (shapes.length === 1) return [{ data: records, shape: [n, ...(shapes[0] ?? [])] }];
  const recordLength = records.length / n;
  let offset = 0;
  return shapes.map((shape) => {
    const size = lengthOf([shape]);
    const data = new Float32Array(n * size);
    for (let i = 0; i < n; i++)
      data.set(records.subarray(i * recordLength + offset, i * recordLength + offset + size), i * size);
    offset += size;
    return { data, shape: [n, ...shape] };
  });
}

function itemKey({ example, view }: Item, views: Pick<Views, 'key'>): string {
  return createHash('sha256')
    .update(`${example.hash}|${views.key(example, view)}`)
    .digest('hex')
    .slice(0, 32);
}
