import { GraftError } from '../../errors.js';
import type { Value } from '../ir.js';
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
