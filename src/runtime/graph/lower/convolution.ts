import type { tf } from '../../tf.js';
import type { Geometry } from '../geometry.js';
import { binary, reshape, type GraphBuilder, type Value } from '../ir.js';
import { activated } from './activations.js';
import {
  fromKeras,
  imageShape,
  LayerConfig,
  single,
  toKeras,
  UnsupportedLayer,
  type LayerWeight,
  type LowerContext,
  type Lowering,
} from './context.js';
import { convolutionByRows, isByRows } from './convolution-by-rows.js';

interface Window {
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

/** Zeros added before a convolution are its own padding: neither pass writes the padded image. */
function takePadding(
  builder: GraphBuilder,
  x: Value,
): { x: Value; pads: [number, number, number, number] } | undefined {
  const pad = builder.producer(x);
  if (pad?.op !== 'Pad' || builder.shared.has(x.name)) return undefined;
  const [input, amounts] = pad.inputs.map((name) => builder.values.get(name));
  const data = builder.initializers.get(amounts?.name ?? '')?.data;
  if (input === undefined || data === undefined) return undefined;
  const [, , top, left, , , bottom, right] = Array.from(data, Number);
  return { x: input, pads: [top ?? 0, left ?? 0, bottom ?? 0, right ?? 0] };
}

/** A convolution from a Keras kernel [h, w, in / groups, out] (or depthwise [h, w, in, multiplier]). */
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
  const { channels } = imageShape(layer, x);
  // A kernel of one dimension is one of a single row.
  const [kh = 1, kw = 1, fan = 1, last = 1] = [1, ...kernel.shape.map(Number)].slice(-4);
  const filters = config.depthwise ? fan * last : last;
  const groups = config.depthwise ? channels : channels / fan;
  const before = config.padding === 'valid' ? takePadding(context.builder, x) : undefined;
  const source = before?.x ?? x;
  const { height, width } = imageShape(layer, source);
  const around = before?.pads ?? [0, 0, 0, 0];
  const [top, left, bottom, right] = around;
  const { pads: own, output } = padsOf({ ...config, kernel: [kh, kw] }, height + top + bottom, width + left + right);
  const pads = own.map((pad, i) => pad + (around[i] ?? 0)) as unknown as Geometry['pads'];
  const geometry: Geometry = { ...config, kernel: [kh, kw], pads, output };
  const write =
    groups === 1 && context.trains(kernel) && isByRows(context.builder, channels, filters, geometry)
      ? byRows(source, kernel, geometry, context)
      : asNode(source, kernel, geometry, { groups, depthwise: config.depthwise, filters, fan }, context);
  const start = bias === undefined ? undefined : context.weight(bias);
  const y = write(start);
  if (context.trains(kernel))
    context.convolutions.set(y.name, { bias: start, rescaled: (scale, offset) => write(offset, scale) });
  return y;
}

/** Writes a convolution with this bias, its filters times `scale`, [filters]. */
type Write = (bias: Value | undefined, scale?: Value) => Value;

function asNode(
  x: Value,
  kernel: LayerWeight,
  { kernel: [kh, kw], strides, dilations, pads, output }: Geometry,
  { groups, depthwise, filters, fan }: { groups: number; depthwise: boolean; filters: number; fan: number },
  context: LowerContext,
): Write {
  const { builder: b } = context;
  const layout = depthwise
    ? { permutation: [2, 3, 0, 1], shape: [filters, 1, kh, kw] }
    : { permutation: kernel.shape.length === 3 ? [2, 1, 0] : [3, 2, 0, 1], shape: [filters, fan, kh, kw] };
  const weight = context.weight(kernel, layout);
  const attributes = { kernel_shape: [kh, kw], strides, dilations, pads, group: groups };
  return (bias, scale) => {
    const scaled = scale && binary(b, 'Mul', weight, reshape(b, scale, [filters, 1, 1, 1]));
    const inputs = [x, scaled ?? weight, ...(bias === undefined ? [] : [bias])];
    return b.op('Conv', inputs, attributes, [x.shape[0] ?? 'N', filters, ...output]);
  };
}

