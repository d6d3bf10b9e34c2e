import { present } from '../../../common/errors.js';
import { binary, reshape, unary, type GraphBuilder, type Value } from '../ir.js';
import {
  axisOf,
  inPlace,
  LayerConfig,
  single,
  UnsupportedLayer,
  type Convolution,
  type LayerWeight,
  type LowerContext,
  type Lowering,
} from './context.js';
import { PerChannel } from './per-channel.js';

/** BatchNormalization (Ioffe and Szegedy 2015) along the channels: by the moving statistics, or in training by the batch's. */
export const batchNormalization: Lowering = (layer, inputs, context) => {
  const { builder } = context;
  const config = new LayerConfig(layer);
  const x = single(layer, inputs);
  const rank = x.shape.length;
  const axis = axisOf(config.number('axis', -1), rank);
  const channels = x.shape[axis];
  if (typeof channels !== 'number')
    throw new UnsupportedLayer(layer, `normalization along axis ${axis} of rank ${rank}`);
  const weights = [...layer.weights];
  const take = () => present(weights.shift(), `A weight of ${layer.name}`);
  const constant = (value: number) => builder.constant(new Float32Array(channels).fill(value), [channels]);
  const gamma = config.boolean('scale', true) ? context.weight(take()) : constant(1);
  const beta = config.boolean('center', true) ? context.weight(take()) : constant(0);
  const [mean, variance] = [take(), take()];
  const epsilon = config.number('epsilon', 1e-3);
  if (!context.training(layer)) {
    const statistics = [context.weight(mean), context.weight(variance)] as const;
    if (axis !== 1) return alongAxis(x, axis, [gamma, beta, ...statistics], epsilon, builder);
    const conv = context.convolutions.get(x.name);
    // Where its weights are constants, ONNX Runtime folds them itself.
    return conv === undefined || builder.shared.has(x.name)
      ? builder.op('BatchNormalization', [x, gamma, beta, ...statistics], { epsilon: { float: epsilon } }, x.shape)
      : folded(conv, gamma, beta, statistics, epsilon, context);
  }
  if (axis !== 1) throw new UnsupportedLayer(layer, `training along axis ${axis} of rank ${rank}`);
  const momentum = config.number('momentum', 0.99);
  const { source, shift } = shifted(x, mean, context);
  return inPlace(builder, [source], ([image = source], along) => {
    const { y, batchMean, batchVariance } = normalizeBatch(image, shift, along, gamma, beta, epsilon, context);
    context.moving(mean, batchMean, momentum);
    context.moving(variance, batchVariance, momentum);
    return y;
  });
};

/** By fixed statistics along another axis than the channels'. */
function alongAxis(
  x: Value,
  axis: number,
  numbers: readonly [Value, Value, Value, Value],
  epsilon: number,
  b: GraphBuilder,
): Value {
  const shape = x.shape.map((size, i) => (i === axis ? size : 1));
  const [gamma, beta, mean, variance] = numbers.map((value) => reshape(b, value, shape)) as [
    Value,
    Value,
    Value,
    Value,
  ];
  const deviation = unary(b, 'Sqrt', binary(b, 'Add', variance, b.scalar(epsilon)));
  return binary(b, 'Add', binary(b, 'Mul', binary(b, 'Sub', x, mean), binary(b, 'Div', gamma, deviation)), beta);
}

/**
 * The same image less a number per channel that is near its mean, [C]. Right after a convolution that trains, its bias takes
 * the moving mean away, which costs nothing; otherwise there is none yet.
 */
function shifted(x: Value, mean: LayerWeight, context: LowerContext): { source: Value; shift: Value | undefined } {
  const { builder: b } = context;
  const conv = context.convolutions.get(x.name);
  if (conv === undefined || b.shared.has(x.name)) return { source: x, shift: undefined };
  const shift = context.weight(mean);
  const bias = conv.bias === undefined ? unary(b, 'Neg', shift) : binary(b, 'Sub', conv.bias, shift);
  return { source: conv.rescaled(undefined, bias), shift };
}

/**
 * By fixed statistics, right after a convolution that trains: the convolution's own weights and bias, scaled in the graph, do
 * the same, and neither the forward nor the backward pass goes over the places once more. The convolution written before is
 * left without a use.
 */
function folded(
  { bias, rescaled }: Convolution,
  gamma: Value,
  beta: Value,
  [mean, variance]: readonly [Value, Value],
  epsilon: number,
  { builder: b }: LowerContext,
): Value {
  const deviation = b.op('Sqrt', [binary(b, 'Add', variance, b.scalar(epsilon))], {}, variance.shape);
  const scale = binary(b, 'Div', gamma, deviation);
  const centre = bias === undefined ? mean : binary(b, 'Sub', mean, bias);
  const offset = binary(b, 'Sub', beta, binary(b, 'Mul', centre, scale));
  return rescaled(scale, offset);
}

/**
 * y = γ x̂ + β with x̂ = (x − μ) / √(σ² + ε), μ and σ² over all axes but the channels: scale · x + offset. The variance is
 * E[x²] − μ²; so that this loses no digits, x comes less a number near its mean, which changes nothing else.
 *
 * Its gradient is given as a whole, with m numbers per channel: dβ = Σ dy, dγ = Σ dy x̂ = (Σ dy x − μ dβ) / √(σ² + ε), and
 * dx = γ / √(σ² + ε) · (dy − dβ/m − x̂ dγ/m), which is scale · dy + slope · x + a number.
 *
 * @param image x + shift where there is no shift yet, else x.
 */
export function normalizeBatch(
  image: Value,
  shift: Value | undefined,
  along: number,
  gamma: Value,
  beta: Value,
  epsilon: number,
  { builder: b, custom }: Pick<LowerContext, 'builder' | 'custom'>,
) {
  const start = b.nodes.length;
  const each = new PerChannel(b, image, along);
  const count = each.count(image);
  const meanOf = (value: Value) => binary(b, 'Div', each.sum(value), count);
  const near = shift ?? meanOf(image);
  const x = shift === undefined ? binary(b, 'Sub', image, each.spread(near)) : image;
  const mean = meanOf(x);
  const square = binary(b, 'Div', each.dot(x, x), count);
  const variance = unary(b, 'Relu', binary(b, 'Sub', square, binary(b, 'Mul', mean, mean)));
  const deviation = unary(b, 'Sqrt', binary(b, 'Add', variance, b.scalar(epsilon)));
  const scale = binary(b, 'Div', gamma, deviation);
  const y = each.affine(x, scale, binary(b, 'Sub', beta, binary(b, 'Mul', mean, scale)));
  custom({
    output: y,
    inputs: [image, gamma, beta],
    nodes: [start, b.nodes.length],
    rule: (dy) => {
      const dBeta = each.sum(dy);
      const dGamma = binary(b, 'Div', binary(b, 'Sub', each.dot(dy, x), binary(b, 'Mul', mean, dBeta)), deviation);
      const share = binary(b, 'Div', scale, count);
      const slope = unary(b, 'Neg', binary(b, 'Div', binary(b, 'Mul', share, dGamma), deviation));
      const number = unary(b, 'Neg', binary(b, 'Add', binary(b, 'Mul', share, dBeta), binary(b, 'Mul', slope, mean)));
      const dx = binary(b, 'Add', binary(b, 'Mul', dy, each.spread(scale)), each.affine(x, slope, number));
      return [dx, dGamma, dBeta];
    },
  });
  return { y, batchMean: binary(b, 'Add', mean, near), batchVariance: variance };
}
