import type { ResizeMode } from '../data/types.js';
import type { Dim, GraphBuilder, Value } from './ir.js';

/**
 * Pictures of any size, [N, H, W, 3], uint8 → [N, height, width, 3], float32, 0 … 255: what `resize` of `templates/export/resize.js`
 * computes. Each axis is a product with a matrix of weights, which is made within the graph from the picture's size.
 */
export function resizeNodes(
  builder: GraphBuilder,
  pixels: Value,
  [height, width]: readonly [number, number],
  mode: ResizeMode,
): Value {
  const axis = new AxisMath(builder);
  const sizes = [1, 2].map((i) => axis.sizeOf(pixels, i));
  const [high, wide] = sizes as [Value, Value];
  const ratios = [axis.op('Div', high, height), axis.op('Div', wide, width)] as const;
  const common = mode === 'stretch' ? undefined : axis.op(mode === 'crop' ? 'Min' : 'Max', ...ratios);
  const rows = axis.weights(high, 'H', height, common ?? ratios[0]);
  const columns = axis.weights(wide, 'W', width, common ?? ratios[1]);

  let x = builder.op('Cast', [pixels], { to: 1 }, ['N', 'H', 'W', 3]);
  x = builder.op('Transpose', [x], { perm: [0, 3, 1, 2] }, ['N', 3, 'H', 'W']);
  x = builder.op('MatMul', [rows.matrix, x], {}, ['N', 3, height, 'W']);
  const across = builder.op('Transpose', [columns.matrix], { perm: [1, 0] }, ['W', width]);
  x = builder.op('MatMul', [x, across], {}, ['N', 3, height, width]);
  if (mode === 'pad') {
    const inside = builder.op(
      'Mul',
      [rows.inside, builder.op('Transpose', [columns.inside], { perm: [1, 0] }, [1, width])],
      {},
      [height, width],
    );
    const outside = builder.op('Sub', [builder.scalar(1), inside], {}, [height, width]);
    x = builder.op('Add', [x, builder.op('Mul', [outside, builder.scalar(255)], {}, [height, width])], {}, x.shape);
  }
  x = builder.op('Clip', [x, builder.scalar(0), builder.scalar(255)], {}, x.shape);
  return builder.op('Transpose', [x], { perm: [0, 2, 3, 1] }, ['N', height, width, 3]);
}

/** Places within pictures, in float64: in float32 those of a large one would be off by a thousandth of a pixel. */
class AxisMath {
  constructor(private readonly builder: GraphBuilder) {}

  sizeOf(pixels: Value, axis: number): Value {
    const shape = this.builder.op('Shape', [pixels], { start: axis, end: axis + 1 }, [1], 'int64');
    return this.builder.op('Cast', [shape], { to: 11 }, [1], 'float64');
  }

  /** Scalars and vectors broadcast; the shape is written down where a later step asks for it only. */
  op(op: string, ...inputs: readonly (Value | number)[]): Value {
    const values = inputs.map((input) => (typeof input === 'number' ? this.number(input) : input));
    return this.builder.op(op, values, {}, [], /Less|Equal/.test(op) ? 'bool' : 'float64');
  }

  number(value: number): Value {
    return this.builder.constant(Float64Array.of(value), [1], 'd');
  }

  /** 0, 1, …, count − 1. */
  upTo(count: Value): Value {
    const [zero, one] = [0, 1].map((value) => this.builder.constant(Float64Array.of(value), [], 'd'));
    const limit = this.builder.op('Squeeze', [count], {}, [], 'float64');
    return this.op('Range', ...([zero, limit, one] as [Value, Value, Value]));
  }

