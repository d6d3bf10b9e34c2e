import { GraftError } from '../../../common/errors.js';
import { tf } from '../../tf.js';
import { flatLayers } from '../flat-layers.js';
import { plainName } from '../keras/network.js';
import { damagedH5, type LayerWeights } from './h5-file.js';

/**
 * Copies weights into a model by layer name; where the names are others, as in files of networks whose layers Keras once called or counted
 * otherwise, by the layers' order, which is how Keras itself reads them, if every shape fits. Asserts first that every layer is there, with the count and the shapes that
 * it needs; nothing is copied otherwise.
 *
 * @throws GraftError naming the first layer that differs.
 */
export function assignWeights(model: tf.LayersModel, source: readonly LayerWeights[], file: string): void {
  const layers = flatLayers(model).filter((layer) => layer.weights.length > 0);
  const given = source.filter(({ weights }) => weights.length > 0);
  const inOrder = isSameInOrder(layers, given);
  const byName = new Map(
    given.map(({ layer, weights }, i) => [inOrder ? (layers[i]?.name ?? '') : plainName(layer), weights]),
  );
  const wrong = (problem: string) =>
    new GraftError(`${file} does not fit ${model.name}: ${problem}.`, {
      action: 'It holds another architecture, or other arguments (alpha, classes, includeTop) made it.',
    });
  for (const layer of layers) {
    const weights = byName.get(layer.name);
    if (weights === undefined) throw wrong(`it has no weights for the layer ${layer.name}`);
    if (weights.length !== layer.weights.length)
      throw wrong(
        `the layer ${layer.name} has ${weights.length} weights in it, and ${layer.weights.length} in the model`,
      );
    layer.weights.forEach((weight, i) => {
      const shape = weights[i]?.shape ?? [];
      if (weights[i]?.data === undefined)
        throw damagedH5(file, `the weight ${weight.originalName} in it does not hold floating-point numbers`);
      if (shape.join() !== weight.shape.join())
        throw wrong(
          `${weight.originalName} is [${shape.join(', ')}] in it, and [${weight.shape.join(', ')}] in the model`,
        );
    });
  }
  const extra = [...byName.keys()].filter((name) => !layers.some((layer) => layer.name === name));
  if (extra.length > 0)
    throw wrong(`it has weights for ${extra.length} layers that the model lacks, the first one ${extra[0] ?? ''}`);
  for (const layer of layers) {
    tf.tidy(() => {
      layer.setWeights(
        (byName.get(layer.name) ?? []).map(({ data = new Float32Array(), shape }) => tf.tensor(data, [...shape])),
      );
    });
  }
}

/** Other names, the same shapes. */
function isSameInOrder(layers: readonly tf.layers.Layer[], source: readonly LayerWeights[]): boolean {
  const names = new Set(source.map(({ layer }) => plainName(layer)));
  if (layers.length !== source.length || layers.every(({ name }) => names.has(name))) return false;
  const shapes = (weights: readonly { readonly shape: readonly (number | null)[] }[]) =>
    weights.map(({ shape }) => shape.join()).join(' ');
  return layers.every((layer, i) => shapes(layer.weights) === shapes(source[i]?.weights ?? []));
}
