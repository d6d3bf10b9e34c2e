import { tf } from '../../tf.js';

/**
 * The gradients of convolutions that the WASM backend of TensorFlow.js lacks, or has only as a naive loop, composed from
 * kernels that it does well: slices and matrix products, and forward convolutions.
 */

type Conv2DInfo = tf.backend_util.Conv2DInfo;

/**
 * dL/dW of a convolution, [kh, kw, in, out]: for each position of the kernel, the input that it saw, transposed, times dy.
 *
 * @param x [n, h, w, in]
 * @param dy [n, oh, ow, out]
 */
export function filterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, info: Conv2DInfo): tf.Tensor4D {
  const padded = pad(x, info);
  const dy2d = dy.reshape<tf.Tensor2D>([-1, info.outChannels]);
  const parts = positions(info).map(([i, j]) => {
    const seen = window(padded, info, i, j).reshape<tf.Tensor2D>([-1, info.inChannels]);
    return tf.matMul(tf.transpose(seen), dy2d);
  });
  return tf.stack(parts).reshape([info.filterHeight, info.filterWidth, info.inChannels, info.outChannels]);
}

/** dL/dW of a depthwise convolution, [kh, kw, in, multiplier]. @param dy [n, oh, ow, in · multiplier] */
export function depthwiseFilterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, info: Conv2DInfo): tf.Tensor4D {
  const multiplier = info.outChannels / info.inChannels;
  const padded = pad(x, info);
  const dy5d = dy.reshape<tf.Tensor3D>([-1, info.inChannels, multiplier]);
  const parts = positions(info).map(([i, j]) => {
    const seen = window(padded, info, i, j).reshape<tf.Tensor3D>([-1, info.inChannels, 1]);
    return tf.sum(tf.mul(seen, dy5d), 0);
  });
  return tf.stack(parts).reshape([info.filterHeight, info.filterWidth, info.inChannels, multiplier]);
}

/** dL/dx of a convolution: dy, spread out by the stride, convolved with the reversed filter. @param filter [kh, kw, in, out] */
export function inputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, info: Conv2DInfo): tf.Tensor4D {
  const reversed = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
  return tf.conv2d(spread(dy, info), reversed, 1, 'valid', 'NHWC', [info.dilationHeight, info.dilationWidth]);
}

/** dL/dx of a depthwise convolution. @param filter [kh, kw, in, multiplier] */
export function depthwiseInputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, info: Conv2DInfo): tf.Tensor4D {
  const multiplier = info.outChannels / info.inChannels;
  const reversed = tf.reverse(filter, [0, 1]);
  const dilation: [number, number] = [info.dilationHeight, info.dilationWidth];
  const parts = Array.from({ length: multiplier }, (_, k) => {
    const [n, h, w] = dy.shape;
    const one = dy.reshape([n, h, w, info.inChannels, multiplier]).slice([0, 0, 0, 0, k], [-1, -1, -1, -1, 1]);
    const kernel = reversed.slice<tf.Tensor4D>([0, 0, 0, k], [-1, -1, -1, 1]);
    return tf.depthwiseConv2d(
      spread(one.reshape<tf.Tensor4D>([n, h, w, info.inChannels]), info),
      kernel,
      1,
      'valid',
      'NHWC',
      dilation,
    );
  });
  return tf.addN(parts);
}

/**
 * dL/dx of max pooling: dy goes to the first of the largest places. The backend's own kernel loses it where all values of a
 * window are negative.
 */
export function maxPoolGradient(dy: tf.Tensor4D, x: tf.Tensor4D, y: tf.Tensor4D, info: Conv2DInfo): tf.Tensor4D {
  const padded = pad(x, info, -Infinity);
  let rest = dy;
  const parts = positions(info).map(([i, j]) => {
    const given = tf.mul<tf.Tensor4D>(rest, tf.cast(tf.equal(window(padded, info, i, j), y), 'float32'));
    rest = tf.sub(rest, given);
    return place(given, info, [i - info.padInfo.top, j - info.padInfo.left], [info.inHeight, info.inWidth]);
  });
  return tf.addN(parts);
}

/**
 * dL/dx of average pooling. Each output's share goes back to the places of its window, and places of the padding count for
 * nothing: TensorFlow.js's own gradient divides by the whole window where its forward pass does not.
 */
