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

export function zeroPadding(x: Tensor, name: string, padding: [[number, number], [number, number]]): Tensor {
  return tf.layers.zeroPadding2d({ name, padding }).apply(x) as Tensor;
}

/** The end of a Keras application: a classifier, or pooling, or neither. */
export function top(
  x: Tensor,
  options: { includeTop: boolean; pooling: 'avg' | 'max' | null; classes: number },
): Tensor {
  if (options.includeTop) {
    const pooled = tf.layers.globalAveragePooling2d({ name: 'avg_pool' }).apply(x);
    return tf.layers
      .dense({ units: options.classes, activation: 'softmax', name: 'predictions' })
      .apply(pooled) as Tensor;
  }
  if (options.pooling === 'avg') return tf.layers.globalAveragePooling2d({ name: 'avg_pool' }).apply(x) as Tensor;
  if (options.pooling === 'max') return tf.layers.globalMaxPooling2d({ name: 'max_pool' }).apply(x) as Tensor;
  return x;
}
