/** Changes to the topology that a Keras 2 model file describes, before TensorFlow.js builds it. */
import { GraftError } from '../../../common/errors.js';

/**
 * A copy in which nothing matters but the layers: initializers are zeros, because all weights are loaded; regularizers,
 * which TensorFlow.js does not always know, are left out, because `fit` uses weight decay.
 *
 * @param file for errors.
 * @param inputSize [height, width] of the input layer; default its own.
 */
export function plainTopology(topology: object, file: string, inputSize?: readonly [number, number]): object {
  const rewrite = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rewrite);
    if (typeof value !== 'object' || value === null) return value;
    const layer = withSlope(value, file);
    return Object.fromEntries(Object.entries(layer).map(([key, entry]) => [key, rewriteEntry(key, entry)]));
  };
  const rewriteEntry = (key: string, entry: unknown): unknown => {
    if (/_(regularizer|constraint)$/.test(key)) return null;
    if (key.endsWith('_initializer')) return { class_name: 'Zeros', config: {} };
    if (key === 'batch_input_shape' && inputSize !== undefined && Array.isArray(entry) && entry.length === 4) {
      return [entry[0], ...inputSize, entry[3]];
    }
    return rewrite(entry);
  };
  return rewrite(topology) as object;
}

/**
 * TensorFlow.js knows the slope below zero as `alpha` of LeakyReLU alone: not as Keras 3 calls it, nor in ReLU, where Keras 2 has it too.
 *
 * @throws GraftError for a ReLU that no layer of TensorFlow.js is equal to.
 */
function withSlope(layer: object, file: string): object {
  if (!('class_name' in layer) || !('config' in layer)) return layer;
  const { class_name: name, config } = layer;
  if ((name !== 'ReLU' && name !== 'LeakyReLU') || typeof config !== 'object' || config === null) return layer;
  const fields = config as Readonly<Record<string, unknown>>;
  const { negative_slope: slope, threshold, ...rest } = fields;
  if (name === 'LeakyReLU') return slope === undefined ? layer : { ...layer, config: { ...rest, alpha: slope } };
  const isNone = (value: unknown) => value === undefined || value === null || value === 0;
  if (isNone(slope) && isNone(threshold)) return layer;
  const { max_value: limit, ...leaky } = rest;
  if (isNone(threshold) && (limit === undefined || limit === null))
    return { ...layer, class_name: 'LeakyReLU', config: { ...leaky, alpha: slope } };
  throw new GraftError(
    `${file}: the layer "${String(fields['name'])}" is a ReLU with ${isNone(threshold) ? 'a slope and a largest value' : 'a threshold'}, which is not known here.`,
    { action: 'Replace that layer in Keras, for instance by LeakyReLU, and save the model again.' },
  );
}
