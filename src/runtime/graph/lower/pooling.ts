import type { Lowering } from './context.js';
import { reshape } from '../ir.js';
import { imageShape, LayerConfig, single } from './context.js';
import { padsOf } from './convolution.js';

const pooling =
  (op: 'MaxPool' | 'AveragePool'): Lowering =>
  (layer, inputs, { builder }) => {
    const config = new LayerConfig(layer);
    config.requireChannelsLast();
    const x = single(layer, inputs);
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
