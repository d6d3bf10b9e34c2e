import { readFileSync } from 'node:fs';
import path from 'node:path';

import { tf } from '../../src/runtime/tf.js';

/** The formulas of test/fixtures/keras/make.py. */

/** n numbers in [−0.5, 0.5). */
export function noise(n: number, seed: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => {
    const x = Math.sin(i * 12.9898 + seed * 0.731) * 43758.5453;
    return x - Math.floor(x) - 0.5;
  });
}

function seedOfName(name: string): number {
  return Array.from(name).reduce((sum, character, i) => sum + (i + 1) * (character.codePointAt(0) ?? 0), 0) % 1000;
}

/** @param period every so many numbers they are the same again. */
export function madeUp(layer: string, kind: string, shape: readonly number[], period = Infinity): Float32Array {
  const n = shape.reduce((product, size) => product * size, 1);
  const values = Float32Array.from(noise(Math.min(n, period), seedOfName(`${layer}/${kind}`)), scaling(kind, shape));
  if (values.length === n) return values;
  const all = new Float32Array(n);
  for (let at = 0; at < n; at += period) all.set(values.subarray(0, n - at), at);
  return all;
}

function scaling(kind: string, shape: readonly number[]): (value: number) => number {
  if (['gamma', 'moving_variance', 'variance'].includes(kind)) return (value) => 1 + 0.6 * value;
  if (['beta', 'bias', 'moving_mean', 'mean'].includes(kind)) return (value) => 0.2 * value;
  const fanIn = shape.slice(0, kind === 'depthwise_kernel' ? 2 : -1).reduce((product, size) => product * size, 1);
  return (value) => value * Math.sqrt(12) * Math.sqrt(1.6 / fanIn);
}

/** Gives every weight of a model its made-up values. */
export function fill(model: tf.LayersModel): tf.LayersModel {
  for (const layer of model.layers) {
    if (layer.weights.length === 0) continue;
    tf.tidy(() => {
      layer.setWeights(
        layer.weights.map((weight) => {
          const kind = weight.originalName.split('/').at(-1) ?? '';
          const shape = weight.shape.map(Number);
          return tf.tensor(madeUp(layer.name, kind, shape), shape);
        }),
      );
    });
  }
  return model;
}

/** Whole numbers 0 … 255, [n, height, width, 3]. */
export function pixels(height: number, width: number, n = 1): Uint8Array {
  return Uint8Array.from(noise(n * height * width * 3, 5), (value) => Math.floor((value + 0.5) * 256));
}

/** [height, width, channels] → mean over the picture. */
export function pooled(map: Float32Array, channels: number): number[] {
  const positions = map.length / channels;
  return Array.from({ length: channels }, (_, c) => {
    let sum = 0;
    for (let i = 0; i < positions; i++) sum += map[i * channels + c] ?? 0;
    return sum / positions;
  });
}

export const fixtures = path.resolve('test', 'fixtures', 'keras');

export interface Golden {
  readonly layers: readonly string[];
  readonly parameters: number;
  readonly pooled: readonly number[];
  readonly probabilities: readonly number[];
}

export interface GoldenTraining {
  readonly losses: readonly number[];
  readonly dense: readonly number[];
  readonly moving_mean: readonly number[];
  readonly depthwise: readonly number[];
}

export function golden(file = 'golden.json'): Record<string, Golden> & { training: Record<string, GoldenTraining> } {
  return JSON.parse(readFileSync(path.join(fixtures, file), 'utf8')) as Record<string, Golden> & {
    training: Record<string, GoldenTraining>;
  };
}

/** The network of the training fixture. */
export function tinyModel(dropout = 0): tf.LayersModel {
  const input = tf.input({ shape: [16, 16, 3], name: 'input' });
  let x = tf.layers
    .conv2d({ filters: 8, kernelSize: 3, strides: 2, padding: 'same', useBias: false, name: 'conv' })
    .apply(input) as tf.SymbolicTensor;
  x = tf.layers.batchNormalization({ name: 'bn' }).apply(x) as tf.SymbolicTensor;
  x = tf.layers.reLU({ maxValue: 6, name: 'relu' }).apply(x) as tf.SymbolicTensor;
  let y = tf.layers
    .depthwiseConv2d({ kernelSize: 3, padding: 'same', name: 'depthwise' })
    .apply(x) as tf.SymbolicTensor;
  y = tf.layers.activation({ activation: 'swish', name: 'swish' }).apply(y) as tf.SymbolicTensor;
  x = tf.layers.add({ name: 'add' }).apply([x, y]) as tf.SymbolicTensor;
  x = tf.layers.globalAveragePooling2d({ name: 'pool' }).apply(x) as tf.SymbolicTensor;
  if (dropout > 0) x = tf.layers.dropout({ rate: dropout, name: 'dropout' }).apply(x) as tf.SymbolicTensor;
  x = tf.layers.dense({ units: 4, activation: 'softmax', name: 'dense' }).apply(x) as tf.SymbolicTensor;
  return fill(tf.model({ inputs: input, outputs: x }));
}

/** Largest |a − b| over the largest |b|. */
export function relativeDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let [difference, largest] = [0, 1e-12];
  for (let i = 0; i < b.length; i++) {
    difference = Math.max(difference, Math.abs((a[i] ?? NaN) - (b[i] ?? NaN)));
    largest = Math.max(largest, Math.abs(b[i] ?? NaN));
  }
  return difference / largest;
}

/** ‖a − b‖ / ‖b‖: Adam turns rounding in a gradient near zero into a whole step, so single numbers may differ more. */
export function normDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let [difference, norm] = [0, 1e-24];
  for (let i = 0; i < b.length; i++) {
    difference += ((a[i] ?? NaN) - (b[i] ?? NaN)) ** 2;
    norm += (b[i] ?? NaN) ** 2;
  }
  return Math.sqrt(difference / norm);
}

/** ONNX Runtime takes zeros before a max pool for the pool's own padding, which is −∞: that shows where all is below zero. */
export const poolsAfterZeros: Readonly<Record<string, () => readonly tf.layers.Layer[]>> = {
  'max pool after zeros': () => [
    tf.layers.activation({ activation: 'sigmoid' }),
    tf.layers.conv2d({ filters: 4, kernelSize: 1, kernelInitializer: tf.initializers.constant({ value: -1 }) }),
    tf.layers.zeroPadding2d({
      padding: [
        [1, 1],
        [1, 1],
      ],
    }),
    tf.layers.maxPooling2d({ poolSize: 3, strides: 2 }),
  ],
  'max pool after zeros and a ReLU': () => [
    tf.layers.reLU({}),
    tf.layers.zeroPadding2d({
      padding: [
        [1, 1],
        [1, 1],
      ],
    }),
    tf.layers.maxPooling2d({ poolSize: 3, strides: 2 }),
  ],
};
