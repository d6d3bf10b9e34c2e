import { knownBase } from '../../src/runtime/bases/known.js';
import { loadBase } from '../../src/runtime/bases/load-base.js';
import type { tf } from '../../src/runtime/tf.js';

/** A base by its name or by the path of a model file, without a classifier. */
export async function resolveBase(name: string): Promise<tf.LayersModel> {
  return (await knownBase(name)?.open()) ?? (await loadBase(name));
}
