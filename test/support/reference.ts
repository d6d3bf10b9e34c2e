/** Operators of ONNX by their definition, in float64: nothing here is fast, and nothing is shared with what it checks. */

export interface Numbers {
  readonly data: Float64Array;
  readonly shape: readonly number[];
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
const at = (x: Numbers, index: readonly number[]): number => {
  let offset = 0;
  for (const [axis, size] of x.shape.entries()) offset = offset * size + (index[axis] ?? 0);
  return x.data[offset] ?? NaN;
};

/** Every place of a shape, in row-major order, through `value`. */
export function filled(shape: readonly number[], value: (index: readonly number[]) => number): Numbers {
  const index = shape.map(() => 0);
  const data = Float64Array.from({ length: sizeOf(shape) }, () => {
    const result = value(index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] ?? 0) + 1;
      if (index[axis] !== shape[axis]) break;
      index[axis] = 0;
    }
    return result;
  });
  return { data, shape };
}

export const elementwise =
  (f: (...values: number[]) => number) =>
  (...inputs: Numbers[]): Numbers => {
    const rank = Math.max(...inputs.map(({ shape }) => shape.length));
    const sizes = (x: Numbers) => [...Array.from({ length: rank - x.shape.length }, () => 1), ...x.shape];
    const shape = Array.from({ length: rank }, (_, i) => Math.max(...inputs.map((x) => sizes(x)[i] ?? 1)));
    const read = (x: Numbers, index: readonly number[]) =>
      at(
        x,
        index.slice(rank - x.shape.length).map((i, axis) => (x.shape[axis] === 1 ? 0 : i)),
      );
    return filled(shape, (index) => f(...inputs.map((x) => read(x, index))));
  };

/** Σ or another summary over the places of a window. Images are [N, C, H, W]; outside is undefined. */
export interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly pads: readonly number[];
}

const extent = (window: Window, size: number, i: 0 | 1) =>
  Math.floor(
    (size + (window.pads[i] ?? 0) + (window.pads[i + 2] ?? 0) - (window.kernel[i] - 1) * window.dilations[i] - 1) /
      window.strides[i],
  ) + 1;

/** Where position (i, j) of the window for output (y, x) lies, undefined in the padding. */
function place(window: Window, [height, width]: readonly number[], y: number, x: number, i: number, j: number) {
  const row = y * window.strides[0] + i * window.dilations[0] - (window.pads[0] ?? 0);
  const column = x * window.strides[1] + j * window.dilations[1] - (window.pads[1] ?? 0);
  return row < 0 || column < 0 || row >= (height ?? 0) || column >= (width ?? 0) ? undefined : ([row, column] as const);
}

export const conv =
  (window: Window, groups = 1) =>
  (x: Numbers, w: Numbers, bias?: Numbers): Numbers => {
    const [n = 1, , height = 1, width = 1] = x.shape;
    const [filters = 1, fan = 1] = w.shape;
    return filled([n, filters, extent(window, height, 0), extent(window, width, 1)], ([b = 0, f = 0, y = 0, z = 0]) => {
      let sum = bias?.data[f] ?? 0;
      const first = Math.floor(f / (filters / groups)) * fan;
      for (let c = 0; c < fan; c++)
        for (let i = 0; i < window.kernel[0]; i++)
          for (let j = 0; j < window.kernel[1]; j++) {
            const from = place(window, [height, width], y, z, i, j);
            if (from !== undefined) sum += at(x, [b, first + c, ...from]) * at(w, [f, c, i, j]);
          }
      return sum;
    });
  };

export const convTranspose =
  (window: Window, size: readonly [number, number]) =>
  (x: Numbers, w: Numbers): Numbers => {
    const [n = 1, channels = 1, height = 1, width = 1] = x.shape;
    const [, filters = 1] = w.shape;
    const result = filled([n, filters, ...size], () => 0);
    for (let b = 0; b < n; b++)
      for (let c = 0; c < channels; c++)
        for (let f = 0; f < filters; f++)
          for (let y = 0; y < height; y++)
            for (let z = 0; z < width; z++)
              for (let i = 0; i < window.kernel[0]; i++)
                for (let j = 0; j < window.kernel[1]; j++) {
                  const to = place(window, size, y, z, i, j);
                  if (to === undefined) continue;
                  const offset = ((b * filters + f) * size[0] + to[0]) * size[1] + to[1];
                  result.data[offset] = (result.data[offset] ?? 0) + at(x, [b, c, y, z]) * at(w, [c, f, i, j]);
                }
    return result;
  };

export const pool =
  (window: Window, summary: (values: readonly number[]) => number) =>
  (x: Numbers): Numbers => {
    const [n = 1, channels = 1, height = 1, width = 1] = x.shape;
    return filled(
      [n, channels, extent(window, height, 0), extent(window, width, 1)],
      ([b = 0, c = 0, y = 0, z = 0]) => {
        const values: number[] = [];
        for (let i = 0; i < window.kernel[0]; i++)
          for (let j = 0; j < window.kernel[1]; j++) {
            const from = place(window, [height, width], y, z, i, j);
            if (from !== undefined) values.push(at(x, [b, c, ...from]));
          }
        return summary(values);
      },
    );
  };

export const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The last two axes as matrices; those before broadcast. */
export function matmul(a: Numbers, b: Numbers): Numbers {
  const rank = Math.max(a.shape.length, b.shape.length);
  const lead = (x: Numbers) => [...Array.from({ length: rank - x.shape.length }, () => 1), ...x.shape].slice(0, -2);
  const [la, lb] = [lead(a), lead(b)];
  const inner = a.shape.at(-1) ?? 1;
  const shape = [...la.map((size, i) => Math.max(size, lb[i] ?? 1)), a.shape.at(-2) ?? 1, b.shape.at(-1) ?? 1];
  const pick = (x: Numbers, index: readonly number[], row: number, column: number) => {
    const own = x.shape.slice(0, -2);
    const from = index.slice(rank - 2 - own.length, rank - 2);
    return at(x, [...from.map((i, axis) => (own[axis] === 1 ? 0 : i)), row, column]);
  };
  return filled(shape, (index) => {
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += pick(a, index, index.at(-2) ?? 0, k) * pick(b, index, k, index.at(-1) ?? 0);
    return sum;
  });
}

/** Each row of the last axis through `f`. */
export const alongRows =
  (f: (row: readonly number[]) => readonly number[]) =>
  (x: Numbers): Numbers => {
    const width = x.shape.at(-1) ?? 1;
    const rows = Array.from({ length: x.data.length / width }, (_, i) =>
      f(Array.from(x.data.subarray(i * width, (i + 1) * width))),
    );
    return { data: Float64Array.from(rows.flat()), shape: x.shape };
  };

/** A value per place of `shape`, read from the place of x that `from` says. */
export const moved =
  (shape: readonly number[], from: (index: readonly number[]) => readonly number[] | undefined) =>
  (x: Numbers): Numbers =>
    filled(shape, (index) => {
      const source = from(index);
      return source === undefined ? 0 : at(x, source);
    });
