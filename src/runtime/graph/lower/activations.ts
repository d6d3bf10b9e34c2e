import { parseFunction } from '../../layers/functions.js';
import type { tf } from '../../tf.js';
import { binary, unary, type GraphBuilder, type Value } from '../ir.js';
import { axisOf, inPlace, LayerConfig, single, UnsupportedLayer, type Lowering } from './context.js';

type Activation = (b: GraphBuilder, x: Value, args: readonly number[]) => Value;

const softmax =
  (axis: number): Activation =>
  (b, x) =>
    b.op('Softmax', [x], { axis: axisOf(axis, x.shape.length) }, x.shape);

const given = (value: number | undefined): value is number => value !== undefined && !Number.isNaN(value);

/** 1 where x is above the threshold, else 0. */
function above(b: GraphBuilder, x: Value, threshold: number): Value {
  return b.op('Cast', [b.op('Greater', [x, b.scalar(threshold)], {}, x.shape, 'bool')], { to: 1 }, x.shape);
}

const times = (b: GraphBuilder, x: Value, factor: number) => binary(b, 'Mul', x, b.scalar(factor));
const plus = (b: GraphBuilder, x: Value, term: number) => binary(b, 'Add', x, b.scalar(term));
const hardSigmoid = (b: GraphBuilder, x: Value, width: number) =>
  unary(b, 'HardSigmoid', x, { alpha: { float: 1 / width }, beta: { float: 0.5 } });

/** The functions of layers that treat all numbers alike, by name: those of tf.layers, and those of `layers/functions.ts`, with their numbers. */
const elementwise: Record<string, Activation> = {
  linear: (_, x) => x,
  relu: (b, x, [slope = 0, maximum, threshold = 0]) => {
    const kept = threshold === 0 ? unary(b, 'Relu', x) : binary(b, 'Mul', x, above(b, x, threshold));
    const capped = given(maximum) ? binary(b, 'Min', kept, b.scalar(maximum)) : kept;
    if (slope === 0) return capped;
    const below = binary(b, 'Min', plus(b, x, -threshold), b.scalar(0));
    return binary(b, 'Add', capped, times(b, below, slope));
  },
  relu6: (b, x) => clip(b, x, 0, 6),
  leakyrelu: (b, x, [slope = 0.2]) => unary(b, 'LeakyRelu', x, { alpha: { float: slope } }),
  sigmoid: (b, x) => unary(b, 'Sigmoid', x),
  tanh: (b, x) => unary(b, 'Tanh', x),
  elu: (b, x, [alpha = 1]) => unary(b, 'Elu', x, { alpha: { float: alpha } }),
  celu: (b, x, [alpha = 1]) => times(b, unary(b, 'Elu', times(b, x, 1 / alpha)), alpha),
  selu: (b, x) => unary(b, 'Selu', x),
  softplus: (b, x) => unary(b, 'Softplus', x),
  softsign: (b, x) => unary(b, 'Softsign', x),
  hardsigmoid: (b, x, [width = 5]) => hardSigmoid(b, x, width),
  hardsilu: (b, x) => binary(b, 'Mul', x, hardSigmoid(b, x, 6)),
  swish: (b, x) => binary(b, 'Mul', x, unary(b, 'Sigmoid', x)),
  mish: (b, x) => binary(b, 'Mul', x, unary(b, 'Tanh', unary(b, 'Softplus', x))),
  gelu: (b, x) => {
    // 0.5 x (1 + erf(x / √2))
    const inner = plus(b, unary(b, 'Erf', times(b, x, Math.SQRT1_2)), 1);
    return binary(b, 'Mul', times(b, x, 0.5), inner);
  },
  gelutanh: (b, x) => {
    const cube = binary(b, 'Mul', binary(b, 'Mul', x, x), x);
    const inner = times(b, binary(b, 'Add', x, times(b, cube, 0.044715)), Math.sqrt(2 / Math.PI));
    return binary(b, 'Mul', times(b, x, 0.5), plus(b, unary(b, 'Tanh', inner), 1));
  },
  clip: (b, x, [low, high]) => {
    const raised = given(low) ? binary(b, 'Max', x, b.scalar(low)) : x;
    return given(high) ? binary(b, 'Min', raised, b.scalar(high)) : raised;
  },
  exponential: (b, x) => unary(b, 'Exp', x),
  log: (b, x) => unary(b, 'Log', x),
  abs: (b, x) => unary(b, 'Abs', x),
  square: (b, x) => binary(b, 'Mul', x, x),
  sqrt: (b, x) => unary(b, 'Sqrt', x),
  rsqrt: (b, x) => unary(b, 'Reciprocal', unary(b, 'Sqrt', x)),
  negative: (b, x) => unary(b, 'Neg', x),
  power: (b, x, [exponent = 1]) =>
    exponent === 2 ? binary(b, 'Mul', x, x) : b.op('Pow', [x, b.scalar(exponent)], {}, x.shape),
  logsigmoid: (b, x) => unary(b, 'Neg', unary(b, 'Softplus', unary(b, 'Neg', x))),
  tanhshrink: (b, x) => binary(b, 'Sub', x, unary(b, 'Tanh', x)),
  softshrink: (b, x, [width = 0.5]) => binary(b, 'Sub', x, clip(b, x, -width, width)),
  hardshrink: (b, x, [width = 0.5]) => binary(b, 'Mul', x, above(b, unary(b, 'Abs', x), width)),
  squareplus: (b, x, [more = 4]) =>
    times(b, binary(b, 'Add', x, unary(b, 'Sqrt', plus(b, binary(b, 'Mul', x, x), more))), 0.5),
  sparseplus: (b, x) => {
    const inside = plus(b, clip(b, x, -1, 1), 1);
    const curve = times(b, binary(b, 'Mul', inside, inside), 0.25);
    return binary(b, 'Add', curve, unary(b, 'Relu', plus(b, x, -1)));
  },
};

