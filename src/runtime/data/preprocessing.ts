import type { Preprocessing } from '../../protocol/index.js';
import type { TakingModel } from './taking-model.js';

/**
 * How pixels become the numbers a base was trained on; the names are those of Keras's `imagenet_utils`.
 *
 * | mode              | result                                                                          |
 * | ----------------- | ------------------------------------------------------------------------------- |
 * | `tf`              | x / 127.5 − 1, RGB                                                              |
 * | `caffe`           | BGR, minus (103.939, 116.779, 123.68)                                           |
 * | `torch`           | (x / 255 − (.485, .456, .406)) / (.229, .224, .225), RGB                        |
 * | `unit`            | x / 255, RGB                                                                    |
 * | `none`            | 0 … 255, RGB: the model does it itself                                          |
 * | `{ mean, std }`   | (x − mean) / std, RGB; where every std is below 1, (x / 255 − mean) / std       |
 */
export type { Preprocessing } from '../../protocol/index.js';

/** What a model may take: red, green and blue, or their luminance. */
export type Channels = 1 | 3;

/** What a model of pictures takes: grey ones, or red, green and blue. */
export function channelsOf({ inputs }: TakingModel): Channels {
  return inputs[0]?.shape[3] === 1 ? 1 : 3;
}

/** y[c] = x[order[c]] · scale[c] + offset[c], with x in 0 … 255, RGB or grey: a number for each channel. */
export interface ChannelTransform {
  /** Before, red, green and blue become their luminance. */
  readonly grey?: true;
  readonly order: readonly number[];
  readonly scale: readonly number[];
  readonly offset: readonly number[];
}

/** Whether there is such a preprocessing for so many channels: `caffe` and `torch` are for colours. */
export function suits(preprocessing: Preprocessing, channels: Channels): boolean {
  if (typeof preprocessing === 'string') return channels === 3 || !['caffe', 'torch'].includes(preprocessing);
  return [preprocessing.mean, preprocessing.std].every(({ length }) => length === 1 || length === channels);
}

export function channelTransform(preprocessing: Preprocessing, channels: Channels = 3): ChannelTransform {
  const transform = linesOf(preprocessing, channels);
  return channels === 1 ? { grey: true, ...transform } : transform;
}

function linesOf(preprocessing: Preprocessing, channels: Channels): ChannelTransform {
  const each = (numbers: readonly number[]) =>
    Array.from({ length: channels }, (_, c) => numbers[c] ?? numbers[0] ?? NaN);
  const order = Array.from({ length: channels }, (_, c) => c);
  const same = (scale: number, offset: number) => ({ order, scale: each([scale]), offset: each([offset]) });
  switch (preprocessing) {
    case 'tf':
      return same(1 / 127.5, -1);
    case 'caffe':
      return { order: order.toReversed(), scale: each([1]), offset: each([-103.939, -116.779, -123.68]) };
    case 'torch':
      return linesOf({ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }, channels);
    case 'unit':
      return same(1 / 255, 0);
    case 'none':
      return same(1, 0);
  }
  const { mean, std } = preprocessing;
  // As PyTorch has them: no deviation of pixels from 0 to 255 is that small.
  const largest = std.every((one) => one < 1) ? 255 : 1;
  const deviations = each(std);
  return {
    order,
    scale: deviations.map((deviation) => 1 / (largest * deviation)),
    offset: each(mean).map((centre, c) => (centre === 0 ? 0 : -centre / (deviations[c] ?? NaN))),
  };
}

/** What becomes of the pixels, for people. */
export function pixelsBecome(preprocessing: Preprocessing, channels: Channels): string {
  const grey = channels === 1 ? 'grey (luminance), ' : '';
  switch (preprocessing) {
    case 'tf':
      return `${grey}from −1 to 1`;
    case 'caffe':
      return 'BGR, minus 103.939, 116.779, 123.68';
    case 'torch':
      return 'from 0 to 1, then (x − 0.485, 0.456, 0.406) / 0.229, 0.224, 0.225';
    case 'unit':
      return `${grey}from 0 to 1`;
    case 'none':
      return `${grey}from 0 to 255`;
  }
  const { mean, std } = preprocessing;
  const range = std.every((one) => one < 1) ? 'from 0 to 1' : 'from 0 to 255';
  return `${grey}${range}, then (x − ${mean.join(', ')}) / ${std.join(', ')}`;
}

/** Of red, green and blue, in 65536ths, as Pillow and so Keras's `load_img(color_mode='grayscale')` has it; the sum is rounded. */
export const luminance = { weights: [19595, 38470, 7471], half: 32768, all: 65536 } as const;

/** [n, height, width, 3], RGB → [n, height, width, 1], whole numbers. */
function greyOf(pixels: Uint8Array | Float32Array): Float32Array {
  const { weights, half, all } = luminance;
  const [red, green, blue] = weights;
  const result = new Float32Array(pixels.length / 3);
  for (let i = 0; i < result.length; i++) {
    const sum = red * (pixels[3 * i] ?? 0) + green * (pixels[3 * i + 1] ?? 0) + blue * (pixels[3 * i + 2] ?? 0);
    result[i] = Math.floor((sum + half) / all);
  }
  return result;
}

/** Pixels, [n, height, width, 3], RGB → the numbers that the base was trained on, [n, height, width, channels]. */
export function transformed(
  pixels: Uint8Array | Float32Array,
  { grey, order, scale, offset }: ChannelTransform,
): Float32Array {
  const given = grey === true ? greyOf(pixels) : pixels;
  const channels = scale.length;
  const result = new Float32Array(given.length);
  for (let i = 0; i < given.length; i += channels) {
    for (let c = 0; c < channels; c++)
      result[i + c] = (given[i + (order[c] ?? c)] ?? 0) * (scale[c] ?? 1) + (offset[c] ?? 0);
  }
  return result;
}
