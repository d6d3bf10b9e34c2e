import { flatNumbers, type Numbers } from '../../layers/operators.js';
import { binary, permute, reshape, unary, type Dim, type GraphBuilder, type Value } from '../ir.js';
import {
  axisOf,
  fromKeras,
  imageShape,
  inPlace,
  LayerConfig,
  single,
  toKeras,
  UnsupportedLayer,
  type Lowering,
} from './context.js';

/** The shape of numbers along some axes of Keras that broadcasts to `value`. */
function alongShape({ shape }: Value, axes: readonly number[]): Dim[] {
  const at = axes.map((axis) => axisOf(axis, shape.length));
  return shape.map((size, axis) => (at.includes(axis) ? size : 1));
}

const mean = (b: GraphBuilder, x: Value, axes: readonly number[]) =>
  b.op(
    'ReduceMean',
    [x, b.int64(axes)],
    { keepdims: 1 },
    x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
  );

export const normalizationLayers: Record<string, Lowering> = {
  /** (x − mean) / max(√variance, 1e-7), or the other way round. */
  Normalization: (layer, inputs, { builder: b }) => {
    const config = new LayerConfig(layer);
    const axes = config.numbers('axes');
    const inKeras = axes.length > 1;
    const x = inKeras ? toKeras(b, single(layer, inputs)) : single(layer, inputs);
    const numbers = ['mean', 'variance'].map((name, i) => {
      const weight = layer.weights[i];
      return weight === undefined ? flatNumbers(config.raw(name) as Numbers) : Array.from(weight.read().dataSync());
    });
    const spread = (list: readonly number[]) => {
      if (list.length === 1) return b.scalar(list[0] ?? 0);
      const shape = inKeras ? x.shape.map((size, axis) => (axes.includes(axis) ? size : 1)) : alongShape(x, axes);
      return b.constant(Float32Array.from(list), shape.map(Number));
    };
    const centre = spread(numbers[0] ?? []);
    const deviation = spread((numbers[1] ?? []).map((variance) => Math.max(Math.sqrt(variance), 1e-7)));
    const y = config.boolean('invert', false)
      ? binary(b, 'Add', binary(b, 'Mul', x, deviation), centre)
      : binary(b, 'Div', binary(b, 'Sub', x, centre), deviation);
    return inKeras ? fromKeras(b, y) : y;
  },
  /** Over the last axes, in Keras's layout; others are moved there and back. */
  LayerNormalization: (layer, inputs, context) => {
    const { builder: b } = context;
    const config = new LayerConfig(layer);
    const given = toKeras(b, single(layer, inputs));
    const rank = given.shape.length;
    const axes = ([config.raw('axis') ?? -1].flat() as number[]).map((axis) => (axis < 0 ? axis + rank : axis)).sort();
    const first = rank - axes.length;
    if (axes.includes(0)) throw new UnsupportedLayer(layer, 'normalization along the batch');
    const order = [...given.shape.keys()].filter((axis) => !axes.includes(axis)).concat(axes);
    const moved = order.some((axis, i) => axis !== i);
    const x = moved ? permute(b, given, order) : given;
    const sizes = x.shape.slice(first).map(Number);
    const weights = [...layer.weights];
    const next = (name: string) => {
      const weight = config.boolean(name, true) ? weights.shift() : undefined;
      return weight && context.weight(weight);
    };
    const count = sizes.reduce((product, size) => product * size, 1);
    const gamma = next('scale') ?? b.constant(new Float32Array(count).fill(1), sizes);
    const beta = next('center');
    const statistics = x.shape.map((size, axis) => (axis < first ? size : 1));
    const [y] = b.ops(
      'LayerNormalization',
      beta === undefined ? [x, gamma] : [x, gamma, beta],
      { axis: first, epsilon: { float: config.number('epsilon', 1e-3) } },
      [{ shape: x.shape }, { shape: statistics }, { shape: statistics }] as const,
    );
    const back = order.map((_, axis) => order.indexOf(axis));
    return fromKeras(b, moved ? permute(b, y, back) : y);
  },
  /** Each group of channels as one row. */
  GroupNormalization: (layer, inputs, context) => {
    const { builder: b } = context;
    const config = new LayerConfig(layer);
    const x = single(layer, inputs);
    const { channels, height, width } = imageShape(layer, x);
    const n = x.shape[0] ?? 'N';
    const groups = config.number('groups', 32);
    const rows = reshape(b, x, [n, groups, (channels / groups) * height * width]);
    const less = binary(b, 'Sub', rows, mean(b, rows, [2]));
    const variance = mean(b, binary(b, 'Mul', less, less), [2]);
    const deviation = unary(b, 'Sqrt', binary(b, 'Add', variance, b.scalar(config.number('epsilon', 1e-3))));
    let y = reshape(b, binary(b, 'Div', less, deviation), x.shape);
    const weights = [...layer.weights];
    for (const [name, op] of [
      ['scale', 'Mul'],
      ['center', 'Add'],
    ] as const) {
      const weight = config.boolean(name, true) ? weights.shift() : undefined;
      if (weight !== undefined) y = binary(b, op, y, reshape(b, context.weight(weight), [1, channels, 1, 1]));
    }
    return y;
  },
  RootNormalization: (layer, inputs, context) => {
    const { builder: b } = context;
    const config = new LayerConfig(layer);
    const floor = b.scalar(config.number('epsilon', 0));
    const [gain] = layer.weights;
    return inPlace(b, [single(layer, inputs)], ([x], channels) => {
      if (x === undefined) throw new UnsupportedLayer(layer, 'no input');
      const axis = x.shape.length === 4 ? channels : x.shape.length - 1;
      const squares = mean(b, binary(b, 'Mul', x, x), [axis]);
      const root =
        config.string('of', 'mean') === 'mean'
          ? binary(b, 'Add', squares, floor)
          : binary(b, 'Max', binary(b, 'Mul', squares, b.scalar(Number(x.shape[axis]))), floor);
      const y = binary(b, 'Div', x, unary(b, 'Sqrt', root));
      if (gain === undefined) return y;
      const scale = context.weight(gain);
      return binary(
        b,
        'Mul',
        y,
        axis === x.shape.length - 1 ? scale : reshape(b, scale, [Number(gain.shape[0]), 1, 1]),
      );
    });
  },
  LayerScale: (layer, inputs, context) => {
    const { builder: b } = context;
    const [gamma] = layer.weights;
    if (gamma === undefined) throw new UnsupportedLayer(layer, 'no scale');
    const scale = context.weight(gamma);
    const x = single(layer, inputs);
    if (x.shape.length !== 4) return binary(b, 'Mul', x, scale);
    return inPlace(b, [x], ([image = x], channels) =>
      binary(b, 'Mul', image, channels === 3 ? scale : reshape(b, scale, [Number(gamma.shape[0]), 1, 1])),
    );
  },
  GlobalResponseNormalization: (layer, inputs, context) => {
    const { builder: b } = context;
    const x = toKeras(b, single(layer, inputs));
    const [gamma, beta] = layer.weights;
    if (gamma === undefined || beta === undefined || x.shape.length !== 4)
      throw new UnsupportedLayer(layer, 'an input that is no picture');
    const [n = 'N', , , channels = 1] = x.shape;
    const squares = b.op('ReduceSum', [binary(b, 'Mul', x, x), b.int64([1, 2])], { keepdims: 1 }, [n, 1, 1, channels]);
    const norm = unary(b, 'Sqrt', squares);
    const floor = b.scalar(new LayerConfig(layer).number('epsilon', 1e-6));
    const share = binary(b, 'Div', norm, binary(b, 'Add', mean(b, norm, [3]), floor));
    const scaled = binary(b, 'Mul', binary(b, 'Mul', x, share), context.weight(gamma));
    return fromKeras(b, binary(b, 'Add', binary(b, 'Add', scaled, context.weight(beta)), x));
  },
};
