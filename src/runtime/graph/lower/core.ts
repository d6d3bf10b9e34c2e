import { GraftError } from '../../errors.js';
import type { Value } from '../ir.js';
import { activated, binary } from './activations.js';
import { axisOf, fromKeras, LayerConfig, single, toKeras, UnsupportedLayer, type Lowering } from './context.js';

/** Dropout as in Keras: kept values are scaled by 1 / (1 − rate). Identity in inference. */
const dropout: Lowering = (layer, inputs, { training }) => {
  if (training(layer)) throw new UnsupportedLayer(layer, 'random in training');
  return single(layer, inputs);
};

export const coreLayers: Record<string, Lowering> = {
  Dense: (layer, inputs, context) => {
    const { builder } = context;
    const [kernel, bias] = layer.weights;
    if (kernel === undefined) throw new UnsupportedLayer(layer, 'no kernel');
    const x = toKeras(builder, single(layer, inputs));
    const units = Number(kernel.shape[1]);
    const shape = [...x.shape.slice(0, -1), units];
    let y: Value;
    if (x.shape.length === 2 && bias !== undefined)
      y = builder.op('Gemm', [x, context.weight(kernel), context.weight(bias)], {}, shape);
    else {
      y = builder.op('MatMul', [x, context.weight(kernel)], {}, shape);
      if (bias !== undefined) y = binary(builder, 'Add', y, context.weight(bias));
    }
    return activated(layer, builder, fromKeras(builder, y));
  },
  Dropout: dropout,
  SpatialDropout1D: dropout,
  GaussianNoise: dropout,
  GaussianDropout: dropout,
  AlphaDropout: dropout,
  Rescaling: (layer, inputs, { builder }) => {
    const config = new LayerConfig(layer);
    const scaled = binary(builder, 'Mul', single(layer, inputs), builder.scalar(config.number('scale', 1)));
    return binary(builder, 'Add', scaled, builder.scalar(config.number('offset', 0)));
  },
  BatchNormalization: (layer, inputs, context) => {
    const { builder } = context;
    const config = new LayerConfig(layer);
    const x = single(layer, inputs);
    const rank = x.shape.length;
    const axis = axisOf(config.number('axis', -1), rank);
    const channels = x.shape[axis];
    if (axis !== 1 || typeof channels !== 'number')
      throw new UnsupportedLayer(layer, `normalization along axis ${axis} of rank ${rank}`);
    if (context.training(layer)) throw new UnsupportedLayer(layer, 'training mode');
    const [scale, center] = [config.boolean('scale', true), config.boolean('center', true)];
    const weights = [...layer.weights];
    const take = () => {
      const weight = weights.shift();
      if (weight === undefined)
        throw new GraftError(`${layer.name} lacks a weight.`, { action: 'Build the model before training it.' });
      return context.weight(weight);
    };
    const constant = (value: number) => builder.constant(new Float32Array(channels).fill(value), [channels]);
    const gamma = scale ? take() : constant(1);
    const beta = center ? take() : constant(0);
    const [mean, variance] = [take(), take()];
    return builder.op(
      'BatchNormalization',
      [x, gamma, beta, mean, variance],
      { epsilon: { float: config.number('epsilon', 1e-3) } },
      x.shape,
    );
  },
};
