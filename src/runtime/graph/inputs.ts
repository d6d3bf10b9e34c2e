import type { DataKind, InputSpec } from '../data/kind.js';
import type { TakingModel } from '../data/taking-model.js';
import { luminance, transformed, type ChannelTransform, type Preprocessing } from '../data/preprocessing.js';
import type { FloatTensor, Tensor, TensorType, TypedData } from '../../common/tensor.js';
import type { GraphBuilder, Value } from './ir.js';
import { sizesOf, type Program } from './program.js';

/** What somebody gives a program, by name, and how it becomes what the program's first layers take. */
export interface ProgramInput {
  readonly name: string;
  readonly type: TensorType;
  /** Without the batch; null where it differs from example to example. */
  readonly shape: readonly (number | null)[];
  /** All that decides what becomes of the numbers: a prefix's hash covers it. */
  readonly key: readonly unknown[];
  /** As nodes of a graph. */
  readonly nodes: (builder: GraphBuilder, value: Value) => Value;
  /** The same, computed. */
  readonly compute: (tensor: Tensor) => FloatTensor;
}

/** What a kind of data gives becomes the float32 numbers that a base was trained on. */
function inputOf({ name, type, shape, channels }: InputSpec): ProgramInput {
  return {
    name,
    type,
    shape,
    key: [channels, shape],
    nodes(builder, value) {
      const x = type === 'float32' ? value : builder.op('Cast', [value], { to: 1 }, value.shape);
      return channels === undefined ? x : channelNodes(builder, x, channels);
    },
    compute({ data, shape: given }) {
      const numbers = floats(data);
      if (channels === undefined) return { data: numbers, shape: given };
      return { data: transformed(numbers, channels), shape: [...given.slice(0, -1), channels.scale.length] };
    },
  };
}

/** What a model of a kind of data is given. */
export function inputsOf<Form>(
  kind: DataKind<Form>,
  form: Form,
  preprocessing: Preprocessing,
  model?: TakingModel,
): ProgramInput[] {
  return kind.inputs(form, preprocessing, model).map(inputOf);
}

export const tapName = (i: number) => `tap_${i}`;

/** `tap_0` … : what an earlier part of the model gave, as it is. */
export function tapInputs(program: Program): ProgramInput[] {
  return program.inputs.map((value, i) =>
    inputOf({ name: tapName(i), type: 'float32', shape: sizesOf(program, value) }),
  );
}

function floats(data: TypedData): Float32Array {
  return data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>, Number);
}

function channelNodes(builder: GraphBuilder, value: Value, { grey, order, scale, offset }: ChannelTransform): Value {
  let x = grey === true ? greyNodes(builder, value) : value;
  if (order.some((from, to) => from !== to))
    x = builder.op('Gather', [x, builder.int64(order)], { axis: x.shape.length - 1 }, x.shape);
  if (scale.some((factor) => factor !== 1))
    x = builder.op('Mul', [x, builder.constant(Float32Array.from(scale), [scale.length])], {}, x.shape);
  if (offset.some((term) => term !== 0))
    x = builder.op('Add', [x, builder.constant(Float32Array.from(offset), [offset.length])], {}, x.shape);
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
