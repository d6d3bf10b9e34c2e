import type { tf } from '../../tf.js';
import { binary, unary, type GraphBuilder, type Value } from '../ir.js';
import { axisOf, inPlace, LayerConfig, single, UnsupportedLayer, type Lowering } from './context.js';

type Activation = (b: GraphBuilder, x: Value) => Value;

const softmax =
  (axis: number): Activation =>
  (b, x) =>
    b.op('Softmax', [x], { axis: axisOf(axis, x.shape.length) }, x.shape);

/** The activation functions of tf.layers that treat all numbers alike, by name. */
const elementwise: Record<string, Activation> = {
  linear: (_, x) => x,
  relu: (b, x) => unary(b, 'Relu', x),
  relu6: (b, x) => clip(b, x, 0, 6),
  sigmoid: (b, x) => unary(b, 'Sigmoid', x),
  tanh: (b, x) => unary(b, 'Tanh', x),
  elu: (b, x) => unary(b, 'Elu', x),
  selu: (b, x) => unary(b, 'Selu', x),
  softplus: (b, x) => unary(b, 'Softplus', x),
  softsign: (b, x) => unary(b, 'Softsign', x),
  hardsigmoid: (b, x) => unary(b, 'HardSigmoid', x, { alpha: { float: 0.2 }, beta: { float: 0.5 } }),
  swish: (b, x) => binary(b, 'Mul', x, unary(b, 'Sigmoid', x)),
  mish: (b, x) => binary(b, 'Mul', x, unary(b, 'Tanh', unary(b, 'Softplus', x))),
  gelu: (b, x) => {
    // 0.5 x (1 + erf(x / √2))
    const inner = binary(b, 'Add', unary(b, 'Erf', binary(b, 'Mul', x, b.scalar(Math.SQRT1_2))), b.scalar(1));
    return binary(b, 'Mul', binary(b, 'Mul', x, b.scalar(0.5)), inner);
  },
};

export function activate(layer: tf.layers.Layer, builder: GraphBuilder, x: Value, name: string): Value {
  const plain = name.replaceAll('_', '').toLowerCase();
  if (plain === 'softmax') return softmax(-1)(builder, x);
  const activation = elementwise[plain];
  if (activation === undefined) throw new UnsupportedLayer(layer, `the activation ${name}`);
  return applied(builder, x, activation);
}

function applied(builder: GraphBuilder, x: Value, activation: Activation): Value {
  return inPlace(builder, [x], ([image = x]) => activation(builder, image));
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
  Softmax: (layer, inputs, { builder }) =>
    softmax(new LayerConfig(layer).number('axis', -1))(builder, single(layer, inputs)),
};
