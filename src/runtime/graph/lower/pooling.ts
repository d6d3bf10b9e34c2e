import type { Lowering } from './context.js';
import { reshape, type GraphBuilder, type Value } from '../ir.js';
import { imageShape, LayerConfig, single } from './context.js';
import { padsOf } from './convolution.js';

const pooling =
  (op: 'MaxPool' | 'AveragePool'): Lowering =>
  (layer, inputs, { builder }) => {
    const config = new LayerConfig(layer);
    config.requireChannelsLast();
    const given = single(layer, inputs);
    const x = op === 'MaxPool' ? apartFromPadding(builder, given) : given;
    const { channels, height, width } = imageShape(layer, x);
    const kernel = config.pair('poolSize', [2, 2]);
    const strides = config.pair('strides', kernel);
    const { pads, output } = padsOf(
      { kernel, strides, dilations: [1, 1], padding: config.string('padding', 'valid') },
      height,
      width,
    );
    return builder.op(op, [x], { kernel_shape: kernel, strides, pads }, [x.shape[0] ?? 'N', channels, ...output]);
  };

/**
 * ONNX Runtime 1.30 takes zeros that are added before a MaxPool for that one's own padding, which is −∞. After a ReLU both are the same;
 * elsewhere an operator comes between them that its optimizer does not see through.
 */
function apartFromPadding(builder: GraphBuilder, x: Value): Value {
  const pad = builder.producer(x);
  if (pad?.op !== 'Pad') return x;
  const padded = builder.values.get(pad.inputs[0] ?? '');
  if (padded !== undefined && builder.producer(padded)?.op === 'Relu') return x;
  return builder.op('Max', [x, builder.scalar(-largest)], {}, x.shape);
}

/** The largest number of float32. */
const largest = (2 - 2 ** -23) * 2 ** 127;

const globalPooling =
  (op: 'GlobalAveragePool' | 'GlobalMaxPool'): Lowering =>
  (layer, inputs, { builder }) => {
    const config = new LayerConfig(layer);
    config.requireChannelsLast();
    const x = single(layer, inputs);
    const { channels } = imageShape(layer, x);
    const n = x.shape[0] ?? 'N';
    const last = builder.channelsLast.get(x.name);
    if (op === 'GlobalAveragePool' && last !== undefined && !config.boolean('keepDims', false))
      return builder.op('ReduceMean', [last, builder.int64([1, 2])], { keepdims: 0 }, [n, channels]);
    const pooled = builder.op(op, [x], {}, [n, channels, 1, 1]);
    return config.boolean('keepDims', false) ? pooled : reshape(builder, pooled, [n, channels]);
  };

export const poolingLayers: Record<string, Lowering> = {
  MaxPooling2D: pooling('MaxPool'),
  AveragePooling2D: pooling('AveragePool'),
  GlobalAveragePooling2D: globalPooling('GlobalAveragePool'),
  GlobalMaxPooling2D: globalPooling('GlobalMaxPool'),
};
