import { AsyncLocalStorage } from 'node:async_hooks';

import { GraftError } from '../../../common/errors.js';
import { tf } from '../../tf.js';

interface Allowance {
  readonly file: string;
  readonly values: number;
  left: number;
}

const allowance = new AsyncLocalStorage<Allowance>();

/**
 * Builds a model whose layers may together have as many weights as its file holds. A topology that declares more (a Dense of 10¹²)
 * is refused before TensorFlow.js takes memory for them.
 *
 * @param values numbers that the file holds.
 * @throws GraftError naming the layer that no longer fits; whatever `build` throws.
 */
export function withinWeights<T>(file: string, values: number, build: () => T): T {
  return allowance.run({ file, values, left: values }, build);
}

/** TensorFlow.js's own, which it keeps to itself in its types. */
interface AddsWeights {
  addWeight: (this: { name: string }, name: string, shape: readonly (number | null)[], ...rest: unknown[]) => unknown;
}

// Every weight of every layer is made here, and nowhere else is its shape known.
const prototype = tf.layers.Layer.prototype as unknown as AddsWeights;
const { addWeight } = prototype;
prototype.addWeight = function (name, shape, ...rest) {
  const allowed = allowance.getStore();
  if (allowed !== undefined) claim(allowed, this.name, shape);
  return addWeight.call(this, name, shape, ...rest);
};

function claim(allowed: Allowance, layer: string, shape: readonly (number | null)[]): void {
  const refuse = (problem: string) =>
    new GraftError(`${allowed.file}: the layer "${layer}" would have a weight of [${shape.join(', ')}], ${problem}.`, {
      action: 'The file is damaged, or belongs to other weights: get another copy.',
    });
  if (shape.some((side) => !Number.isSafeInteger(side) || Number(side) < 0)) throw refuse('which no weight can have');
  allowed.left -= shape.reduce<number>((product, side) => product * Number(side), 1);
  if (allowed.left < 0) throw refuse(`more than the ${allowed.values} numbers that the file holds in all`);
}
