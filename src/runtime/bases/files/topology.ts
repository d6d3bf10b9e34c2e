/** Changes to the topology that a Keras 2 model file describes, before TensorFlow.js builds it. */

/**
 * A copy in which nothing matters but the layers: initializers are zeros, because all weights are loaded; regularizers,
 * which TensorFlow.js does not always know, are left out, because `fit` uses weight decay.
 *
 * @param inputSize [height, width] of the input layer; default its own.
 */
export function plainTopology(topology: object, inputSize?: readonly [number, number]): object {
  const rewrite = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rewrite);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, rewriteEntry(key, entry)]));
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
