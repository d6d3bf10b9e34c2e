import type { Value } from '../ir.js';
import { activated, binary } from './activations.js';
import { batchNormalization } from './batch-normalization.js';
import { fromKeras, LayerConfig, single, toKeras, UnsupportedLayer, type Lowering } from './context.js';

/** Dropout as in Keras: kept values are scaled by 1 / (1 − rate). Identity in inference. */
const dropout: Lowering = (layer, inputs, context) => {
  const x = single(layer, inputs);
  const mask = context.training(layer) ? context.mask(layer, x) : undefined;
  return mask === undefined ? x : binary(context.builder, 'Mul', x, mask);
};

/** Noise of other kinds: identity in inference, not known in training. */
const noise: Lowering = (layer, inputs, context) => {
  if (context.training(layer)) throw new UnsupportedLayer(layer, 'random in training');
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
  SpatialDropout1D: noise,
  GaussianNoise: noise,
  GaussianDropout: noise,
  AlphaDropout: noise,
  Rescaling: (layer, inputs, { builder }) => {
    const config = new LayerConfig(layer);
    const scaled = binary(builder, 'Mul', single(layer, inputs), builder.scalar(config.number('scale', 1)));
    return binary(builder, 'Add', scaled, builder.scalar(config.number('offset', 0)));
  },
  BatchNormalization: batchNormalization,
};
