import { GraftError } from '../../../common/errors.js';
import { binary, reshape, type GraphBuilder, type Shape, type Value } from '../ir.js';
import { NoGradient, type RuleContext, type Rules } from './rule.js';

export const shapeRules: Rules = {
  Reshape: ({ builder: b, inputs: [x], dy }) => (x === undefined ? [] : [reshape(b, dy, x.shape)]),
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
  Gather: ({ builder: b, node, inputs: [table, indices], dy, wants }) => {
    if (table === undefined || indices === undefined || !wants(0)) return [];
    if (Number(node.attributes['axis'] ?? 0) !== 0) throw new NoGradient('picking along an axis has no gradient');
    const [rows = 1, width = 1] = table.shape.map(Number);
    const flat = b.op('Reshape', [indices, b.int64([-1, 1])], {}, ['N', 1], 'int64');
    const updates = b.op('Reshape', [dy, b.int64([-1, width])], {}, ['N', width]);
    const zeros = b.constant(new Float32Array(rows * width), [rows, width]);
    return [b.op('ScatterND', [zeros, flat, updates], { reduction: 'add' }, table.shape)];
  },
  // Each place that was summed gets dy.
  ReduceSum: (context) => {
    const reduced = reduction(context);
    return reduced === undefined ? [] : [spread(context.builder, reduced, 1)];
  },
  ReduceMean: (context) => {
    const reduced = reduction(context);
    return reduced === undefined ? [] : [spread(context.builder, reduced, 1 / reduced.count)];
  },
  ReduceMin: (context) => extreme(context),
  ReduceMax: (context) => extreme(context),
  // Nearest neighbours by whole factors: each place gets the sum of the block that it became.
  Resize: ({ builder: b, node, inputs: [x, , scales], outputs: [y], dy }) => {
    const factors = Array.from(b.initializers.get(scales?.name ?? '')?.data ?? [], Number);
    const [n = 1, c = 1, height = 1, width = 1] = factors;
    const whole = factors.length === 4 && factors.every((factor) => Number.isInteger(factor));
    if (x === undefined || y === undefined || !whole || n !== 1 || c !== 1 || node.attributes['mode'] !== 'nearest')
      throw new NoGradient('a resize other than by repeating rows and columns has no gradient');
    const window = { kernel_shape: [height, width], strides: [height, width], pads: [0, 0, 0, 0] };
    const mean = b.op('AveragePool', [dy], window, x.shape);
    return [binary(b, 'Mul', mean, b.scalar(height * width))];
  },
};

/** Shared where several places are equally large, or small. */
function extreme(context: RuleContext): readonly (Value | undefined)[] {
  const { builder: b, inputs, outputs } = context;
  const [[x], [y], reduced] = [inputs, outputs, reduction(context)];
  if (x === undefined || y === undefined || reduced === undefined) return [];
  const { dy, axes, kept } = reduced;
  const equal = b.op('Equal', [x, reshape(b, y, kept)], {}, x.shape, 'bool');
  const largest = b.op('Cast', [equal], { to: 1 }, x.shape);
  const count = b.op('ReduceSum', [largest, b.int64(axes)], { keepdims: 1 }, kept);
  return [binary(b, 'Mul', largest, binary(b, 'Div', dy, count))];
}

/** A reduction over constant axes; undefined where they are not known. */
interface Reduction {
  /** With the reduced axes kept, as 1. */
  readonly dy: Value;
  readonly kept: Shape;
  readonly axes: readonly number[];
  /** Sizes of the reduced axes, 1 for the others. */
  readonly sizes: readonly number[];
  /** Places that became one. */
  readonly count: number;
}

function reduction({ builder: b, inputs: [x, list], dy }: RuleContext): Reduction | undefined {
  const data = list && b.initializers.get(list.name)?.data;
  if (x === undefined || data === undefined) return undefined;
  const axes = Array.from(data, Number).map((axis) => (axis < 0 ? axis + x.shape.length : axis));
  const kept = x.shape.map((size, i) => (axes.includes(i) ? 1 : size));
  const sizes = x.shape.map((size, i) => (axes.includes(i) ? Number(size) : 1));
  const whole = dy.shape.length === kept.length ? dy : reshape(b, dy, kept);
  return { dy: whole, kept, axes, sizes, count: sizes.reduce((product, size) => product * size, 1) };
}

function spread(b: GraphBuilder, { dy, sizes, count }: Reduction, share: number): Value {
  return binary(b, 'Mul', dy, b.constant(new Float32Array(count).fill(share), sizes));
}

/** `step` − 1 zeros after each place along an axis. */
function withZeros(b: GraphBuilder, x: Value, axis: number, step: number): Value {
  const size = Number(x.shape[axis]);
  const apart = x.shape.toSpliced(axis + 1, 0, 1);
  const padded = apart.with(axis + 1, step);
  const before = apart.map(() => 0);
  const cells = reshape(b, x, apart);
  const zeros = b.op('Pad', [cells, b.int64([...before, ...before.with(axis + 1, step - 1)])], {}, padded);
  return reshape(b, zeros, x.shape.with(axis, size * step));
}
