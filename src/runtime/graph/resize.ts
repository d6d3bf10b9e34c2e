import type { ResizeMode } from '../data/image/form.js';
import type { GraphBuilder, Shape, Value } from './ir.js';

/**
 * Pictures of any size, [N, H, W, 3], uint8 → [N, height, width, 3], float32, whole numbers from 0 to 255: what `resize` of
 * `templates/image/export/resize.js` computes, step by step, and so to the last bit. Weights are whole 4096ths, and a product with them stays
 * below 2²⁴, where float32 is exact.
 */
export function resizeNodes(
  builder: GraphBuilder,
  pixels: Value,
  [height, width]: readonly [number, number],
  mode: ResizeMode,
): Value {
  const math = new AxisMath(builder);
  const [high, wide] = [math.sizeOf(pixels, 1), math.sizeOf(pixels, 2)];
  const own = [math.op('Div', high, height), math.op('Div', wide, width)] as const;
  const common = mode === 'stretch' ? undefined : math.op(mode === 'crop' ? 'Min' : 'Max', ...own);
  const [scaleY, scaleX] = [math.op('Div', 1, common ?? own[0]), math.op('Div', 1, common ?? own[1])];
  const [rows, columns] = [math.smaller(high, scaleY), math.smaller(wide, scaleX)];
  const [x, y] = [math.op('Max', scaleX, 1), math.op('Max', scaleY, 1)];
  const inverse = math.op('Div', 1, math.op('Mul', x, y));
  const isLarger = math.op('Greater', math.op('Max', x, y), 1);
  const across = math.larger(columns.count, math.op('Mul', inverse, y), isLarger, width);
  const down = math.larger(rows.count, math.op('Mul', inverse, x), isLarger, height);

  let picture = math.blockMeans(pixels, 1, rows, ['N', 'H', 'W']);
  picture = math.clip(math.weighted(rows.weights, picture));
  picture = builder.op('Reshape', [picture, builder.int64([0, 0, -1, 3])], {}, ['N', 'H', 'W', 3]);
  picture = math.blockMeans(picture, 2, columns, picture.shape);
  picture = math.clip(math.weighted(columns.weights, picture));
  picture = math.weighted(across.weights, picture);
  picture = builder.op('Reshape', [picture, builder.int64([0, 0, 3 * width])], {}, ['N', 'H', 3 * width]);
  picture = math.clip(math.weighted(down.weights, picture));
  picture = builder.op('Reshape', [picture, builder.int64([0, height, width, 3])], {}, ['N', height, width, 3]);
  if (mode !== 'pad') return picture;
  const isRow = builder.op('Unsqueeze', [down.isInside, builder.int64([2])], {}, [height, 1, 1], 'bool');
  const isColumn = builder.op('Unsqueeze', [across.isInside, builder.int64([0])], {}, [1, width, 1], 'bool');
  const isInside = builder.op('And', [isRow, isColumn], {}, [height, width, 1], 'bool');
  return builder.op('Where', [isInside, picture, builder.scalar(255)], {}, picture.shape);
}

/** An axis that gets smaller. */
interface Smaller {
  readonly size: Value;
  /** How many pixels become one before the weights. */
  readonly block: Value;
  /** How many blocks there are. */
  readonly length: Value;
  /** How many outputs. */
  readonly count: Value;
  /** [count, length] */
  readonly weights: Value;
}

/** Sizes, places and weights are float64, as in JavaScript: [1], [outputs, 1] or [outputs, inputs]. */
class AxisMath {
  constructor(private readonly builder: GraphBuilder) {}

  sizeOf(pixels: Value, axis: number): Value {
    return this.double(this.builder.op('Shape', [pixels], { start: axis, end: axis + 1 }, [1], 'int64'));
  }

  /** The shape is written down where a later step asks for it only. */
  op(op: string, ...inputs: readonly (Value | number)[]): Value {
    const values = inputs.map((input) => (typeof input === 'number' ? this.number(input) : input));
    return this.builder.op(op, values, {}, [], /Less|Greater|Equal|And/.test(op) ? 'bool' : 'float64');
  }

  /** An axis that has to get smaller; another one stays: its weights are those of a copy. */
  smaller(size: Value, scale: Value): Smaller {
    const op = this.op.bind(this);
    const ratio = op('Max', op('Div', 1, scale), 1);
    const count = op('Max', op('Floor', op('Add', op('Div', size, ratio), 0.5)), 1);
    const block = op('Max', op('Floor', op('Div', op('Div', size, count), 2)), 1);
    const shrink = op('Div', ratio, block);
    const beyond = op('Div', op('Sub', op('Mul', count, ratio), size), block);
    const length = op('Ceil', op('Div', size, block));
    const reach = op('Round', op('Mul', shrink, 3));

    const at = op('Sub', op('Mul', op('Add', this.range(0, count), 0.5), shrink), op('Div', beyond, 2));
    const { whole, part } = this.place(this.column(at));
    const distance = op('Sub', this.range(op('Neg', reach), op('Add', length, reach)), whole);
    const kernel = this.lanczos(op('Div', op('Sub', op('Add', distance, 0.5), part), shrink));
    const near = op('Where', op('Greater', op('Abs', distance), reach), 0, kernel);
    const weights = this.whole(op('Div', op('Mul', near, 4096), this.sum(near)));
    return { size, block, length, count, weights: this.folded(weights, length, reach) };
  }

