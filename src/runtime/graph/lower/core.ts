import { binary, type Shape, type Value } from '../ir.js';
import { activated } from './activations.js';
import { batchNormalization } from './batch-normalization.js';
import { fromKeras, LayerConfig, single, toKeras, UnsupportedLayer, type Lowering } from './context.js';

/**
 * Dropout as in Keras: kept values are scaled by 1 / (1 − rate). Identity in inference.
 *
 * @param together sizes without the batch, 1 along axes whose values are dropped together.
 */
const dropout =
  (together: (shape: Shape) => Shape): Lowering =>
  (layer, inputs, context) => {
    const x = single(layer, inputs);
    const mask = context.training(layer) ? context.mask(layer, together(x.shape.slice(1))) : undefined;
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
  Dropout: dropout((shape) => shape),
  // Images have their channels first here.
  SpatialDropout2D: dropout(([channels = 1, ...places]) => [channels, ...places.map(() => 1)]),
  StochasticDepth: dropout((shape) => shape.map(() => 1)),
  SpatialDropout1D: noise,
  GaussianNoise: noise,
  GaussianDropout: noise,
  AlphaDropout: noise,
  Rescaling: (layer, inputs, { builder }) => {
    const config = new LayerConfig(layer);
    const x = single(layer, inputs);
    const channels = x.shape.length === 4 ? x.shape[1] : x.shape.at(-1);
    const constant = (name: string, otherwise: number) => {
      const numbers = config.oneOrMany(name, otherwise);
      if (numbers.length === 1) return builder.scalar(numbers[0] ?? otherwise);
      if (numbers.length !== channels)
        throw new UnsupportedLayer(layer, `${numbers.length} numbers in ${name} for ${String(channels)} channels`);
      return builder.constant(
        Float32Array.from(numbers),
        x.shape.length === 4 ? [numbers.length, 1, 1] : [numbers.length],
      );
    };
    return binary(builder, 'Add', binary(builder, 'Mul', x, constant('scale', 1)), constant('offset', 0));
  },
  BatchNormalization: batchNormalization,
  AxisNormalization: batchNormalization,
  /** Whole numbers [N, length] → rows of the table, [N, length, width]. */
  Embedding: (layer, inputs, context) => {
    const x = single(layer, inputs);
    const [table] = layer.weights;
    if (new LayerConfig(layer).boolean('maskZero', false)) throw new UnsupportedLayer(layer, 'maskZero');
    if (table === undefined || x.shape.length > 2) throw new UnsupportedLayer(layer, 'an input of this rank');
    const indices = context.builder.op('Cast', [x], { to: 7 }, x.shape, 'int64');
    return context.builder.op('Gather', [context.weight(table), indices], { axis: 0 }, [
      ...x.shape,
      Number(table.shape[1]),
    ]);
  },
  GlobalAveragePooling1D: (layer, inputs, { builder }) => {
    const x = single(layer, inputs);
    const [n = 'N', , width = 1] = x.shape;
    return builder.op('ReduceMean', [x, builder.int64([1])], { keepdims: 0 }, [n, width]);
  },
  GlobalMaxPooling1D: (layer, inputs, { builder }) => {
    const x = single(layer, inputs);
    const [n = 'N', , width = 1] = x.shape;
    return builder.op('ReduceMax', [x, builder.int64([1])], { keepdims: 0 }, [n, width]);
  },
};
