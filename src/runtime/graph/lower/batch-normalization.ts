import { present } from '../../errors.js';
import { reshape, type Value } from '../ir.js';
import { binary } from './activations.js';
import {
  axisOf,
  inPlace,
  LayerConfig,
  single,
  UnsupportedLayer,
  type Convolution,
  type LowerContext,
  type Lowering,
} from './context.js';

/** BatchNormalization (Ioffe and Szegedy 2015) along the channels: by the moving statistics, or in training by the batch's. */
export const batchNormalization: Lowering = (layer, inputs, context) => {
  const { builder } = context;
  const config = new LayerConfig(layer);
  const x = single(layer, inputs);
  const rank = x.shape.length;
  const axis = axisOf(config.number('axis', -1), rank);
  const channels = x.shape[axis];
  if (axis !== 1 || typeof channels !== 'number') {
    throw new UnsupportedLayer(layer, `normalization along axis ${axis} of rank ${rank}`);
  }
  const weights = [...layer.weights];
  const take = () => present(weights.shift(), `A weight of ${layer.name}`);
  const constant = (value: number) => builder.constant(new Float32Array(channels).fill(value), [channels]);
  const gamma = config.boolean('scale', true) ? context.weight(take()) : constant(1);
  const beta = config.boolean('center', true) ? context.weight(take()) : constant(0);
  const [mean, variance] = [take(), take()];
  const epsilon = config.number('epsilon', 1e-3);
  if (!context.training(layer)) {
    const statistics = [context.weight(mean), context.weight(variance)] as const;
    const conv = context.convolutions.get(x.name);
    // Where its weights are constants, ONNX Runtime folds them itself.
    return conv === undefined || builder.shared.has(x.name)
      ? builder.op('BatchNormalization', [x, gamma, beta, ...statistics], { epsilon: { float: epsilon } }, x.shape)
      : folded(conv, gamma, beta, statistics, epsilon, context);
  }
  const momentum = config.number('momentum', 0.99);
  return inPlace(builder, [x], ([image = x], along) => {
    const { y, batchMean, batchVariance } = normalizeBatch(image, along, gamma, beta, epsilon, context);
    context.moving(mean, batchMean, momentum);
    context.moving(variance, batchVariance, momentum);
    return y;
  });
};

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
 * y = γ x̂ + β with x̂ = (x − μ) / √(σ² + ε), μ and σ² over all axes but the channels. Its gradient is given as a whole:
 * dβ = Σ dy, dγ = Σ dy x̂, dx = γ / √(σ² + ε) · (dy − dβ/m − x̂ dγ/m), m numbers per channel.
 */
function normalizeBatch(
  x: Value,
  along: number,
  gamma: Value,
  beta: Value,
  epsilon: number,
  { builder: b, custom }: LowerContext,
) {
  const channels = Number(x.shape[along]);
  const axes = b.int64(x.shape.flatMap((_, i) => (i === along ? [] : [i])));
  const perChannel = x.shape.map((_, i) => (i === along ? channels : 1));
  const start = b.nodes.length;
  const mean = b.op('ReduceMean', [x, axes], { keepdims: 1 }, perChannel);
  const centred = binary(b, 'Sub', x, mean);
  const variance = b.op('ReduceMean', [binary(b, 'Mul', centred, centred), axes], { keepdims: 1 }, perChannel);
  const deviation = b.op('Sqrt', [binary(b, 'Add', variance, b.scalar(epsilon))], {}, perChannel);
  const inverse = b.op('Reciprocal', [deviation], {}, perChannel);
  const normalized = binary(b, 'Mul', centred, inverse);
  const scale = reshape(b, gamma, perChannel);
  const y = binary(b, 'Add', binary(b, 'Mul', normalized, scale), reshape(b, beta, perChannel));
  custom({
    output: y,
    inputs: [x, gamma, beta],
    nodes: [start, b.nodes.length],
    rule: (dy) => {
      const product = binary(b, 'Mul', dy, normalized);
      const meanOf = (value: Value) => b.op('ReduceMean', [value, axes], { keepdims: 1 }, perChannel);
      const sumOf = (value: Value) => b.op('ReduceSum', [value, axes], { keepdims: 0 }, [channels]);
      const rest = binary(b, 'Sub', binary(b, 'Sub', dy, meanOf(dy)), binary(b, 'Mul', normalized, meanOf(product)));
      return [binary(b, 'Mul', rest, binary(b, 'Mul', scale, inverse)), sumOf(product), sumOf(dy)];
    },
  });
  return { y, batchMean: mean, batchVariance: variance };
}