export function averagePoolGradient(dy: tf.Tensor4D, info: Conv2DInfo): tf.Tensor4D {
  const { outHeight, outWidth, inHeight, inWidth, filterHeight, filterWidth, inChannels } = info;
  const seen = tf.ones<tf.Rank.R4>([1, inHeight, inWidth, 1]);
  const window = tf.ones<tf.Rank.R4>([filterHeight, filterWidth, 1, 1]);
  const count = tf.conv2d(pad(seen, info), window, [info.strideHeight, info.strideWidth], 'valid');
  const share = tf.div<tf.Tensor4D>(dy, count.reshape([1, outHeight, outWidth, 1]));
  return depthwiseInputGradient(share, tf.ones([filterHeight, filterWidth, inChannels, 1]), info);
}

function positions({ filterHeight, filterWidth }: Conv2DInfo): [number, number][] {
  return Array.from({ length: filterHeight * filterWidth }, (_, k) => [Math.floor(k / filterWidth), k % filterWidth]);
}

function pad(x: tf.Tensor4D, { padInfo: { top, bottom, left, right } }: Conv2DInfo, value = 0): tf.Tensor4D {
  if (top + bottom + left + right === 0) return x;
  const amounts: [number, number][] = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  return tf.pad(x, amounts, value);
}

/** The part of the padded input that position (i, j) of the kernel saw, [n, oh, ow, channels]. */
function window(padded: tf.Tensor4D, info: Conv2DInfo, i: number, j: number): tf.Tensor4D {
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, outHeight, outWidth, batchSize, inChannels } = info;
  const [y, x] = [i * dilationHeight, j * dilationWidth];
  if (strideHeight === 1 && strideWidth === 1)
    return tf.slice(padded, [0, y, x, 0], [batchSize, outHeight, outWidth, inChannels]);
  const end = [batchSize, y + (outHeight - 1) * strideHeight + 1, x + (outWidth - 1) * strideWidth + 1, inChannels];
  return tf.stridedSlice(padded, [0, y, x, 0], end, [1, strideHeight, strideWidth, 1]) as tf.Tensor4D;
}

/** dy with zeros between its rows and columns (stride − 1 each) and around it, so that a `valid` convolution gives dx's size. */
function spread(dy: tf.Tensor4D, info: Conv2DInfo): tf.Tensor4D {
  const extent = [(info.filterHeight - 1) * info.dilationHeight, (info.filterWidth - 1) * info.dilationWidth] as const;
  const before = [extent[0] - info.padInfo.top, extent[1] - info.padInfo.left] as const;
  return place(dy, info, before, [info.inHeight + extent[0], info.inWidth + extent[1]]);
}

/** Zeros of `size`, with the rows and columns of dy in them, a stride apart, from `before` on. */
function place(
  dy: tf.Tensor4D,
  { strideHeight: sh, strideWidth: sw }: Conv2DInfo,
  before: readonly [number, number],
  size: readonly [number, number],
): tf.Tensor4D {
  const [n, height, width, channels] = dy.shape;
  let spaced = dy;
  if (sh > 1 || sw > 1) {
    spaced = tf
      .pad<tf.Tensor5D>(dy.reshape<tf.Tensor5D>([n, height, 1, width, channels]), [
        [0, 0],
        [0, 0],
        [0, sh - 1],
        [0, 0],
        [0, (sw - 1) * channels],
      ])
      .reshape<tf.Tensor4D>([n, height * sh, width * sw, channels])
      .slice([0, 0, 0, 0], [n, (height - 1) * sh + 1, (width - 1) * sw + 1, channels]);
  }
  const after = [size[0] - before[0] - spaced.shape[1], size[1] - before[1] - spaced.shape[2]] as const;
  return padOrCrop(spaced, before, after);
}

/** Negative amounts crop: a 1×1 kernel with `same` padding and a stride sees less than the whole input. */
function padOrCrop(x: tf.Tensor4D, before: readonly [number, number], after: readonly [number, number]): tf.Tensor4D {
  const crop = [Math.max(0, -before[0]), Math.max(0, -before[1])] as const;
  const size = [x.shape[1] - crop[0] - Math.max(0, -after[0]), x.shape[2] - crop[1] - Math.max(0, -after[1])] as const;
  const inner = tf.slice(x, [0, crop[0], crop[1], 0], [x.shape[0], size[0], size[1], x.shape[3]]);
  return tf.pad(inner, [
    [0, 0],
    [Math.max(0, before[0]), Math.max(0, after[0])],
    [Math.max(0, before[1]), Math.max(0, after[1])],
    [0, 0],
  ]);
}