function byRows(x: Value, kernel: LayerWeight, geometry: Geometry, context: LowerContext): Write {
  const { builder: b } = context;
  const filters = Number(kernel.shape.at(-1));
  const depth = kernel.shape.slice(0, -1).reduce<number>((product, size) => product * Number(size), 1);
  const weight = context.weight(kernel, { permutation: kernel.shape.map((_, i) => i), shape: [depth, filters] });
  const image = toKeras(b, x);
  return (bias, scale) => {
    const scaled = scale === undefined ? weight : binary(b, 'Mul', weight, scale);
    return fromKeras(b, convolutionByRows(b, image, scaled, bias, geometry, context.custom));
  };
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

/** One convolution; where its weights train, one for each group: that of several channels each has no gradient of its own. */
const grouped: Lowering = (layer, inputs, context) => {
  const { builder: b } = context;
  const [kernel, bias] = layer.weights;
  const x = single(layer, inputs);
  const config = new LayerConfig(layer);
  const { channels, height, width } = imageShape(layer, x);
  const groups = config.number('groups', 1);
  // Groups of one channel each have a gradient together.
  if (kernel === undefined || !context.trains(kernel) || groups === channels)
    return convolution(false)(layer, inputs, context);
  const [kh = 1, kw = 1, fan = 1, filters = 1] = kernel.shape.map(Number);
  const strides = config.pair('strides', [1, 1]);
  const dilations = config.pair('dilationRate', [1, 1]);
  const padding = config.string('padding', 'valid');
  const { pads, output } = padsOf({ kernel: [kh, kw], strides, dilations, padding }, height, width);
  const weight = context.weight(kernel, { permutation: [3, 2, 0, 1], shape: [filters, fan, kh, kw] });
  const n = x.shape[0] ?? 'N';
  const part = (value: Value, axis: number, i: number, size: number) =>
    b.op(
      'Slice',
      [value, b.int64([i * size]), b.int64([(i + 1) * size]), b.int64([axis])],
      {},
      value.shape.with(axis, size),
    );
  const attributes = { kernel_shape: [kh, kw], strides, dilations, pads, group: 1 };
  const each = filters / groups;
  const outputs = Array.from({ length: groups }, (_, i) =>
    b.op('Conv', [part(x, 1, i, channels / groups), part(weight, 0, i, each)], attributes, [n, each, ...output]),
  );
  const y = b.op('Concat', outputs, { axis: 1 }, [n, filters, ...output]);
  const sum = bias === undefined ? y : binary(b, 'Add', y, reshape(b, context.weight(bias), [filters, 1, 1]));
  return activated(layer, b, sum);
};

/** A sequence [N, length, channels] is an image of one row. */
const alongSequence: Lowering = (layer, inputs, context) => {
  const config = new LayerConfig(layer);
  config.requireChannelsLast();
  const { builder } = context;
  const x = single(layer, inputs);
  const [n = 'N', length = 1, channels = 1] = x.shape;
  const row = fromKeras(builder, reshape(builder, x, [n, 1, length, channels]));
  const [kernel, bias] = layer.weights;
  const options = {
    strides: [1, config.numbers('strides')[0] ?? 1] as [number, number],
    dilations: [1, config.numbers('dilationRate')[0] ?? 1] as [number, number],
    padding: config.string('padding', 'valid'),
    depthwise: false,
  };
  const y = toKeras(builder, conv(layer, row, kernel, bias, options, context));
  return activated(layer, builder, reshape(builder, y, [n, ...y.shape.slice(2)]));
};

/** A Keras kernel [h, w, out, in]. `same` gives size × stride. */
const transposedConvolution: Lowering = (layer, inputs, context) => {
  const config = new LayerConfig(layer);
  config.requireChannelsLast();
  const x = single(layer, inputs);
  const [kernel, bias] = layer.weights;
  const { channels, height, width } = imageShape(layer, x);
  const padding = config.string('padding', 'valid');
  if (kernel === undefined || (padding !== 'same' && padding !== 'valid'))
    throw new UnsupportedLayer(layer, `${padding} padding`);
  const [kh = 1, kw = 1, filters = 1] = kernel.shape.map(Number);
  const strides = config.pair('strides', [1, 1]);
  const window: Window = { kernel: [kh, kw], strides, dilations: [1, 1], padding };
  const along = (size: number, stride: number, extent: number) =>
    size * stride + (padding === 'same' ? 0 : Math.max(extent - stride, 0));
  const output = [along(height, strides[0], kh), along(width, strides[1], kw)] as const;
  const { pads } = padsOf(window, ...output);
  const weight = context.weight(kernel, { permutation: [3, 2, 0, 1], shape: [channels, filters, kh, kw] });
  // Where the stride is larger than the kernel, the last rows and columns see nothing.
  const rest = [height, width].map(
    (size, i) =>
      (output[i] ?? 1) + (pads[i] ?? 0) + (pads[i + 2] ?? 0) - (size - 1) * (strides[i] ?? 1) - (i === 0 ? kh : kw),
  );
  const attributes = { kernel_shape: [kh, kw], strides, dilations: [1, 1], pads, group: 1, output_padding: rest };
  const operands = bias === undefined ? [x, weight] : [x, weight, context.weight(bias)];
  const shape = [x.shape[0] ?? 'N', filters, ...output];
  return activated(layer, context.builder, context.builder.op('ConvTranspose', operands, attributes, shape));
};

export const convolutionLayers: Record<string, Lowering> = {
  Conv2DTranspose: transposedConvolution,
  Conv1D: alongSequence,
  Conv2D: convolution(false),
  GroupedConv2D: grouped,
  DepthwiseConv2D: convolution(true),
  DilatedDepthwiseConv2D: convolution(true),
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
