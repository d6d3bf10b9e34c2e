import { binary, type Value } from '../ir.js';
import type { Rules } from './rule.js';

function pair(values: unknown): readonly [number, number] {
  const [a, b] = values as readonly number[];
  return [a ?? 1, b ?? 1];
}

export const poolingRules: Rules = {
  // Every place gets its share: dy / (height · width).
  GlobalAveragePool: ({ builder: b, inputs: [x], dy }) => {
    if (x === undefined) return [];
    const [height, width] = [Number(x.shape[2]), Number(x.shape[3])];
    const share = b.constant(new Float32Array(height * width).fill(1 / (height * width)), [1, 1, height, width]);
    return [binary(b, 'Mul', dy, share)];
  },
  // Shared where several places are equally large.
  GlobalMaxPool: ({ builder: b, inputs: [x], outputs: [y], dy }) => {
    if (x === undefined || y === undefined) return [];
    const largest = b.op('Cast', [b.op('Equal', [x, y], {}, x.shape, 'bool')], { to: 1 }, x.shape);
    const count = b.op('ReduceSum', [largest, b.int64([2, 3])], { keepdims: 1 }, y.shape);
    return [binary(b, 'Mul', largest, binary(b, 'Div', dy, count))];
  },
  // dy goes to the place that was largest: scattered by the indices of the forward pass.
  MaxPool: ({ builder: b, node, inputs: [x], outputs: [y], dy }) => {
    if (x === undefined || y === undefined) return [];
    const [, indices] = b.ops('MaxPool', [x], node.attributes, [
      { shape: y.shape },
      { shape: y.shape, type: 'int64' },
    ] as const);
    const shape = b.op('Shape', [x], {}, [4], 'int64');
    const length = b.op('ReduceProd', [shape, b.int64([0])], { keepdims: 1 }, [1], 'int64');
    const zeros = b.op('ConstantOfShape', [length], {}, ['N']);
    const flat = (value: Value, type: Value['type'] = 'float32') =>
      b.op('Reshape', [value, b.int64([-1])], {}, ['N'], type);
    const scattered = b.op(
      'ScatterElements',
      [zeros, flat(indices, 'int64'), flat(dy)],
      { axis: 0, reduction: 'add' },
      ['N'],
    );
    return [b.op('Reshape', [scattered, shape], {}, x.shape)];
  },
  // Each output's share goes back to the places of its window: a transposed depthwise convolution with ones.
  AveragePool: ({ builder: b, node, inputs: [x], outputs: [y], dy }) => {
    if (x === undefined || y === undefined) return [];
    const [kernel, strides] = [pair(node.attributes['kernel_shape']), pair(node.attributes['strides'])];
    const pads = node.attributes['pads'] as readonly number[];
    const [channels, size] = [Number(x.shape[1]), pair(x.shape.slice(2))];
    const output = pair(y.shape.slice(2));
    const ones = b.constant(new Float32Array(channels * kernel[0] * kernel[1]).fill(1), [channels, 1, ...kernel]);
    const rest = size.map(
      (length, i) =>
        length + (pads[i] ?? 0) + (pads[i + 2] ?? 0) - ((output[i] ?? 1) - 1) * (strides[i] ?? 1) - (kernel[i] ?? 1),
    );
    const share = binary(b, 'Mul', dy, b.constant(shares(kernel, strides, pads, size, output), [1, 1, ...output]));
    return [
      b.op(
        'ConvTranspose',
        [share, ones],
        { kernel_shape: kernel, strides, pads, group: channels, output_padding: rest },
        x.shape,
      ),
    ];
  },
};

/** One over the number of real (not padded) places in each window. */
function shares(
  kernel: readonly [number, number],
  strides: readonly [number, number],
  pads: readonly number[],
  size: readonly [number, number],
  output: readonly [number, number],
): Float32Array {
  const along = (i: 0 | 1) =>
    Array.from({ length: output[i] }, (_, o) => {
      const start = o * strides[i] - (pads[i] ?? 0);
      return Math.min(size[i], start + kernel[i]) - Math.max(0, start);
    });
  const [rows, columns] = [along(0), along(1)];
  return Float32Array.from(rows.flatMap((row) => columns.map((column) => 1 / (row * column))));
}