/** Functions along an axis of Keras. */
const along: Record<string, (axis: number) => Activation> = {
  softmax,
  softmaxalong: softmax,
  logsoftmaxalong: (axis) => (b, x) => b.op('LogSoftmax', [x], { axis: axisOf(axis, x.shape.length) }, x.shape),
};

function activate(layer: tf.layers.Layer, builder: GraphBuilder, x: Value, text: string): Value {
  const { name, args } = parseFunction(text);
  const plain = name.replaceAll('_', '').toLowerCase();
  const function_ = along[plain];
  if (function_ !== undefined) return function_(args[0] ?? -1)(builder, x, args);
  const activation = elementwise[plain];
  if (activation === undefined) throw new UnsupportedLayer(layer, `the activation ${text}`);
  return applied(builder, x, (b, value) => activation(b, value, args));
}

function applied(builder: GraphBuilder, x: Value, f: (b: GraphBuilder, x: Value) => Value): Value {
  return inPlace(builder, [x], ([image = x]) => f(builder, image));
}

/** The `activation` of a layer's configuration, applied. */
export function activated(layer: tf.layers.Layer, builder: GraphBuilder, x: Value): Value {
  return activate(layer, builder, x, new LayerConfig(layer).string('activation', 'linear'));
}

function clip(builder: GraphBuilder, x: Value, low: number, high: number): Value {
  return builder.op('Clip', [x, builder.scalar(low), builder.scalar(high)], {}, x.shape);
}

export const activationLayers: Record<string, Lowering> = {
  Activation: (layer, inputs, { builder }) => activated(layer, builder, single(layer, inputs)),
  ReLU: (layer, inputs, { builder }) => {
    const maximum = new LayerConfig(layer).optionalNumber('maxValue');
    return applied(builder, single(layer, inputs), (b, x) =>
      maximum === undefined ? unary(b, 'Relu', x) : clip(b, x, 0, maximum),
    );
  },
  LeakyReLU: (layer, inputs, { builder }) =>
    applied(builder, single(layer, inputs), (b, x) =>
      unary(b, 'LeakyRelu', x, { alpha: { float: new LayerConfig(layer).number('alpha', 0.3) } }),
    ),
  ELU: (layer, inputs, { builder }) =>
    applied(builder, single(layer, inputs), (b, x) =>
      unary(b, 'Elu', x, { alpha: { float: new LayerConfig(layer).number('alpha', 1) } }),
    ),
  /** A slope for each number, or for each channel: max(0, x) + α min(0, x). */
  PReLU: (layer, inputs, context) => {
    const { builder: b } = context;
    const x = single(layer, inputs);
    const [alpha] = layer.weights;
    if (alpha === undefined) throw new UnsupportedLayer(layer, 'no slopes');
    const shape = alpha.shape.map(Number);
    const isImage = x.shape.length === 4;
    const slopes = isImage
      ? context.weight(alpha, { permutation: [2, 0, 1], shape: [2, 0, 1].map((axis) => shape[axis] ?? 1) })
      : context.weight(alpha);
    return binary(b, 'Add', unary(b, 'Relu', x), binary(b, 'Mul', binary(b, 'Min', x, b.scalar(0)), slopes));
  },
  ThresholdedReLU: (layer, inputs, { builder }) =>
    applied(builder, single(layer, inputs), (b, x) =>
      binary(b, 'Mul', x, above(b, x, new LayerConfig(layer).number('theta', 1))),
    ),
  Softmax: (layer, inputs, { builder }) =>
    softmax(new LayerConfig(layer).number('axis', -1))(builder, single(layer, inputs), []),
};