  /** An axis that gets larger, or is only cut or gets margins: weights, and which outputs are within the picture, [wanted, 1]. */
  larger(length: Value, ratio: Value, isLarger: Value, wanted: number): { weights: Value; isInside: Value } {
    const op = this.op.bind(this);
    const count = op('Floor', op('Add', op('Div', length, ratio), 0.5));
    const cut = op('Floor', op('Div', op('Add', op('Sub', count, wanted), 1), 2));
    const at = this.column(op('Add', this.range(0, wanted), cut));
    const isInside = op('And', op('GreaterOrEqual', at, 0), op('Less', at, count));
    const { whole, part } = this.place(op('Sub', op('Mul', at, ratio), 0.5));
    const [inputs, margin] = [this.range(-2, op('Add', length, 2)), this.number(2)];
    const share = this.whole(op('Mul', this.cubic(op('Sub', op('Sub', inputs, whole), part)), 4096));
    const copy = op('Where', op('Equal', inputs, at), 4096, 0);
    const weights = op('Where', isInside, op('Where', isLarger, share, copy), 0);
    return { weights: this.folded(weights, length, margin), isInside };
  }

  /** The means of blocks along an axis, rounded; the last pixel stands for what is missing in the last block. */
  blockMeans(picture: Value, axis: 1 | 2, { size, block, length }: Smaller, shape: Shape): Value {
    const missing = this.integer(this.op('Sub', this.op('Mul', length, block), size));
    const pads = this.builder.op('Concat', [this.builder.int64([0]), missing], { axis: 0 }, [2], 'int64');
    const inputs = [picture, pads, undefined, this.builder.int64([axis])];
    const padded = this.builder.op('Pad', inputs, { mode: 'edge' }, picture.shape, picture.type);
    const blocks = [this.builder.int64(axis === 1 ? [0] : [0, 0]), this.integer(length), this.integer(block)];
    const inner = this.builder.int64(axis === 1 ? [-1] : [3]);
    const split = this.builder.op('Concat', [...blocks, inner], { axis: 0 }, [axis + 3], 'int64');
    const whole = this.builder.op('Cast', [padded], { to: 1 }, picture.shape);
    const parts = this.builder.op('Reshape', [whole, split], {}, shape);
    const sums = this.builder.op('ReduceSum', [parts, this.builder.int64([axis + 1])], { keepdims: 0 }, shape);
    const half = this.op('Floor', this.op('Div', block, 2));
    const inverse = this.op('Div', this.op('Floor', this.op('Div', 2 ** 24, block)), 2 ** 24);
    const means = this.op('Floor', this.op('Mul', this.op('Add', this.double(sums), half), inverse));
    return this.builder.op('Cast', [means], { to: 1 }, shape);
  }

  /** Sums over the last axis but one, rounded. */
  weighted(weights: Value, picture: Value): Value {
    const { shape } = picture;
    const sums = this.builder.op('MatMul', [weights, picture], {}, shape);
    const rounding = this.builder.op('Add', [sums, this.builder.scalar(2048)], {}, shape);
    return this.builder.op(
      'Floor',
      [this.builder.op('Div', [rounding, this.builder.scalar(4096)], {}, shape)],
      {},
      shape,
    );
  }

  clip(picture: Value): Value {
    return this.builder.op('Clip', [picture, this.builder.scalar(0), this.builder.scalar(255)], {}, picture.shape);
  }

  /** Places are rounded to a 64th of a pixel. */
  private place(at: Value): { whole: Value; part: Value } {
    const op = this.op.bind(this);
    const whole = op('Floor', at);
    const fine = op('Floor', op('Mul', op('Sub', at, whole), 128));
    return { whole, part: op('Div', op('Floor', op('Div', op('Add', fine, 1), 2)), 64) };
  }

  /** [outputs, margin + length + margin] → [outputs, length]: the outermost inputs stand for those beyond. */
  private folded(weights: Value, length: Value, margin: Value): Value {
    const op = this.op.bind(this);
    const inputs = this.range(op('Neg', margin), op('Add', length, margin));
    const beyond = (isBeyond: Value) => this.sum(op('Where', isBeyond, weights, 0));
    const [before, after] = [beyond(op('Less', inputs, 0)), beyond(op('GreaterOrEqual', inputs, length))];
    const [from, to] = [this.integer(margin), this.integer(op('Add', margin, length))];
    const own = this.builder.op('Slice', [weights, from, to, this.builder.int64([1])], {}, [], 'float64');
    const index = this.range(0, length);
    const first = op('Where', op('Equal', index, 0), before, 0);
    const last = op('Where', op('Equal', index, op('Sub', length, 1)), after, 0);
    return this.builder.op('Cast', [op('Add', op('Add', own, first), last)], { to: 1 }, []);
  }

  /** from, from + 1, …, below `to`. */
  private range(from: Value | number, to: Value | number): Value {
    const [start, limit] = [from, to].map((value) =>
      this.builder.op('Squeeze', [typeof value === 'number' ? this.number(value) : value], {}, [], 'float64'),
    );
    const one = this.builder.constant(Float64Array.of(1), [], 'd');
    return this.builder.op('Range', [start, limit, one], {}, [], 'float64');
  }

  private number(value: number): Value {
    return this.builder.constant(Float64Array.of(value), [1], 'd');
  }

  private double(value: Value): Value {
    return this.builder.op('Cast', [value], { to: 11 }, value.shape, 'float64');
  }

  private integer(value: Value): Value {
    return this.builder.op('Cast', [value], { to: 7 }, [1], 'int64');
  }

  /** Without what is behind the point. */
  private whole(value: Value): Value {
    return this.double(this.integer(value));
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
