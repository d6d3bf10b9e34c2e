import { channelTransform, luminance, preprocess, type Channels, type Preprocessing } from '../data/preprocessing.js';
import type { FloatTensor, Tensor, TensorType } from '../../common/tensor.js';
import type { GraphBuilder, Value } from './ir.js';
import { shapeOf, type Program } from './program.js';
import type { tf } from '../tf.js';

/** What somebody gives a program, by name, and how it becomes what the program's first layers take. */
export interface ProgramInput {
  readonly name: string;
  readonly type: TensorType;
  /** Without the batch. */
  readonly shape: readonly number[];
  /** All that decides what becomes of the numbers: a prefix's hash covers it. */
  readonly key: readonly unknown[];
  /** As nodes of a graph. */
  readonly nodes: (builder: GraphBuilder, value: Value) => Value;
  /** The same, computed. */
  readonly compute: (tensor: Tensor) => FloatTensor;
}

/** What a model of pictures takes: grey ones, or red, green and blue. */
export function channelsOf({ inputs }: tf.LayersModel): Channels {
  return inputs[0]?.shape[3] === 1 ? 1 : 3;
}

/** `pixels`, RGB, 8 bit, become the numbers that a base was trained on. */
export function pixelInput({
  preprocessing,
  size,
  channels = 3,
}: {
  readonly preprocessing: Preprocessing;
  readonly size: readonly [number, number];
  /** Of what is made of them. Default 3. */
  readonly channels?: Channels;
}): ProgramInput {
  return {
    name: 'pixels',
    type: 'uint8',
    shape: [...size, 3],
    key: [channelTransform(preprocessing, channels), size],
    nodes: (builder, pixels) => preprocessNodes(builder, pixels, preprocessing, channels),
    compute({ data, shape }) {
      if (!(data instanceof Uint8Array)) throw new Error('Pixels are bytes.');
      return { data: preprocess(data, preprocessing, channels), shape: [...shape.slice(0, 3), channels] };
    },
  };
}

export const tapName = (i: number) => `tap_${i}`;

/** `tap_0` … : what an earlier part of the model gave, as it is. */
export function tapInputs(program: Program): ProgramInput[] {
  return program.inputs.map((value, i) => ({
    name: tapName(i),
    type: 'float32',
    shape: shapeOf(program, value),
    key: [],
    nodes: (_, tap) => tap,
    compute({ data, shape }) {
      if (!(data instanceof Float32Array)) throw new Error('Taps are float32.');
      return { data, shape };
    },
  }));
}

function preprocessNodes(
  builder: GraphBuilder,
  pixels: Value,
  preprocessing: Preprocessing,
  channels: Channels,
): Value {
  const { order, scale, offset } = channelTransform(preprocessing, channels);
  let x = builder.op('Cast', [pixels], { to: 1 }, pixels.shape);
  if (channels === 1) x = greyNodes(builder, x);
  if (order.some((from, to) => from !== to)) x = builder.op('Gather', [x, builder.int64(order)], { axis: 3 }, x.shape);
  if (scale.some((factor) => factor !== 1))
    x = builder.op('Mul', [x, builder.constant(Float32Array.from(scale), [channels])], {}, x.shape);
  if (offset.some((term) => term !== 0))
    x = builder.op('Add', [x, builder.constant(Float32Array.from(offset), [channels])], {}, x.shape);
  return x;
}

/** [N, height, width, 3] → [N, height, width, 1]. All sums are whole numbers below 2²⁴, which float32 has exactly. */
function greyNodes(builder: GraphBuilder, x: Value): Value {
  const { weights, half, all } = luminance;
  const shape = [...x.shape.slice(0, 3), 1];
  const sum = builder.op('MatMul', [x, builder.constant(Float32Array.from(weights), [3, 1])], {}, shape);
  const rounded = builder.op('Add', [sum, builder.scalar(half)], {}, shape);
  return builder.op('Floor', [builder.op('Mul', [rounded, builder.scalar(1 / all)], {}, shape)], {}, shape);
}
