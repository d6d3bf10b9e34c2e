import { registerFunction } from '../../layers/index.js';
import { tf } from '../../tf.js';
import { zeroInitializers } from '../keras/own-words.js';

type Tensor = tf.SymbolicTensor;

let random = true;

/** Makes layers whose weights are drawn at random, which takes seconds for a large network, or zero, for those that get others. */
export function initialized<T>(atRandom: boolean, make: () => T): T {
  random = atRandom;
  try {
    return make();
  } finally {
    random = true;
  }
}

const zeros = (...names: string[]) => (random ? {} : Object.fromEntries(names.map((name) => [name, 'zeros'])));

/** Any layer that TensorFlow.js or `layers/` has: its class there, its name, its configuration. */
export function layer(
  className: string,
  name: string,
  config: Readonly<Record<string, unknown>>,
  inputs: Tensor | Tensor[],
): Tensor {
  const [make, fromConfig] = tf.serialization.SerializationMap.getMap().classNameMap[className] ?? [];
  if (make === undefined || fromConfig === undefined) throw new Error(`There is no layer ${className}.`);
  const made = fromConfig(make, {
    ...(random ? {} : zeroInitializers(className)),
    ...config,
    name,
  });
  if (!(made instanceof tf.layers.Layer)) throw new Error(`${className} is no layer.`);
  return made.apply(inputs) as Tensor;
}

/** A function of each number, by its name in `layers/functions.ts` or TensorFlow.js. */
export function activation(x: Tensor, name: string, fn: string, ...args: number[]): Tensor {
  return layer('Activation', name, { activation: registerFunction({ name: fn, args }) }, x);
}

/** `Conv2D` with the name of Keras's layer, and what usually follows it. */
export function convolution(
  x: Tensor,
  name: string,
  options: {
    filters: number;
    kernel: number;
    strides?: number;
    padding?: 'same' | 'valid';
    useBias?: boolean;
    activation?: 'relu';
  },
): Tensor {
  const { filters, kernel, strides = 1, padding = 'valid', useBias = true, activation } = options;
  const layer = tf.layers.conv2d({
    filters,
    kernelSize: kernel,
    strides,
    padding,
    useBias,
    name,
    ...zeros('kernelInitializer'),
    ...(activation === undefined ? {} : { activation }),
  });
  return layer.apply(x) as Tensor;
}

export function batchNormalization(
  x: Tensor,
  name: string,
  options: { epsilon?: number; momentum?: number } = {},
): Tensor {
  return tf.layers.batchNormalization({ name, ...options }).apply(x) as Tensor;
}

export function relu(x: Tensor, name: string, maxValue?: number): Tensor {
  return tf.layers.reLU({ name, ...(maxValue === undefined ? {} : { maxValue }) }).apply(x) as Tensor;
}

export function add(inputs: Tensor[], name: string): Tensor {
  return tf.layers.add({ name }).apply(inputs) as Tensor;
}

/** @param padding as many rows and columns on every side; or [[top, bottom], [left, right]]. */
export function zeroPadding(x: Tensor, name: string, padding: number | [[number, number], [number, number]]): Tensor {
  return tf.layers
    .zeroPadding2d({ name, padding: typeof padding === 'number' ? [padding, padding] : padding })
    .apply(x) as Tensor;
}

/** `DepthwiseConv2D`. `kernel`: default 3. */
export function depthwise(
  x: Tensor,
  name: string,
  { kernel = 3, ...options }: { kernel?: number; strides: number; padding: 'same' | 'valid'; useBias: boolean },
): Tensor {
  const initializers = zeros('depthwiseInitializer');
  return tf.layers.depthwiseConv2d({ kernelSize: kernel, name, ...initializers, ...options }).apply(x) as Tensor;
}

export function maxPooling(x: Tensor, name: string, poolSize: number, strides: number): Tensor {
  return tf.layers.maxPooling2d({ poolSize, strides, name }).apply(x) as Tensor;
}

/** Along the channels. */
export function concatenate(inputs: Tensor[], name: string): Tensor {
  return tf.layers.concatenate({ axis: 3, name }).apply(inputs) as Tensor;
}

export function dropout(x: Tensor, name: string, rate: number): Tensor {
  return tf.layers.dropout({ rate, name }).apply(x) as Tensor;
}

export function softmax(x: Tensor, name: string): Tensor {
  return tf.layers.softmax({ name }).apply(x) as Tensor;
}

export function dense(x: Tensor, name: string, units: number, fn: 'relu' | 'softmax'): Tensor {
  return tf.layers.dense({ units, activation: fn, name, ...zeros('kernelInitializer') }).apply(x) as Tensor;
}

/** Names of the pooling layers: many networks of Keras leave them to Keras. */
export const unnamedPools = { avg: 'global_average_pooling2d', max: 'global_max_pooling2d' } as const;
const namedPools = { avg: 'avg_pool', max: 'max_pool' } as const;
type Pools = typeof unnamedPools | typeof namedPools;

/** A value per channel, or the map as it is. */
export function pooled(x: Tensor, pooling: 'avg' | 'max' | null, names: Pools = namedPools): Tensor {
  if (pooling === null) return x;
  return layer(pooling === 'avg' ? 'GlobalAveragePooling2D' : 'GlobalMaxPooling2D', names[pooling], {}, x);
}

/** The end of a Keras application: a classifier, or pooling, or neither. */
export function top(
  x: Tensor,
  { includeTop, pooling, classes }: { includeTop: boolean; pooling: 'avg' | 'max' | null; classes: number },
  names: Pools = namedPools,
): Tensor {
  if (!includeTop) return pooled(x, pooling, names);
  return dense(pooled(x, 'avg', names), 'predictions', classes, 'softmax');
}
