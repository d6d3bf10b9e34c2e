import { tf } from '../tf.js';
import { activate } from './convolution.js';
import { defineLayer, isFlag, isText, isWhole, isWholeList } from './define.js';

/**
 * A product over `contracted` last axes of the input: [N, a…, c…] · [c…, d…] → [N, a…, d…]. What EinsumDense of Keras comes to in the
 * equations that layers have.
 */
interface EinsumDenseSettings {
  readonly contracted: number;
  /** Without the contracted axes, the new ones: [d…]. */
  readonly units: readonly number[];
  /** Of the bias, the last axes of the output. Empty: none. */
  readonly biasShape: readonly number[];
  readonly activation: string;
}

const product = (sizes: readonly (number | null)[]) => sizes.reduce<number>((total, size) => total * Number(size), 1);

export const EinsumDense = defineLayer<EinsumDenseSettings>({
  className: 'EinsumDense',
  settings: { contracted: isWhole, units: isWholeList, biasShape: isWholeList, activation: isText },
  weights: ({ contracted, units, biasShape }, [input = []]) => [
    {
      name: 'kernel',
      shape: [...input.slice(input.length - contracted).map(Number), ...units],
      initial: 'glorotUniform',
    },
    ...(biasShape.length === 0 ? [] : [{ name: 'bias', shape: biasShape }]),
  ],
  outputShape: ({ contracted, units }, [input = []]) => [...input.slice(0, input.length - contracted), ...units],
  call: ({ inputs: [x], settings: { contracted, units, activation }, weights: [kernel, bias] }) => {
    if (x === undefined || kernel === undefined) throw new Error('EinsumDense takes one input.');
    const kept = x.shape.slice(0, x.rank - contracted);
    const depth = product(x.shape.slice(x.rank - contracted));
    const rows = tf.reshape(x, [-1, depth]);
    const y = tf.reshape(tf.matMul(rows, tf.reshape(kernel, [depth, -1])), [...kept, ...units]);
    return activate(bias === undefined ? y : tf.add(y, bias), activation);
  },
});

interface AttentionSettings {
  readonly heads: number;
  readonly keyDim: number;
  readonly valueDim: number;
  readonly outputDim: number;
  readonly useBias: boolean;
}

/**
 * Multi-head attention (Vaswani et al. 2017) of sequences: query [N, T, Q], value [N, S, V] and, where it is another, key [N, S, K] →
 * [N, T, outputDim]. TensorFlow.js's own needs an operator that WebAssembly has not.
 */
export const Attention = defineLayer<AttentionSettings>({
  className: 'Attention',
  settings: { heads: isWhole, keyDim: isWhole, valueDim: isWhole, outputDim: isWhole, useBias: isFlag },
  weights: ({ heads, keyDim, valueDim, outputDim, useBias }, [query = [], value = [], key = value]) => {
    const dense = (name: string, input: readonly (number | null)[], dim: number) => [
      { name: `${name}_kernel`, shape: [Number(input.at(-1)), heads, dim], initial: 'glorotUniform' as const },
      ...(useBias ? [{ name: `${name}_bias`, shape: [heads, dim] }] : []),
    ];
    return [
      ...dense('query', query, keyDim),
      ...dense('key', key, keyDim),
      ...dense('value', value, valueDim),
      { name: 'output_kernel', shape: [heads, valueDim, outputDim], initial: 'glorotUniform' as const },
      ...(useBias ? [{ name: 'output_bias', shape: [outputDim] }] : []),
    ];
  },
  outputShape: ({ outputDim }, [query = []]) => [...query.slice(0, -1), outputDim],
  call: ({
    inputs: [query, value, key = value],
    settings: { heads, keyDim, valueDim, outputDim, useBias },
    weights,
  }) => {
    if (query === undefined || value === undefined || key === undefined) throw new Error('Attention takes sequences.');
    const rest = [...weights];
    const next = () => rest.shift() ?? tf.scalar(0);
    // [N, T, D] → [N, heads, T, dim]
    const dense = (x: tf.Tensor, dim: number) => {
      const [n = 0, length = 0, depth = 0] = x.shape;
      const y = tf.matMul(tf.reshape(x, [-1, depth]), tf.reshape(next(), [depth, heads * dim]));
      const shaped = tf.reshape(y, [n, length, heads, dim]);
      return tf.transpose(useBias ? tf.add(shaped, next()) : shaped, [0, 2, 1, 3]);
    };
    const q = tf.mul(dense(query, keyDim), 1 / Math.sqrt(keyDim));
    const [k, v] = [dense(key, keyDim), dense(value, valueDim)];
    const scores = tf.softmax(tf.matMul(q, k, false, true));
    const mixed = tf.transpose(tf.matMul(scores, v), [0, 2, 1, 3]);
    const [n = 0, length = 0] = mixed.shape;
    const y = tf.matMul(tf.reshape(mixed, [-1, heads * valueDim]), tf.reshape(next(), [heads * valueDim, outputDim]));
    const shaped = tf.reshape(y, [n, length, outputDim]);
    return useBias ? tf.add(shaped, next()) : shaped;
  },
});
