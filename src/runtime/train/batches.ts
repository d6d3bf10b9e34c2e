import type { Example, Item } from '../data/example.js';
import type { Batch } from '../engines/types.js';
import type { FloatTensor } from '../../common/tensor.js';
import { permutation, seedOf, uniform } from '../../common/random.js';
import type { TaskDefinition } from '../tasks/index.js';

/** Every view of every example, made once: `items[example][view]`. */
export function itemTable(examples: readonly Example[], views: number): Item[][] {
  return examples.map((example) => Array.from({ length: views }, (_, view) => ({ example, view })));
}

/** In their order; the last one may be smaller. */
export function batchesOf(items: readonly Item[], batchSize: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / batchSize) }, (_, i) =>
    items.slice(i * batchSize, (i + 1) * batchSize),
  );
}

/** The batches of one epoch: seeded order, each example once, its views in turn from epoch to epoch. */
export function epochBatches(
  items: readonly (readonly Item[])[],
  batchSize: number,
  epoch: number,
  seed: number,
): Item[][] {
  const order = permutation(items.length, seed);
  const batches: Item[][] = [];
  for (let start = 0; start < order.length; start += batchSize) {
    const batch: Item[] = [];
    for (const index of order.subarray(start, start + batchSize)) {
      const views = items[index] ?? [];
      const item = views[(index + epoch) % views.length];
      if (item !== undefined) batch.push(item);
    }
    batches.push(batch);
  }
  return batches;
}

/**
 * Inputs, labels and weights of one batch.
 *
 * @param outputs of the model.
 * @param weightOf loss weight of an example.
 * @param writeTarget of the task: what the outputs should be.
 */
export function assemble(
  inputs: readonly FloatTensor[],
  items: readonly Item[],
  outputs: number,
  weightOf: (example: Example) => number,
  writeTarget: TaskDefinition['writeTarget'],
): Batch {
  const labels = new Float32Array(items.length * outputs);
  const weights = Float32Array.from(items, ({ example }) => weightOf(example));
  items.forEach(({ example: { label } }, i) => {
    writeTarget(label, labels.subarray(i * outputs, (i + 1) * outputs));
  });
  return { inputs, labels: { data: labels, shape: [items.length, outputs] }, weights };
}

/** Mixup (Zhang et al. 2018): every example is mixed with another one of the batch, λ ~ Beta(alpha, alpha), seeded. */
export function mixup(batch: Batch, alpha: number, seed: number): Batch {
  const n = batch.weights.length;
  const random = uniform(seedOf(seed, 'lambda'));
  const partners = permutation(n, seedOf(seed, 'partners'));
  const lambda = beta(alpha, random);
  const mix = ({ data, shape }: FloatTensor): FloatTensor => {
    const size = data.length / n;
    const mixed = new Float32Array(data.length);
    for (let i = 0; i < n; i++) {
      const partner = (partners[i] ?? i) * size;
      for (let j = 0; j < size; j++)
        mixed[i * size + j] = lambda * (data[i * size + j] ?? 0) + (1 - lambda) * (data[partner + j] ?? 0);
    }
    return { data: mixed, shape };
  };
  return {
    inputs: batch.inputs.map(mix),
    labels: mix(batch.labels),
    weights: mix({ data: batch.weights, shape: [n] }).data,
  };
}

/** A draw from Beta(alpha, alpha), as the ratio of two gamma draws. */
function beta(alpha: number, random: () => number): number {
  const a = gamma(alpha, random);
  const b = gamma(alpha, random);
  return a + b === 0 ? 0.5 : a / (a + b);
}

/** Marsaglia and Tsang 2000; below 1 by the power of a uniform draw. */
function gamma(shape: number, random: () => number): number {
  if (shape < 1) return gamma(shape + 1, random) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const v = (1 + c * normal) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * normal * normal + d - d * v + d * Math.log(v)) return d * v;
  }
}
