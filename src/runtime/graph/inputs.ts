import { channelTransform, preprocess, type Preprocessing } from '../data/preprocessing.js';
import type { FloatTensor, Tensor, TensorType } from '../../common/tensor.js';
import type { GraphBuilder, Value } from './ir.js';
import { shapeOf, type Program } from './program.js';

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

/** `pixels`, RGB, 8 bit, become the numbers that a base was trained on. */
export function pixelInput({
  preprocessing,
  size,
}: {
  readonly preprocessing: Preprocessing;
  readonly size: readonly [number, number];
}): ProgramInput {
  return {
    name: 'pixels',
    type: 'uint8',
    shape: [...size, 3],
    key: [channelTransform(preprocessing), size],
    nodes: (builder, pixels) => preprocessNodes(builder, pixels, preprocessing),
    compute({ data, shape }) {
      if (!(data instanceof Uint8Array)) throw new Error('Pixels are bytes.');
      return { data: preprocess(data, preprocessing), shape };
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

function preprocessNodes(builder: GraphBuilder, pixels: Value, mode: Preprocessing): Value {
  const { order, scale, offset } = channelTransform(mode);
  let x = builder.op('Cast', [pixels], { to: 1 }, pixels.shape);
  if (order.some((from, to) => from !== to)) x = builder.op('Gather', [x, builder.int64(order)], { axis: 3 }, x.shape);
  if (scale.some((factor) => factor !== 1))
    x = builder.op('Mul', [x, builder.constant(Float32Array.from(scale), [3])], {}, x.shape);
  if (offset.some((term) => term !== 0))
    x = builder.op('Add', [x, builder.constant(Float32Array.from(offset), [3])], {}, x.shape);
  return x;
}
