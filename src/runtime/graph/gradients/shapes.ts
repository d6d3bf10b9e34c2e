import { GraftError } from '../../errors.js';
import type { GraphBuilder, Shape, Value } from '../ir.js';
import { combine, type Rules } from './backward.js';

export const shapeRules: Rules = {
  Reshape: ({ builder: b, inputs: [x], dy }) =>
    x === undefined
      ? []
      : [b.op('Reshape', [dy, b.int64(x.shape.map((size) => (size === 'N' ? -1 : size)))], {}, x.shape)],
  Transpose: ({ builder: b, node, inputs: [x], dy }) => {
    if (x === undefined) return [];
    const permutation = node.attributes['perm'] as readonly number[];
    const inverse = permutation.map((_, i) => permutation.indexOf(i));
    return [b.op('Transpose', [dy], { perm: inverse }, x.shape)];
  },
  Concat: ({ builder: b, node, inputs, dy, wants }) => {
    const axis = Number(node.attributes['axis']);
    let start = 0;
    return inputs.map((x, i): Value | undefined => {
      if (x === undefined) return undefined;
      const end = start + Number(x.shape[axis]);
      const part = wants(i)
        ? b.op('Slice', [dy, b.int64([start]), b.int64([end]), b.int64([axis])], {}, x.shape)
        : undefined;
      start = end;
      return part;
    });
  },
  // Between the places that a step took, and around them, dy is 0.
  Slice: ({ builder: b, inputs: [x, ...bounds], dy }) => {
    const [starts, , axes, steps] = bounds.map((value) =>
      Array.from(b.initializers.get(value?.name ?? '')?.data ?? [], Number),
    );
    if (x === undefined || starts === undefined || axes === undefined) return [];
    let spread = dy;
    axes.forEach((axis, i) => {
      const step = steps?.[i] ?? 1;
      if (step !== 1) spread = withZeros(b, spread, axis, step);
    });
    const before = x.shape.map((_, axis) => starts[axes.indexOf(axis)] ?? 0);
    const after = x.shape.map((size, axis) =>
      axes.includes(axis) ? Number(size) - (before[axis] ?? 0) - Number(spread.shape[axis]) : 0,
    );
    return [b.op('Pad', [spread, b.int64([...before, ...after])], {}, x.shape)];
  },
  Pad: ({ builder: b, inputs: [x, pads], dy }) => {
    const amounts = pads === undefined ? undefined : b.initializers.get(pads.name)?.data;
    if (x === undefined || amounts === undefined)
      throw new GraftError('A Pad node has no constant amounts.', { action: 'Please report this.' });
    const rank = x.shape.length;
    const before = Array.from({ length: rank }, (_, i) => Number(amounts[i]));
    const axes = before.flatMap((_, i) => (x.shape[i] === 'N' ? [] : [i]));
    const starts = axes.map((i) => before[i] ?? 0);
    const ends = axes.map((i) => (before[i] ?? 0) + Number(x.shape[i]));
    return [b.op('Slice', [dy, b.int64(starts), b.int64(ends), b.int64(axes)], {}, x.shape)];
  },
  // dy goes back to the rows that were taken; a row that was taken twice gets both.
  Gather: ({ builder: b, inputs: [table, indices], dy, wants }) => {
    if (table === undefined || indices === undefined || !wants(0)) return [];
    const [rows = 1, width = 1] = table.shape.map(Number);
    const flat = b.op('Reshape', [indices, b.int64([-1, 1])], {}, ['N', 1], 'int64');
    const updates = b.op('Reshape', [dy, b.int64([-1, width])], {}, ['N', width]);
    const zeros = b.constant(new Float32Array(rows * width), [rows, width]);
    return [b.op('ScatterND', [zeros, flat, updates], { reduction: 'add' }, table.shape)];
  },
  ReduceMean: ({ builder: b, node, inputs: [x, axes], dy }) => {
    const list = axes && b.initializers.get(axes.name)?.data;
    if (x === undefined || list === undefined) return [];
    const reduced = Array.from(list, Number).map((axis) => (axis < 0 ? axis + x.shape.length : axis));
    const kept = x.shape.map((size, i) => (reduced.includes(i) ? 1 : size));
    const whole =
      node.attributes['keepdims'] === 0
        ? b.op('Reshape', [dy, b.int64(kept.map((size) => (size === 'N' ? -1 : size)))], {}, kept)
        : dy;
    const count = reduced.reduce((product, i) => product * Number(x.shape[i]), 1);
    const shares = x.shape.map((size, i) => (reduced.includes(i) ? Number(size) : 1));
    return [combine(b, 'Mul', whole, b.constant(new Float32Array(count).fill(1 / count), shares))];
  },
};

/** `step` − 1 zeros after each place along an axis. */
function withZeros(b: GraphBuilder, x: Value, axis: number, step: number): Value {
  const size = Number(x.shape[axis]);
  const target = (shape: Shape) => b.int64(shape.map((length) => (length === 'N' ? -1 : length)));
  const apart = x.shape.toSpliced(axis + 1, 0, 1);
  const padded = apart.with(axis + 1, step);
  const before = apart.map(() => 0);
  const cells = b.op('Reshape', [x, target(apart)], {}, apart);
  const zeros = b.op('Pad', [cells, b.int64([...before, ...before.with(axis + 1, step - 1)])], {}, padded);
  const whole = x.shape.with(axis, size * step);
  return b.op('Reshape', [zeros, target(whole)], {}, whole);
}
