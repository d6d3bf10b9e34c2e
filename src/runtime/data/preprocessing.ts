/**
 * How pixels become the numbers a base was trained on; the names are those of Keras's `imagenet_utils`.
 *
 * | mode    | result                                                                 |
 * | ------- | ---------------------------------------------------------------------- |
 * | `tf`    | x / 127.5 − 1, RGB                                                      |
 * | `caffe` | BGR, minus (103.939, 116.779, 123.68)                                   |
 * | `torch` | (x / 255 − (.485, .456, .406)) / (.229, .224, .225), RGB                |
 * | `unit`  | x / 255, RGB                                                            |
 * | `none`  | 0 … 255, RGB: the model does it itself                                  |
 */
export const preprocessings = ['tf', 'caffe', 'torch', 'unit', 'none'] as const;
export type Preprocessing = (typeof preprocessings)[number];

/** y[c] = x[order[c]] · scale[c] + offset[c], with x in 0 … 255, RGB. */
export interface ChannelTransform {
  readonly order: readonly [number, number, number];
  readonly scale: readonly [number, number, number];
  readonly offset: readonly [number, number, number];
}

const rgb = [0, 1, 2] as const;

export function channelTransform(mode: Preprocessing): ChannelTransform {
  switch (mode) {
    case 'tf':
      return { order: rgb, scale: [1 / 127.5, 1 / 127.5, 1 / 127.5], offset: [-1, -1, -1] };
    case 'caffe':
      return { order: [2, 1, 0], scale: [1, 1, 1], offset: [-103.939, -116.779, -123.68] };
    case 'torch':
      return {
        order: rgb,
        scale: [1 / (255 * 0.229), 1 / (255 * 0.224), 1 / (255 * 0.225)],
        offset: [-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225],
      };
    case 'unit':
      return { order: rgb, scale: [1 / 255, 1 / 255, 1 / 255], offset: [0, 0, 0] };
    case 'none':
      return { order: rgb, scale: [1, 1, 1], offset: [0, 0, 0] };
  }
}

/** Pixels → the numbers that the base was trained on, [n, height, width, 3]. */
export function preprocess(pixels: Uint8Array | Float32Array, mode: Preprocessing): Float32Array {
  return transformed(pixels, channelTransform(mode));
}

export function transformed(
  pixels: Uint8Array | Float32Array,
  { order, scale, offset }: ChannelTransform,
): Float32Array {
  const result = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i += 3) {
    for (let c = 0; c < 3; c++) result[i + c] = (pixels[i + (order[c] ?? c)] ?? 0) * (scale[c] ?? 1) + (offset[c] ?? 0);
  }
  return result;
}
