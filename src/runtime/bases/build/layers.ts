import * as own from '../../layers/index.js';
import { tf } from '../../tf.js';

type Tensor = tf.SymbolicTensor;
type Padding = 'same' | 'valid';
/** As many along both sides, or [along the height, along the width]. */
type Window = number | readonly [number, number];
type Activation = 'linear' | 'relu' | 'sigmoid' | 'swish' | 'gelu';

/** `Conv2D` with the name of Keras's layer, and what usually follows it. */
export function convolution(
  x: Tensor,
  name: string,
  options: {
    filters: number;
    kernel: Window;
    strides?: number;
    padding?: Padding;
    useBias?: boolean;
    activation?: Activation;
  },
): Tensor {
  const { filters, kernel, strides = 1, padding = 'valid', useBias = true, activation } = options;
  const layer = tf.layers.conv2d({
    filters,
    kernelSize: pair(kernel),
    strides,
    padding,
    useBias,
    name,
    ...(activation === undefined ? {} : { activation }),
  });
  return layer.apply(x) as Tensor;
}

export function batchNormalization(
  x: Tensor,
  name: string,
  options: { epsilon?: number; momentum?: number; scale?: boolean } = {},
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

/** `DepthwiseConv2D`. */
export function depthwise(
  x: Tensor,
  name: string,
  options: { kernel?: number; strides: number; padding: Padding; useBias: boolean },
): Tensor {
  const { kernel = 3, ...rest } = options;
  return tf.layers.depthwiseConv2d({ kernelSize: kernel, name, ...rest }).apply(x) as Tensor;
}

export function maxPooling(x: Tensor, name: string, poolSize: number, strides: number, padding?: Padding): Tensor {
  return tf.layers.maxPooling2d({ poolSize, strides, name, ...(padding && { padding }) }).apply(x) as Tensor;
}

export function averagePooling(x: Tensor, name: string, poolSize: number, strides: number, padding?: Padding): Tensor {
  return tf.layers.averagePooling2d({ poolSize, strides, name, ...(padding && { padding }) }).apply(x) as Tensor;
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

/** A value per channel, or the map as it is. */
export function pooled(x: Tensor, pooling: 'avg' | 'max' | null): Tensor {
  if (pooling === 'avg') return tf.layers.globalAveragePooling2d({ name: 'avg_pool' }).apply(x) as Tensor;
  if (pooling === 'max') return tf.layers.globalMaxPooling2d({ name: 'max_pool' }).apply(x) as Tensor;
  return x;
}

/**
 * The end of a Keras application: a classifier, or pooling, or neither.
 *
 * @param differences of a network: dropout before its classifier, and whether its pooling has a name of its own or an automatic one, without
 * the classifier and with it.
 */
export function top(
  x: Tensor,
  { includeTop, pooling, classes }: { includeTop: boolean; pooling: 'avg' | 'max' | null; classes: number },
  differences: { dropout?: number; pooled?: 'automatic'; classified?: 'automatic' } = {},
): Tensor {
  if (!includeTop) {
    if (differences.pooled === undefined || pooling === null) return pooled(x, pooling);
    return globalPooling(x, pooling === 'avg' ? 'global_average_pooling2d' : 'global_max_pooling2d', pooling);
  }
  let y = globalPooling(x, differences.classified === undefined ? 'avg_pool' : 'global_average_pooling2d', 'avg');
  if (differences.dropout !== undefined) y = dropout(y, 'top_dropout', differences.dropout);
  return dense(y, 'predictions', classes, 'softmax');
}

/** Each channel times what is made of the means of all (Hu et al. 2018), as the EfficientNets have it. */
export function squeezeAndExcite(x: Tensor, prefix: string, filters: number): Tensor {
  const channels = Number(x.shape[3]);
  const means = reshape(globalPooling(x, `${prefix}se_squeeze`, 'avg'), `${prefix}se_reshape`, [1, 1, channels]);
  const few = { filters, kernel: 1, padding: 'same', activation: 'swish' } as const;
  const all = { filters: channels, kernel: 1, padding: 'same', activation: 'sigmoid' } as const;
  const gates = convolution(convolution(means, `${prefix}se_reduce`, few), `${prefix}se_expand`, all);
  return multiply([x, gates], `${prefix}se_excite`);
}

/** `block1a_`, `block1b_`, … */
export function blockName(stage: number, block: number): string {
  return `block${stage + 1}${String.fromCharCode(97 + block)}_`;
}

/** `SeparableConv2D` without a bias. */
export function separable(
  x: Tensor,
  name: string,
  options: { filters: number; kernel: number; strides?: number; padding?: Padding },
): Tensor {
  const { kernel, ...rest } = options;
  return tf.layers.separableConv2d({ kernelSize: kernel, useBias: false, name, ...rest }).apply(x) as Tensor;
}

/** `Conv2D` with as many groups as channels. */
export function convolutionPerChannel(x: Tensor, name: string, kernel: number): Tensor {
  const channels = Number(x.shape[3]);
  return apply(x, own.GroupedConv2D, {
    ...{ name, filters: channels, groups: channels, kernelSize: pair(kernel), padding: 'same' },
    ...{ strides: [1, 1], dilationRate: [1, 1], useBias: true, activation: 'linear' },
  });
}

export function activation(x: Tensor, name: string, fn: Activation): Tensor {
  return tf.layers.activation({ name, activation: fn as 'relu' }).apply(x) as Tensor;
}

export function dense(x: Tensor, name: string, units: number, fn: 'linear' | 'softmax' = 'linear'): Tensor {
  return tf.layers.dense({ units, activation: fn, name }).apply(x) as Tensor;
}

export function layerNormalization(x: Tensor, name: string, epsilon: number): Tensor {
  return tf.layers.layerNormalization({ epsilon, name }).apply(x) as Tensor;
}

export function layerScale(x: Tensor, name: string, initialValue: number): Tensor {
  return apply(x, own.LayerScale, { name, projectionDim: Number(x.shape.at(-1)), initialValue });
}

/** In training, the branch of whole pictures is dropped: Keras's `Dropout` with one number for each. */
export function stochasticDepth(x: Tensor, name: string, rate: number): Tensor {
  return apply(x, own.StochasticDepth, { name, rate });
}

/** x · scale + offset; a scale for each channel, or one. */
export function rescaling(x: Tensor, name: string, scale: number | readonly number[], offset = 0): Tensor {
  return apply(x, 'Rescaling', { name, scale: typeof scale === 'number' ? scale : [...scale], offset });
}

/** (x − mean) / √variance for each channel; where they are not given, they are weights. */
export function normalization(
  x: Tensor,
  name: string,
  given: { mean?: readonly number[]; variance?: readonly number[] } = {},
): Tensor {
  const numbers = Object.fromEntries(Object.entries(given).map(([kind, values]) => [kind, [...values]]));
  return apply(x, own.Normalization, { name, axes: [3], ...numbers });
}

/** a + scale · b */
export function scaledSum(a: Tensor, b: Tensor, name: string, scale: number): Tensor {
  return apply([a, b], own.ScaledSum, { name, scale });
}

export function multiply(inputs: Tensor[], name: string): Tensor {
  return tf.layers.multiply({ name }).apply(inputs) as Tensor;
}

export function reshape(x: Tensor, name: string, targetShape: number[]): Tensor {
  return tf.layers.reshape({ targetShape, name }).apply(x) as Tensor;
}

/** @param cropping [[top, bottom], [left, right]] */
export function cropping(x: Tensor, name: string, cropping: [[number, number], [number, number]]): Tensor {
  return tf.layers.cropping2D({ cropping, name }).apply(x) as Tensor;
}

/** A mean, or the largest number, for each channel. */
export function globalPooling(x: Tensor, name: string, pooling: 'avg' | 'max'): Tensor {
  const layer = pooling === 'avg' ? tf.layers.globalAveragePooling2d : tf.layers.globalMaxPooling2d;
  return layer({ name }).apply(x) as Tensor;
}

/** Keras's `correct_pad`: so that a strided kernel sees even sizes as PyTorch does. */
export function correctPad({ shape }: Tensor, kernel: number): [[number, number], [number, number]] {
  const half = Math.floor(kernel / 2);
  const along = (size: number | null | undefined): [number, number] => [half - 1 + (Number(size) % 2), half];
  return [along(shape[1]), along(shape[2])];
}

/** Names as Keras gives them to layers that have none, each kind counted for itself: `conv2d`, `conv2d_1`. */
export function automaticNames(): (kind: string) => string {
  const counts = new Map<string, number>();
  return (kind) => {
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    return count === 0 ? kind : `${kind}_${count}`;
  };
}

function pair(window: Window): [number, number] {
  return typeof window === 'number' ? [window, window] : [...window];
}

/** A layer that TensorFlow.js makes by the name of its class alone. */
function apply(inputs: Tensor | Tensor[], className: string, config: tf.serialization.ConfigDict): Tensor {
  const [make, fromConfig] = tf.serialization.SerializationMap.getMap().classNameMap[className] ?? [];
  if (make === undefined || fromConfig === undefined) throw new Error(`There is no layer ${className}.`);
  return (fromConfig(make, config) as tf.layers.Layer).apply(inputs) as Tensor;
}
