import { checkArgument, checkOptions, number } from '../../common/check-options.js';
import { freezePoints } from '../graph/freeze-points.js';
import { programOf } from '../graph/program.js';
import type { tf } from '../tf.js';
import { layersModel } from './arguments.js';

const decay = number('above 0 and at most 1', (value) => value > 0 && value <= 1);

/**
 * Learning-rate multipliers for the layers of a base that fall from block to block towards the input (layer-wise learning-rate
 * decay: Howard and Ruder 2018; Clark et al. 2020): `decay` for its last block, `decay`² for the one before, and so on. What
 * comes after the base is not in it and keeps the whole rate.
 *
 * A block ends where the whole picture passes through one value, as at the end of each residual block.
 *
 * @param decay above 0, at most 1. Default 0.8.
 * @throws GraftError for another decay.
 * @example
 * const run = await fit(model, data, { epochs: 10, learningRateMultipliers: layerWiseDecay(base, { decay: 0.8 }) });
 */
export function layerWiseDecay(base: tf.LayersModel, options: { decay?: number } = {}): Record<string, number> {
  checkArgument('layerWiseDecay', 'base', base, layersModel);
  checkOptions('layerWiseDecay', options, { decay });
  const { decay: factor = 0.8 } = options;
  const ends = new Set(freezePoints(base).map(({ name }) => name));
  const blocks: string[][] = [[]];
  for (const { layer } of programOf(base).steps) {
    if (layer.weights.length > 0) blocks.at(-1)?.push(layer.name);
    // Layers without weights that follow, such as pooling, are no block.
    if (ends.has(layer.name) && blocks.at(-1)?.length !== 0) blocks.push([]);
  }
  const filled = blocks.filter(({ length }) => length > 0);
  return Object.fromEntries(
    filled.flatMap((names, i) => names.map((name) => [name, factor ** (filled.length - i)] as const)),
  );
}
