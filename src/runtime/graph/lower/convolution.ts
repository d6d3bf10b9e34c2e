import type { tf } from '../../tf.js';
import type { Value } from '../ir.js';
import { activated } from './activations.js';
import {
  imageShape,
  LayerConfig,
  single,
  UnsupportedLayer,
  type LayerWeight,
  type LowerContext,
  type Lowering,
} from './context.js';

export interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padding: string;
}

/**
 * TensorFlow's padding as explicit numbers, [top, left, bottom, right], and the output size. `same` puts the odd pixel
 * at the end, and depends on the input size where the stride is not 1.
 */
export function padsOf(
  { kernel, strides, dilations, padding }: Window,
  height: number,
  width: number,
): { pads: number[]; output: [number, number] } {
  const along = (size: number, i: 0 | 1): { before: number; after: number; output: number } => {
    const extent = (kernel[i] - 1) * dilations[i] + 1;
    if (padding !== 'same') return { before: 0, after: 0, output: Math.floor((size - extent) / strides[i]) + 1 };
    const output = Math.ceil(size / strides[i]);
    const total = Math.max((output - 1) * strides[i] + extent - size, 0);
    return { before: Math.floor(total / 2), after: Math.ceil(total / 2), output };
  };
  const [y, x] = [along(height, 0), along(width, 1)];
  return { pads: [y.before, x.before, y.after, x.after], output: [y.output, x.output] };
}

/** One Conv node from a Keras kernel [h, w, in / groups, out] (or depthwise [h, w, in, multiplier]). */
function conv(
  layer: tf.layers.Layer,
  x: Value,
  kernel: LayerWeight | undefined,
  bias: LayerWeight | undefined,
  config: { strides: [number, number]; dilations: [number, number]; padding: string; depthwise: boolean },
  context: LowerContext,
): Value {
  if (kernel === undefined) throw new UnsupportedLayer(layer, 'no kernel');
  if (config.padding !== 'same' && config.padding !== 'valid')
    throw new UnsupportedLayer(layer, `${config.padding} padding`);
  const { channels, height, width } = imageShape(layer, x);
  const [kh = 1, kw = 1, fan = 1, last = 1] = kernel.shape.map(Number);
  const filters = config.depthwise ? fan * last : last;
  const groups = config.depthwise ? channels : channels / fan;
  const weight = context.weight(
    kernel,
    config.depthwise
      ? { permutation: [2, 3, 0, 1], shape: [filters, 1, kh, kw] }
      : { permutation: [3, 2, 0, 1], shape: [filters, fan, kh, kw] },
  );
  const { pads, output } = padsOf({ ...config, kernel: [kh, kw] }, height, width);
  const attributes = {
    kernel_shape: [kh, kw],
    strides: config.strides,
    dilations: config.dilations,
    pads,
    group: groups,
  };
  const inputs = bias === undefined ? [x, weight] : [x, weight, context.weight(bias)];
  return context.builder.op('Conv', inputs, attributes, [x.shape[0] ?? 'N', filters, ...output]);
}

const convolution =
  (depthwise: boolean): Lowering =>
  (layer, inputs, context) => {
    const config = new LayerConfig(layer);
    config.requireChannelsLast();
    const [kernel, bias] = layer.weights;
    const options = {
      strides: config.pair('strides', [1, 1]),
      dilations: config.pair('dilationRate', [1, 1]),
      padding: config.string('padding', 'valid'),
      depthwise,
    };
    return activated(layer, context.builder, conv(layer, single(layer, inputs), kernel, bias, options, context));
  };

export const convolutionLayers: Record<string, Lowering> = {
  Conv2D: convolution(false),
  DepthwiseConv2D: convolution(true),
  SeparableConv2D: (layer, inputs, context) => {
    const config = new LayerConfig(layer);
    config.requireChannelsLast();
    const [depthwiseKernel, pointwiseKernel, bias] = layer.weights;
    const dilations = config.pair('dilationRate', [1, 1]);
    const depthwise = {
      strides: config.pair('strides', [1, 1]),
      dilations,
      padding: config.string('padding', 'valid'),
      depthwise: true,
    };
    const pointwise = {
      strides: [1, 1] as [number, number],
      dilations: [1, 1] as [number, number],
      padding: 'valid',
      depthwise: false,
    };
    const middle = conv(layer, single(layer, inputs), depthwiseKernel, undefined, depthwise, context);
    return activated(layer, context.builder, conv(layer, middle, pointwiseKernel, bias, pointwise, context));
  },
};
