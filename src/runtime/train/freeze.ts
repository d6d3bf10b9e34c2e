import { checkArgument, checkOptions, isPlainObject, number, type OptionTable } from '../../common/check-options.js';
import { GraftError, nearest, smallSlip } from '../../common/errors.js';
import { freezePoints } from '../graph/freeze-points.js';
import type { tf } from '../tf.js';
import { layersModel } from './arguments.js';

export interface FreezeOptions {
  /**
   * The last frozen layer: its name, its index in `model.layers` (negative counts from the end), or, with
   * `{ depth }`, the fraction of the layers with weights that are frozen, in [0, 1]. Default: everything is frozen.
   */
  readonly upTo?: string | number | { readonly depth: number };
}

const freezeOptions: OptionTable<FreezeOptions> = {
  upTo: {
    is: "a layer's name, its index, or { depth: 0.7 }",
    holds: (value) => ['string', 'number'].includes(typeof value) || isPlainObject(value),
    fields: {
      depth: {
        ...number('a number from 0 (nothing) to 1 (the whole base)', (value) => value >= 0 && value <= 1),
        required: true,
      },
    },
  },
};

/**
 * Makes the layers of `model` up to and including `upTo` untrainable and the ones after it trainable, in the order of
 * `model.layers` (as `for layer in model.layers[:n]: layer.trainable = False` in Keras). A frozen BatchNormalization
 * runs in inference mode while `fit` trains the rest, so that none of its variables moves.
 *
 * @throws GraftError for a name or an index that the model does not have; the nearest name is suggested.
 */
export function freeze(model: tf.LayersModel, options: FreezeOptions = {}): void {
  checkArgument('freeze', 'model', model, layersModel);
  checkOptions('freeze', options, freezeOptions);
  const count = frozenCount(model, options.upTo);
  model.layers.forEach((layer, index) => {
    layer.trainable = index >= count;
  });
}

/** Makes every layer of `model` trainable. */
export function unfreeze(model: tf.LayersModel): void {
  checkArgument('unfreeze', 'model', model, layersModel);
  for (const layer of model.layers) layer.trainable = true;
}

/** Name of the last frozen layer before the first trainable one that has weights; undefined when nothing is frozen. */
export function frozenUpTo(model: tf.LayersModel): string | undefined {
  const withWeights = model.layers.filter((layer) => layer.weights.length > 0);
  if (!withWeights.some((layer) => !layer.trainable)) return undefined;
  const firstTrainable = model.layers.findIndex((layer) => layer.trainable && layer.weights.length > 0);
  const last = firstTrainable === -1 ? model.layers.length - 1 : firstTrainable - 1;
  // Layers without weights are neither; the name that a person gave is the last one marked as frozen.
  for (let index = last; index >= 0; index--) {
    const layer = model.layers[index];
    if (layer !== undefined && !layer.trainable) return layer.name;
  }
  return undefined;
}

function frozenCount(model: tf.LayersModel, upTo: FreezeOptions['upTo']): number {
  const { layers } = model;
  if (upTo === undefined) return layers.length;
  if (typeof upTo === 'string') {
    const index = layers.findIndex((layer) => layer.name === upTo);
    if (index !== -1) return index + 1;
    throw new GraftError(`freeze: ${model.name} has no layer "${upTo}".`, { action: layerMeant(upTo, model) });
  }
  if (typeof upTo === 'number') {
    const index = upTo < 0 ? layers.length + upTo : upTo;
    if (Number.isInteger(index) && index >= 0 && index < layers.length) return index + 1;
    throw new GraftError(`freeze: layer index ${upTo} is outside ${model.name}, which has ${layers.length} layers.`, {
      action: `Use an index from 0 to ${layers.length - 1}, or a layer name.`,
    });
  }
  const { depth } = upTo;
  const weighted = layers.flatMap((layer, index) => (layer.weights.length > 0 ? [index] : []));
  const frozen = Math.round(depth * weighted.length);
  if (frozen === 0) return 0;
  if (frozen === weighted.length) return layers.length;
  return (weighted[frozen - 1] ?? 0) + 1;
}

/** A slip of the pen, or else where freezing makes sense: a name that is only alike may be at the other end of the model. */
function layerMeant(name: string, model: tf.LayersModel): string {
  const names = model.layers.map((layer) => layer.name);
  const guess = nearest(name, names, smallSlip);
  if (guess !== undefined) return `Did you mean "${guess}"?`;
  try {
    const points = freezePoints(model).map((point) => point.name);
    const ends = stageEnds(model, points);
    if (points.length > 0) return `Its stages end in ${abbreviate(ends.length > 1 ? ends : points)}.`;
  } catch {
    // Of layers that cannot be run here: the names alone.
  }
  return `Its layers are ${abbreviate(names)}.`;
}

/** The last of the points with feature maps of each size. */
function stageEnds(model: tf.LayersModel, points: readonly string[]): string[] {
  const ends = new Map<string, string>();
  for (const name of points) {
    const [, height, width] = model.getLayer(name).outputShape as readonly (number | null)[];
    if (height !== undefined && width !== undefined) ends.set(`${height} ${width}`, name);
  }
  return [...ends.values()];
}

function abbreviate(names: readonly string[]): string {
  return names.length <= 24 ? names.join(', ') : `${names.slice(0, 4).join(', ')}, …, ${names.slice(-3).join(', ')}`;
}
