/**
 * Resizes a picture as Graft does, to a rounding: Lanczos (3 lobes) where it gets smaller, after averaging blocks where it gets much
 * smaller; cubic where it gets larger. An exported ONNX model follows the same formulas inside.
 *
 * @param {Uint8Array | Uint8ClampedArray} pixels [height, width, 3], RGB
 * @param {readonly [number, number]} from [height, width] of the picture
 * @param {readonly [number, number]} to [height, width] wanted
 * @param {'crop' | 'pad' | 'stretch'} mode what happens to another aspect ratio: the middle is kept, white is added, or it is stretched
 * @returns {Float32Array} [height, width, 3], 0 … 255, not rounded
 */
export function resize(pixels, from, to, mode) {
  const ratios = [from[0] / to[0], from[1] / to[1]];
  const common = mode === 'crop' ? Math.min(...ratios) : mode === 'pad' ? Math.max(...ratios) : undefined;
  const [rows, columns] = [0, 1].map((axis) => axisOf(from[axis], to[axis], common ?? ratios[axis]));
  const [height, width] = to;
  const narrow = narrowRows(pixels, from, rows, columns, width);
  const result = new Float32Array(height * width * 3).fill(255);
  const line = new Float64Array(width * 3);
  for (let y = rows.first; y < rows.end; y++) {
    line.fill(0);
    for (let k = rows.starts[y]; k < rows.starts[y + 1]; k++) {
      const [weight, at] = [rows.weights[k], rows.blocks[k] * line.length];
      for (let i = 0; i < line.length; i++) line[i] += weight * narrow[at + i];
    }
    for (let i = 3 * columns.first; i < 3 * columns.end; i++)
      result[y * line.length + i] = Math.min(255, Math.max(0, line[i]));
  }
  return result;
}

/**
 * Along one axis: outputs from `first` to `end` are inside of the picture. Output i is made of the blocks of pixels `blocks[k]`, each times
 * `weights[k]`, with k from `starts[i]` to `starts[i + 1]`.
 */
function axisOf(size, wanted, ratio) {
  const resized = Math.floor(size / ratio + 0.5);
  const cut = Math.floor((resized - wanted + 1) / 2);
  const block = Math.max(1, Math.floor(ratio / 2));
  const [length, shrink, larger] = [Math.ceil(size / block), ratio / block, ratio < 1];
  const [first, end] = [Math.max(0, -cut), Math.min(wanted, resized - cut)];
  const [starts, blocks, weights] = [new Int32Array(wanted + 1), [], []];
  for (let i = first; i < end; i++) {
    const at = i + cut;
    // Where it gets larger, libvips looks half a pixel further left and up than the middle would be.
    const center = larger ? at * ratio - 0.5 : ((at + 0.5 - resized / 2) * ratio + size / 2) / block - 0.5;
    const reach = larger ? 2 : 3 * shrink;
    let sum = 0;
    for (let x = Math.ceil(center - reach); x <= center + reach; x++) {
      blocks.push(Math.min(length - 1, Math.max(0, x)));
      sum += weights[weights.push(larger ? cubic(x - center) : lanczos((x - center) / shrink)) - 1];
    }
    starts[i + 1] = weights.length;
    for (let k = starts[i]; k < weights.length; k++) weights[k] /= sum;
  }
  return { block, length, first, end, starts, blocks: Int32Array.from(blocks), weights: Float64Array.from(weights) };
}

/** The means of blocks of rows, each resized along its width: [blocks of rows, wanted, 3]. */
function narrowRows(pixels, [height, width], rows, columns, wanted) {
  const result = new Float64Array(rows.length * wanted * 3);
  const sums = new Float64Array(columns.length * 3);
  const { block, starts, blocks, weights } = columns;
  const area = rows.block * block;
  for (let y = 0; y < rows.length; y++) {
    sums.fill(0);
    for (let r = y * rows.block; r < (y + 1) * rows.block; r++) {
      const start = Math.min(height - 1, r) * width;
      for (let x = 0; x < columns.length * block; x++) {
        const [to, from] = [3 * Math.floor(x / block), 3 * (start + Math.min(width - 1, x))];
        sums[to] += pixels[from];
        sums[to + 1] += pixels[from + 1];
        sums[to + 2] += pixels[from + 2];
      }
    }
    for (let x = columns.first; x < columns.end; x++) {
      let [red, green, blue] = [0, 0, 0];
      for (let k = starts[x]; k < starts[x + 1]; k++) {
        const [weight, from] = [weights[k], 3 * blocks[k]];
        red += weight * sums[from];
        green += weight * sums[from + 1];
        blue += weight * sums[from + 2];
      }
      const to = (y * wanted + x) * 3;
      result[to] = red / area;
      result[to + 1] = green / area;
      result[to + 2] = blue / area;
    }
  }
  return result;
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
