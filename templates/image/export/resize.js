/**
 * Resizes a picture as Graft does, to the last bit: Lanczos (3 lobes) where it gets smaller, after averaging blocks where it gets much
 * smaller; cubic where it gets larger. These are the steps of libvips in its 8-bit arithmetic. An exported ONNX model has the same inside.
 *
 * @param {Uint8Array | Uint8ClampedArray} pixels [height, width, 3], RGB
 * @param {readonly [number, number]} from [height, width] of the picture
 * @param {readonly [number, number]} to [height, width] wanted
 * @param {'crop' | 'pad' | 'stretch'} mode what happens to another aspect ratio: the middle is kept, white is added, or it is stretched
 * @returns {Float32Array} [height, width, 3], whole numbers from 0 to 255
 */
export function resize(pixels, from, to, mode) {
  const own = [from[0] / to[0], from[1] / to[1]];
  const common = mode === 'crop' ? Math.min(...own) : mode === 'pad' ? Math.max(...own) : undefined;
  // As libvips computes them: a size may lie between two pixels, and a place between two 64ths of one.
  const [scaleY, scaleX] = own.map((ratio) => 1 / (common ?? ratio));
  const [down, across] = [1 / scaleY, 1 / scaleX];
  let [height, width] = from;
  let picture = pixels;
  if (down > 1) {
    const { block, taps } = smaller(height, down);
    picture = weighted(blockMeans(picture, 1, height, 3 * width, block), 1, 3 * width, taps, clip);
    height = taps.length;
  }
  if (across > 1) {
    const { block, taps } = smaller(width, across);
    picture = weighted(blockMeans(picture, height, width, 3, block), height, 3, taps, clip);
    width = taps.length;
  }
  if (down < 1 || across < 1) {
    const [x, y] = [Math.max(1, scaleX), Math.max(1, scaleY)];
    const [columns, rows] = [larger(width, (1 / (x * y)) * y), larger(height, (1 / (x * y)) * x)];
    picture = weighted({ data: picture, length: width }, height, 3, columns, (value) => value);
    picture = weighted({ data: picture, length: height }, 1, 3 * columns.length, rows, clip);
    [height, width] = [rows.length, columns.length];
  }
  const [top, left] = [height - to[0], width - to[1]].map((over) => Math.floor((over + 1) / 2));
  const result = new Float32Array(to[0] * to[1] * 3).fill(255);
  for (let y = Math.max(0, -top); y < Math.min(to[0], height - top); y++)
    for (let x = Math.max(0, -left); x < Math.min(to[1], width - left); x++)
      for (let c = 0; c < 3; c++) result[(y * to[1] + x) * 3 + c] = picture[((y + top) * width + x + left) * 3 + c];
  return result;
}

/**
 * How bright each pixel is, rounded, as a model of grey pictures takes it.
 *
 * @param {Float32Array} pixels [height, width, 3], RGB, whole numbers from 0 to 255
 * @returns {Float32Array} [height, width, 1], the same
 */
export function luminance(pixels) {
  return pixels
    .filter((_, i) => i % 3 === 0)
    .map((red, i) => Math.floor((19595 * red + 38470 * pixels[3 * i + 1] + 7471 * pixels[3 * i + 2] + 32768) / 65536));
}

/** An axis that gets smaller: first the means of blocks, then of each output the weights, in 4096ths, of the blocks from `first` on. */
function smaller(size, ratio) {
  const count = Math.max(1, Math.floor(size / ratio + 0.5));
  const block = Math.max(1, Math.floor(size / count / 2));
  const [shrink, beyond] = [ratio / block, (count * ratio - size) / block];
  const reach = roundToEven(3 * shrink);
  const taps = Array.from({ length: count }, (_, i) => {
    const { whole, part } = place((i + 0.5) * shrink - beyond / 2);
    const weights = Array.from({ length: 2 * reach + 1 }, (_, k) => lanczos((k - reach + 0.5 - part) / shrink));
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first: whole - reach, weights: weights.map((weight) => Math.trunc((4096 * weight) / sum)) };
  });
  return { block, taps };
}

/** An axis that gets larger, or stays while the other one does. */
function larger(size, ratio) {
  return Array.from({ length: Math.floor(size / ratio + 0.5) }, (_, i) => {
    const { whole, part } = place(i * ratio - 0.5);
    return { first: whole - 1, weights: [-1, 0, 1, 2].map((k) => Math.trunc(4096 * cubic(k - part))) };
  });
}

/** Places are rounded to a 64th of a pixel. */
function place(at) {
  const whole = Math.floor(at);
  return { whole, part: Math.floor((Math.floor(128 * (at - whole)) + 1) / 2) / 64 };
}

/** [outer, size, inner] → the means of blocks along `size`; the last pixel stands for what is missing in the last block. */
function blockMeans(data, outer, size, inner, block) {
  if (block === 1) return { data, length: size };
  const length = Math.ceil(size / block);
  const result = new Uint8Array(outer * length * inner);
  const [half, inverse] = [Math.floor(block / 2), Math.floor(2 ** 24 / block) / 2 ** 24];
  const sums = new Float64Array(inner);
  for (let o = 0; o < outer; o++) {
    for (let b = 0; b < length; b++) {
      sums.fill(half);
      for (let k = b * block; k < (b + 1) * block; k++) {
        const start = (o * size + Math.min(size - 1, k)) * inner;
        for (let i = 0; i < inner; i++) sums[i] += data[start + i];
      }
      const start = (o * length + b) * inner;
      for (let i = 0; i < inner; i++) result[start + i] = Math.floor(sums[i] * inverse);
    }
  }
  return { data: result, length };
}

/** [outer, length, inner] → [outer, taps, inner]; the outermost pixels stand for those beyond. */
function weighted({ data, length }, outer, inner, taps, limit) {
  const result = new Int16Array(outer * taps.length * inner);
  const sums = new Int32Array(inner);
  for (let o = 0; o < outer; o++) {
    taps.forEach(({ first, weights }, t) => {
      sums.fill(2048);
      for (let k = 0; k < weights.length; k++) {
        const [weight, at] = [weights[k], Math.min(length - 1, Math.max(0, first + k))];
        const start = (o * length + at) * inner;
        for (let i = 0; i < inner; i++) sums[i] += weight * data[start + i];
      }
      const start = (o * taps.length + t) * inner;
      for (let i = 0; i < inner; i++) result[start + i] = limit(sums[i] >> 12);
    });
  }
  return result;
}

function clip(value) {
  return Math.min(255, Math.max(0, value));
}

function roundToEven(x) {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}

function lanczos(x) {
  const angle = Math.PI * Math.abs(x);
  if (angle < 1e-9) return 1;
  return angle >= 3 * Math.PI ? 0 : (3 * Math.sin(angle) * Math.sin(angle / 3)) / (angle * angle);
}

/** Catmull-Rom. */
function cubic(x) {
  const d = Math.abs(x);
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
  return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
}
