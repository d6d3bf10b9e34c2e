import * as own from '../../layers/index.js';
import { tf } from '../../tf.js';
import { zeroInitializers } from '../keras/own-words.js';

type Tensor = tf.SymbolicTensor;
type Padding = 'same' | 'valid';
/** As many along both sides, or [along the height, along the width]. */
type Window = number | readonly [number, number];
type Pooling = 'avg' | 'max';

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
  return layer('Activation', name, { activation: own.registerFunction({ name: fn, args }) }, x);
}

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
    activation?: 'relu' | 'swish' | 'sigmoid';
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
    ...zeros('kernelInitializer'),
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

/** `DepthwiseConv2D`. `kernel`: default 3. */
export function depthwise(
  x: Tensor,
  name: string,
  { kernel = 3, ...options }: { kernel?: number; strides: number; padding: Padding; useBias: boolean },
): Tensor {
  const initializers = zeros('depthwiseInitializer');
  return tf.layers.depthwiseConv2d({ kernelSize: kernel, name, ...initializers, ...options }).apply(x) as Tensor;
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

export function dense(x: Tensor, name: string, units: number, fn?: 'relu' | 'softmax'): Tensor {
  return tf.layers
    .dense({ units, name, ...(fn && { activation: fn }), ...zeros('kernelInitializer') })
    .apply(x) as Tensor;
}

/** Names of the pooling layers: many networks of Keras leave them to Keras. */
export const unnamedPools = { avg: 'global_average_pooling2d', max: 'global_max_pooling2d' } as const;
const namedPools = { avg: 'avg_pool', max: 'max_pool' } as const;
type Pools = typeof unnamedPools | typeof namedPools;

/** A value per channel, or the map as it is. */
export function pooled(x: Tensor, pooling: Pooling | null, names: Pools = namedPools): Tensor {
  if (pooling === null) return x;
  return layer(pooling === 'avg' ? 'GlobalAveragePooling2D' : 'GlobalMaxPooling2D', names[pooling], {}, x);
}

/**
 * The end of a Keras application: a classifier, or pooling, or neither.
 *
 * @param dropRate of a dropout before the classifier; default none.
 */
export function top(
  x: Tensor,
  { includeTop, pooling, classes }: { includeTop: boolean; pooling: Pooling | null; classes: number },
  names: Pools = namedPools,
  dropRate?: number,
): Tensor {
  if (!includeTop) return pooled(x, pooling, names);
  const means = pooled(x, 'avg', names);
  const kept = dropRate === undefined ? means : dropout(means, 'top_dropout', dropRate);
  return dense(kept, 'predictions', classes, 'softmax');
}

/** The end of those that name the pooling before their classifier, and leave the other to Keras. */
export function topOfHalfNamed(x: Tensor, options: Parameters<typeof top>[1]): Tensor {
  return top(x, options, options.includeTop ? namedPools : unnamedPools);
}

/** Each channel times what is made of the means of all (Hu et al. 2018), as the EfficientNets have it. */
export function squeezeAndExcite(x: Tensor, prefix: string, filters: number): Tensor {
  const channels = Number(x.shape[3]);
  const means = layer('GlobalAveragePooling2D', `${prefix}se_squeeze`, {}, x);
  const map = layer('Reshape', `${prefix}se_reshape`, { targetShape: [1, 1, channels] }, means);
  const few = { filters, kernel: 1, padding: 'same', activation: 'swish' } as const;
  const all = { filters: channels, kernel: 1, padding: 'same', activation: 'sigmoid' } as const;
  const gates = convolution(convolution(map, `${prefix}se_reduce`, few), `${prefix}se_expand`, all);
  return layer('Multiply', `${prefix}se_excite`, {}, [x, gates]);
}

/** `block1a_`, `block1b_`, … */
export function blockName(stage: number, block: number): string {
  return `block${stage + 1}${String.fromCharCode(97 + block)}_`;
}

/** `SeparableConv2D` without a bias. */
export function separable(
  x: Tensor,
  name: string,
  { kernel, ...options }: { filters: number; kernel: number; strides?: number; padding?: Padding },
): Tensor {
  const initializers = zeros('depthwiseInitializer', 'pointwiseInitializer');
  return tf.layers
    .separableConv2d({ kernelSize: kernel, useBias: false, name, ...initializers, ...options })
    .apply(x) as Tensor;
}

/** `Conv2D` with as many groups as channels. */
export function convolutionPerChannel(x: Tensor, name: string, kernel: number): Tensor {
  const channels = Number(x.shape[3]);
  const window = { kernelSize: pair(kernel), strides: [1, 1], dilationRate: [1, 1], padding: 'same' };
  const config = { filters: channels, groups: channels, ...window, useBias: true, activation: 'linear' };
  return layer(own.GroupedConv2D, name, config, x);
}

export function layerNormalization(x: Tensor, name: string, epsilon: number): Tensor {
  return layer('LayerNormalization', name, { epsilon }, x);
}

export function layerScale(x: Tensor, name: string, initialValue: number): Tensor {
  return layer(own.LayerScale, name, { projectionDim: Number(x.shape.at(-1)), initialValue }, x);
}

/** In training, the branch of whole pictures is dropped: Keras's `Dropout` with one number for each. */
export function stochasticDepth(x: Tensor, name: string, rate: number): Tensor {
  return layer(own.StochasticDepth, name, { rate }, x);
}

/** x · scale + offset; a scale for each channel, or one. */
export function rescaling(x: Tensor, name: string, scale: number | readonly number[], offset = 0): Tensor {
  return layer('Rescaling', name, { scale, offset }, x);
}

/** (x − mean) / √variance for each channel; where they are not given, they are weights. */
export function normalization(
  x: Tensor,
  name: string,
  given: { mean?: readonly number[]; variance?: readonly number[] } = {},
): Tensor {
  return layer(own.Normalization, name, { axes: [3], ...given }, x);
}

/** a + scale · b */
export function scaledSum(a: Tensor, b: Tensor, name: string, scale: number): Tensor {
  return layer(own.ScaledSum, name, { scale }, [a, b]);
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
