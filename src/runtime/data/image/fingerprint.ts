/**
 * What a picture looks like in few bytes, so that one that was saved again (another format, another quality, other metadata) is
 * recognised: the brightness of a grid of cells, and how much detail there is. A byte each.
 */
export type Fingerprint = Uint8Array;

const grid = 12;
export const fingerprintLength = grid * grid + 1;
/** Half the width of the neighbourhood whose mean is taken away to see detail, in pixels. */
const radius = 3;

/** @param pixels [height, width, 3], 8 bit. */
export function fingerprintOf(pixels: Uint8Array, [height, width]: readonly [number, number]): Fingerprint {
  const sums = new Float64Array(grid * grid);
  const counts = new Int32Array(grid * grid);
  const columns = Int32Array.from({ length: width }, (_, x) => Math.floor((x * grid) / width));
  let squares = 0;
  let at = 0;
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * grid) / height) * grid;
    for (let x = 0; x < width; x++, at += 3) {
      const value = grayAt(pixels, at);
      const cell = row + (columns[x] ?? 0);
      sums[cell] = (sums[cell] ?? 0) + value;
      counts[cell] = (counts[cell] ?? 0) + 1;
      squares += value * value;
    }
  }
  const result = new Uint8Array(fingerprintLength);
  for (let cell = 0; cell < grid * grid; cell++) {
    const [sum = 0, count = 0] = [sums[cell], counts[cell]];
    const mean = sum / Math.max(1, count);
    result[cell] = Math.round(mean);
    squares -= mean * sum;
  }
  result[grid * grid] = Math.min(255, Math.round(Math.sqrt(Math.max(0, squares) / (height * width))));
  return result;
}

/** The mean of a fingerprint's cells. Those of pictures that may be the same differ by at most `meanTolerance`. */
export function meanOf(fingerprint: Fingerprint): number {
  let sum = 0;
  for (let cell = 0; cell < grid * grid; cell++) sum += fingerprint[cell] ?? 0;
  return sum / (grid * grid);
}
export const meanTolerance = 1.5;

/**
 * Whether two pictures may be the same one, saved in two ways. What JPEG changes in the mean of a cell is 1 to 3 levels of 255 in
 * a photograph, and more where there is much detail: 10 in a digit of MNIST.
 */
export function mayBeSame(a: Fingerprint, b: Fingerprint): boolean {
  const detail = Math.max(a[grid * grid] ?? 0, b[grid * grid] ?? 0);
  const tolerance = Math.min(16, 3 + 0.35 * detail);
  for (let cell = 0; cell < grid * grid; cell++)
    if (Math.abs((a[cell] ?? 0) - (b[cell] ?? 0)) > tolerance) return false;
  return true;
}

/**
 * Whether two pictures are the same, of those whose fingerprints say they may be: their fine detail goes together. In a picture that
 * was saved again the correlation is 0.7 and more; in different pictures of the same kind it is below 0.1.
 *
 * @param a, b [height, width, 3], 8 bit.
 */
export function isSame(a: Uint8Array, b: Uint8Array, [height, width]: readonly [number, number]): boolean {
  const [one, other] = [grayOf(a), grayOf(b)];
  if (one.every((value, i) => value === other[i])) return true;
  const [x, y] = [detailOf(one, height, width), detailOf(other, height, width)];
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [p = 0, q = 0] = [x[i], y[i]];
    xx += p * p;
    yy += q * q;
    xy += p * q;
  }
  return xy > 0.5 * Math.sqrt(xx * yy);
}

/** Brightness of the pixel that begins at `at`, 0 … 255: the luma of JPEG. */
function grayAt(pixels: Uint8Array, at: number): number {
  return (77 * (pixels[at] ?? 0) + 150 * (pixels[at + 1] ?? 0) + 29 * (pixels[at + 2] ?? 0)) / 256;
}

function grayOf(pixels: Uint8Array): Float32Array {
  const gray = new Float32Array(pixels.length / 3);
  for (let i = 0; i < gray.length; i++) gray[i] = grayAt(pixels, 3 * i);
  return gray;
}

/** Each pixel minus the mean of its neighbourhood. */
function detailOf(gray: Float32Array, height: number, width: number): Float32Array {
  // Sums over everything above and to the left, a row and a column of zeros first.
  const sums = new Float64Array((height + 1) * (width + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += gray[y * width + x] ?? 0;
      sums[(y + 1) * (width + 1) + x + 1] = (sums[y * (width + 1) + x + 1] ?? 0) + row;
    }
  }
  const at = (y: number, x: number) => sums[y * (width + 1) + x] ?? 0;
  const detail = new Float32Array(gray.length);
  for (let y = 0; y < height; y++) {
    const [top, bottom] = [Math.max(0, y - radius), Math.min(height, y + radius + 1)];
    for (let x = 0; x < width; x++) {
      const [left, right] = [Math.max(0, x - radius), Math.min(width, x + radius + 1)];
      const sum = at(bottom, right) - at(top, right) - at(bottom, left) + at(top, left);
      detail[y * width + x] = (gray[y * width + x] ?? 0) - sum / ((bottom - top) * (right - left));
    }
  }
  return detail;
}
