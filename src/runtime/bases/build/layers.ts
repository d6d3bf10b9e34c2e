import { tf } from '../../tf.js';

type Tensor = tf.SymbolicTensor;

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

/** `DepthwiseConv2D`, 3 × 3. */
export function depthwise(
  x: Tensor,
  name: string,
  options: { strides: number; padding: 'same' | 'valid'; useBias: boolean },
): Tensor {
  return tf.layers.depthwiseConv2d({ kernelSize: 3, name, ...options }).apply(x) as Tensor;
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

/** A value per channel, or the map as it is. */
export function pooled(x: Tensor, pooling: 'avg' | 'max' | null): Tensor {
  if (pooling === 'avg') return tf.layers.globalAveragePooling2d({ name: 'avg_pool' }).apply(x) as Tensor;
  if (pooling === 'max') return tf.layers.globalMaxPooling2d({ name: 'max_pool' }).apply(x) as Tensor;
  return x;
}

/** The end of a Keras application: a classifier, or pooling, or neither. */
export function top(
  x: Tensor,
  { includeTop, pooling, classes }: { includeTop: boolean; pooling: 'avg' | 'max' | null; classes: number },
): Tensor {
  if (!includeTop) return pooled(x, pooling);
  return tf.layers
    .dense({ units: classes, activation: 'softmax', name: 'predictions' })
    .apply(pooled(x, 'avg')) as Tensor;
}
