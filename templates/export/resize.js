/**
 * Resizes a picture as Graft does, to a rounding: Lanczos (3 lobes) where it gets smaller, after averaging blocks where it gets much
 * smaller; cubic where it gets larger. The parts of an exported ONNX model that do the same follow the same formulas.
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
  const narrow = Array.from({ length: rows.length }, (_, y) => narrowRow(pixels, from, rows.block, y, columns, width));
  const result = new Float32Array(height * width * 3).fill(255);
  rows.taps.forEach((vertical, y) => {
    if (vertical === undefined) return;
    const line = new Float64Array(width * 3);
    for (const [row, weight] of vertical) for (let i = 0; i < line.length; i++) line[i] += weight * narrow[row][i];
    columns.taps.forEach((horizontal, x) => {
      if (horizontal === undefined) return;
      for (let i = 3 * x; i < 3 * x + 3; i++) result[y * width * 3 + i] = Math.min(255, Math.max(0, line[i]));
    });
  });
  return result;
}

/** Along one axis: of which blocks of pixels each output is made, and how much of each; undefined where it is outside of the picture. */
function axisOf(size, wanted, ratio) {
  const resized = Math.floor(size / ratio + 0.5);
  const cut = Math.floor((resized - wanted + 1) / 2);
  const block = Math.max(1, Math.floor(ratio / 2));
  const [length, shrink] = [Math.ceil(size / block), ratio / block];
  const taps = Array.from({ length: wanted }, (_, i) => {
    const at = i + cut;
    if (at < 0 || at >= resized) return undefined;
    const larger = ratio < 1;
    const center = larger ? at * ratio - 0.5 : ((at + 0.5 - resized / 2) * ratio + size / 2) / block - 0.5;
    const reach = larger ? 2 : 3 * shrink;
    const weights = [];
    for (let x = Math.ceil(center - reach); x <= center + reach; x++) {
      const weight = larger ? cubic(x - center) : lanczos((x - center) / shrink);
      weights.push([Math.min(length - 1, Math.max(0, x)), weight]);
    }
    const sum = weights.reduce((total, [, weight]) => total + weight, 0);
    return weights.map(([x, weight]) => [x, weight / sum]);
  });
  return { taps, block, length };
}

/** The mean of a block of rows, resized along its width. */
function narrowRow(pixels, [height, width], block, index, columns, wanted) {
  const blocks = new Float64Array(columns.length * 3);
  for (let r = 0; r < block; r++) {
    const start = Math.min(height - 1, index * block + r) * width;
    for (let b = 0, i = 0; b < columns.length; b++)
      for (let k = 0; k < columns.block; k++, i++) {
        const from = 3 * (start + Math.min(width - 1, i));
        blocks[3 * b] += pixels[from];
        blocks[3 * b + 1] += pixels[from + 1];
        blocks[3 * b + 2] += pixels[from + 2];
      }
  }
  const row = new Float64Array(wanted * 3);
  columns.taps.forEach((horizontal, x) => {
    for (const [b, weight] of horizontal ?? [])
      for (let c = 0; c < 3; c++) row[3 * x + c] += weight * blocks[3 * b + c];
  });
  return row.map((sum) => sum / (block * columns.block));
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