  /** How much of each pixel goes into each output, [wanted, size]; and where there is picture, [wanted, 1]. */
  weights(size: Value, name: Dim, wanted: number, ratio: Value): { matrix: Value; inside: Value } {
    const op = this.op.bind(this);
    const larger = op('Less', ratio, 1);
    const resized = op('Floor', op('Add', op('Div', size, ratio), 0.5));
    const cut = op('Floor', op('Div', op('Add', op('Sub', resized, wanted), 1), 2));
    const block = op('Max', op('Floor', op('Div', ratio, 2)), 1);
    const shrink = op('Div', ratio, block);
    const length = op('Ceil', op('Div', size, block));

    const at = op('Add', this.upTo(this.number(wanted)), cut);
    const middle = op(
      'Add',
      op('Mul', op('Sub', op('Add', at, 0.5), op('Div', resized, 2)), ratio),
      op('Div', size, 2),
    );
    const center = op('Where', larger, op('Sub', op('Mul', at, ratio), 0.5), op('Sub', op('Div', middle, block), 0.5));

    // Blocks beyond the picture's edges, as many as a kernel can reach, stand for the outermost ones.
    const margin = 13;
    const blocks = op('Sub', this.upTo(op('Add', length, 2 * margin)), margin);
    const distance = op('Sub', blocks, this.column(center));
    const kernel = op('Where', larger, this.cubic(distance), this.lanczos(op('Div', distance, shrink)));
    const share = op('Div', kernel, this.sum(kernel));
    const beyond = (isBeyond: Value) => this.sum(op('Where', isBeyond, share, 0));
    const [before, after] = [beyond(op('Less', blocks, 0)), beyond(op('GreaterOrEqual', blocks, length))];

    const pixel = this.upTo(size);
    const blockOf = op('Floor', op('Div', pixel, block));
    const index = this.builder.op('Cast', [op('Add', blockOf, margin)], { to: 7 }, [name], 'int64');
    let own = this.builder.op('Gather', [share, index], { axis: 1 }, [wanted, name], 'float64');
    const isLast = op('GreaterOrEqual', blockOf, op('Sub', length, 1));
    own = op('Add', own, op('Where', op('Less', blockOf, 1), before, 0));
    own = op('Add', own, op('Where', isLast, after, 0));
    // The last block may be cut off: the last pixel stands for what is missing.
    const missing = op('Sub', op('Mul', length, block), size);
    const times = op('Where', op('GreaterOrEqual', pixel, op('Sub', size, 1)), op('Add', missing, 1), 1);
    own = op('Div', op('Mul', own, times), block);

    // Not a product with 0: there is nothing but zeros beyond the reach of the picture, and 0 / 0 is no number.
    const inside = this.column(op('Where', op('Less', at, 0), 0, op('Where', op('Less', at, resized), 1, 0)));
    const matrix = op('Where', op('Less', inside, 1), 0, own);
    const single = (value: Value, shape: readonly Dim[]) => this.builder.op('Cast', [value], { to: 1 }, shape);
    return { matrix: single(matrix, [wanted, name]), inside: single(inside, [wanted, 1]) };
  }

  private column(values: Value): Value {
    return this.builder.op('Unsqueeze', [values, this.builder.int64([1])], {}, [], 'float64');
  }

  private sum(rows: Value): Value {
    return this.builder.op('ReduceSum', [rows, this.builder.int64([1])], { keepdims: 1 }, [], 'float64');
  }

  private lanczos(x: Value): Value {
    const op = this.op.bind(this);
    const angle = op('Mul', op('Abs', x), Math.PI);
    const safe = op('Max', angle, 1e-9);
    const lobes = op('Mul', op('Sin', safe), op('Sin', op('Div', safe, 3)));
    const value = op('Div', op('Mul', lobes, 3), op('Mul', safe, safe));
    return op('Where', op('Less', angle, 3 * Math.PI), value, 0);
  }

  /** Catmull-Rom. */
  private cubic(x: Value): Value {
    const op = this.op.bind(this);
    const d = op('Abs', x);
    const near = op('Add', op('Mul', op('Mul', op('Sub', op('Mul', d, 1.5), 2.5), d), d), 1);
    const far = op('Add', op('Mul', op('Sub', op('Mul', op('Add', op('Mul', d, -0.5), 2.5), d), 4), d), 2);
    return op('Where', op('Less', d, 1), near, op('Where', op('Less', d, 2), far, 0));
  }
}
