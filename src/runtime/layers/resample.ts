import { tf } from '../tf.js';
import { defineLayer, isFlag, isNumber, isWhole, isWholeList, type Check } from './define.js';

export const methods = [
  'nearest',
  'bilinear',
  'bicubic',
  'area',
  'lanczos3',
  'lanczos5',
  'gaussian',
  'mitchellcubic',
] as const;
export type Method = (typeof methods)[number];

export interface ResampleSettings {
  readonly method: Method;
  readonly size: readonly number[];
  /** [top, left, height, width] of the part that is taken; it may reach beyond the picture. Default: all of it. */
  readonly window?: readonly number[];
  /** What is outside of the picture. Default 0. */
  readonly fill?: number;
  readonly antialias?: boolean;
}

/**
 * The picture in another size, as `tf.image.resize` makes it, half-pixel centres. Each method is a product with one matrix along the rows and one
 * along the columns.
 */
export const Resample = defineLayer<ResampleSettings>({
  className: 'Resample',
  settings: {
    method: ((value) => methods.includes(value as Method)) satisfies Check,
    size: isWholeList,
    window: (value) => Array.isArray(value) && value.length === 4 && value.every(isWhole),
    fill: isNumber,
    antialias: isFlag,
  },
  outputShape: ({ size: [height = 0, width = 0] }, [input = []]) => [input[0] ?? null, height, width, input[3] ?? null],
  call: ({ inputs: [x], settings }) => {
    if (x?.rank !== 4) throw new Error('Resample takes pictures.');
    const [n, height, width, channels] = (x as tf.Tensor4D).shape;
    const [rows, columns] = resampleMatrices(settings, height, width);
    const [h = 0, w = 0] = settings.size;
    const { fill = 0 } = settings;
    const along = (matrix: Float32Array, to: number, from: number) => tf.tensor2d(matrix, [to, from]);
    // [N, H, W·C] and [N·h, W, C]: each a product from the left.
    const left = (matrix: tf.Tensor2D, y: tf.Tensor3D) => {
      const [count, from, rest] = y.shape;
      const flat = tf.reshape(tf.transpose(y, [1, 0, 2]), [from, count * rest]);
      return tf.transpose(tf.reshape(tf.matMul(matrix, flat), [matrix.shape[0], count, rest]), [1, 0, 2]);
    };
    const tall = left(
      along(rows, h, height),
      tf.reshape(fill === 0 ? x : tf.sub(x, fill), [n, height, width * channels]),
    );
    const wide = left(along(columns, w, width), tf.reshape(tall, [n * h, width, channels]));
    // All that makes a place adds up to 1.
    const resized = tf.reshape(wide, [n, h, w, channels]);
    return fill === 0 ? resized : tf.add(resized, fill);
  },
});

/** [to, from] for rows and for columns. */
export function resampleMatrices(
  { method, size, window, antialias = false }: ResampleSettings,
  height: number,
  width: number,
): [Float32Array, Float32Array] {
  const [top = 0, left = 0, tall = height, wide = width] = window ?? [];
  const [h = 0, w = 0] = size;
  return [matrix(method, antialias, height, top, tall, h), matrix(method, antialias, width, left, wide, w)];
}

/** Which places of a side of `size`, from `start` on, make each of `to`, and how much of each. */
function matrix(method: Method, antialias: boolean, size: number, start: number, length: number, to: number) {
  const result = new Float32Array(to * size);
  for (let i = 0; i < to; i++)
    for (const [place, weight] of weightsAt(method, antialias, i, length, to)) {
      const at = place + start;
      if (at >= 0 && at < size) result[i * size + at] = (result[i * size + at] ?? 0) + weight;
    }
  return result;
}

function weightsAt(method: Method, antialias: boolean, i: number, from: number, to: number): [number, number][] {
  const scale = from / to;
  const centre = (i + 0.5) * scale;
  if (method === 'nearest') return [[Math.min(Math.floor(centre), from - 1), 1]];
  if (method === 'area') return overlaps(i * scale, (i + 1) * scale, from);
  if (antialias || !(method === 'bilinear' || method === 'bicubic'))
    return kernelWeights(method, antialias, centre, scale, from);
  const at = centre - 0.5;
  const low = Math.floor(at);
  const part = at - low;
  if (method === 'bilinear')
    return [
      [Math.max(low, 0), 1 - part],
      [Math.min(low + 1, from - 1), part],
    ];
  // TensorFlow's table of the cubic has 1024 steps.
  const step = roundHalfEven(part * 1024) / 1024;
  return normalised(
    [-1, 0, 1, 2].flatMap((offset): [number, number][] => {
      const place = low + offset;
      return place < 0 || place >= from ? [] : [[place, cubic(Math.abs(offset - step), -0.5)]];
    }),
  );
}

/** Places of a side, and how much of each lies between two points of it. */
function overlaps(start: number, end: number, size: number): [number, number][] {
  const weights: [number, number][] = [];
  for (let place = Math.floor(start); place < Math.min(end, size); place++)
    weights.push([place, Math.min(place + 1, end) - Math.max(place, start)]);
  return normalised(weights);
}

function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}

/** Keys's cubic. */
function cubic(x: number, a: number): number {
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
const kernels: Readonly<Record<Exclude<Method, 'nearest' | 'area'>, { radius: number; at: (x: number) => number }>> = {
  bilinear: { radius: 1, at: (x) => Math.max(0, 1 - x) },
  bicubic: { radius: 2, at: (x) => cubic(x, -0.5) },
  lanczos3: { radius: 3, at: (x) => (x >= 3 ? 0 : sinc(x) * sinc(x / 3)) },
  lanczos5: { radius: 5, at: (x) => (x >= 5 ? 0 : sinc(x) * sinc(x / 5)) },
  gaussian: { radius: 1.5, at: (x) => (x >= 1.5 ? 0 : Math.exp(-(x * x) / (2 * 0.5 * 0.5))) },
  mitchellcubic: {
    radius: 2,
    at: (x) => {
      if (x >= 2) return 0;
      return x >= 1 ? (((-7 / 18) * x + 2) * x - 10 / 3) * x + 16 / 9 : ((7 / 6) * x - 2) * x * x + 8 / 9;
    },
  },
};

/** TensorFlow's ScaleAndTranslate. */
function kernelWeights(
  method: Exclude<Method, 'nearest' | 'area'>,
  antialias: boolean,
  centre: number,
  scale: number,
  from: number,
): [number, number][] {
  const { radius, at } = kernels[method];
  const wider = antialias ? Math.max(scale, 1) : 1;
  const first = Math.max(Math.ceil(centre - radius * wider - 0.5), 0);
  const last = Math.min(Math.floor(centre + radius * wider - 0.5), from - 1);
  const weights: [number, number][] = [];
  for (let place = first; place <= last; place++) weights.push([place, at(Math.abs((place + 0.5 - centre) / wider))]);
  return normalised(weights);
}

function normalised(weights: [number, number][]): [number, number][] {
  const sum = weights.reduce((total, [, weight]) => total + weight, 0);
  return sum === 0 ? weights : weights.map(([place, weight]) => [place, weight / sum]);
}
