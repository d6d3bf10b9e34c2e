import { GraftError } from '../../../common/errors.js';
import { tf } from '../../tf.js';
import { flatLayers } from '../flat-layers.js';
import { plainName } from '../keras/network.js';
import { damagedH5, type LayerWeights } from './h5-file.js';
import type { Hdf5Dataset } from './hdf5/types.js';

/**
 * Copies weights into a model: by layer name where the file has the same names; else in the order of the layers, as Keras does it, which names
 * layers differently from one session and version to the next. Asserts first that every layer has the count and the shapes that it needs;
 * nothing is copied otherwise.
 *
 * @throws GraftError naming the first layer that differs.
 */
export function assignWeights(model: tf.LayersModel, source: readonly LayerWeights[], file: string): void {
  const layers = flatLayers(model).filter((layer) => layer.weights.length > 0);
  const wrong = (problem: string) =>
    new GraftError(`${file} does not fit ${model.name}: ${problem}.`, {
      action: 'It holds another architecture, or other arguments (alpha, classes, includeTop) made it.',
    });
  const groups = source
    .filter(({ weights }) => weights.length > 0)
    .map(({ layer, weights }): LayerWeights => ({ layer: plainName(layer), weights }));
  const given = groups.map(({ layer }) => layer);
  const twice = given.find((name, i) => given.indexOf(name) !== i);
  if (twice !== undefined) throw wrong(`it has weights for the layer ${twice} twice`);
  const lists = byName(layers, groups) ?? byOrder(layers, groups);
  if (lists === undefined) {
    const names = new Set(given);
    const missing = layers.find(({ name }) => !names.has(name) && !automatic.test(name));
    if (missing !== undefined) throw wrong(`it has no weights for the layer ${missing.name}`);
    const extra = [...names].filter((name) => !layers.some((layer) => name === layer.name) && !automatic.test(name));
    if (extra[0] !== undefined)
      throw wrong(`it has weights for ${extra.length} layers that the model lacks, the first one ${extra[0]}`);
    throw wrong(`its ${groups.length} layers with weights are not the model's ${layers.length}, in their order`);
  }
  layers.forEach((layer, i) => {
    const weights = lists[i] ?? [];
    if (weights.length !== weightsIn(layer, weights.length))
      throw wrong(
        `the layer ${layer.name} has ${weights.length} weights in it, and ${layer.weights.length} in the model`,
      );
    layer.weights.forEach((weight, k) => {
      const shape = weights[k]?.shape ?? [];
      if (weights[k]?.data === undefined)
        throw damagedH5(file, `the weight ${weight.originalName} in it does not hold floating-point numbers`);
      if (shape.join() !== weight.shape.join())
        throw wrong(
          `${weight.originalName} is [${shape.join(', ')}] in it, and [${weight.shape.join(', ')}] in the model`,
        );
    });
  });
  layers.forEach((layer, i) => {
    const weights = (lists[i] ?? []).slice(0, layer.weights.length);
    tf.tidy(() => {
      layer.setWeights(weights.map(({ data = new Float32Array(), shape }) => tf.tensor(data, [...shape])));
    });
  });
}

/** How many weights Keras has for a layer, given that a file has `given`: it may count what a Normalization has seen. */
function weightsIn(layer: tf.layers.Layer, given: number): number {
  const own = layer.weights.length;
  return layer.getClassName() === 'Normalization' && given === own + 1 ? given : own;
}

/** For each layer the weights of its name; undefined where the names differ. */
function byName(
  layers: readonly tf.layers.Layer[],
  groups: readonly LayerWeights[],
): (readonly Hdf5Dataset[])[] | undefined {
  const named = new Map(groups.map(({ layer, weights }) => [layer, weights]));
  const lists = layers.flatMap(({ name }) => {
    const weights = named.get(name);
    return weights === undefined ? [] : [weights];
  });
  return lists.length === layers.length && named.size === layers.length ? lists : undefined;
}

/**
 * For each layer the weights at its place. A model within the model has all of its weights at one place, and its layers here follow each
 * other. Undefined where the places do not end together, or where a name that somebody chose stands at another layer's place.
 */
function byOrder(
  layers: readonly tf.layers.Layer[],
  groups: readonly LayerWeights[],
): (readonly Hdf5Dataset[])[] | undefined {
  const chosen = new Set(layers.map(({ name }) => name).filter((name) => !automatic.test(name)));
  const lists: (readonly Hdf5Dataset[])[] = [];
  for (const { layer: name, weights } of groups) {
    let used = 0;
    while (used < weights.length) {
      const layer = layers[lists.length];
      if (layer === undefined || (chosen.has(name) && layer.name !== name)) return undefined;
      const count = weightsIn(layer, weights.length - used);
      if (used + count > weights.length) return undefined;
      lists.push(weights.slice(used, used + count));
      used += count;
    }
  }
  return lists.length === layers.length ? lists : undefined;
}

/** What Keras calls the layers with weights that nobody has named. */
export const automatic = /^(conv2d|batch_normalization|normalization|layer_normalization)(_\d+)?$/;
