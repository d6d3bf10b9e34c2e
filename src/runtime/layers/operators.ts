/** Operators as layers: what stands in a model's graph without being a layer of Keras. */
import { tf } from '../tf.js';
import {
  broadcastShapes,
  defineLayer,
  isFlag,
  isNumbers,
  isWhole,
  isWholeList,
  type Check,
  type Shape,
} from './define.js';

export type Numbers = number | readonly Numbers[];

/** `add`, …: of two operands; where one is a constant, `first` or `second` holds it. */
interface OperatorSettings {
  readonly operator: BinaryOperator;
  readonly first?: Numbers;
  readonly second?: Numbers;
}

const binaryOperators = {
  add: tf.add,
  subtract: tf.sub,
  multiply: tf.mul,
  divide: tf.div,
  maximum: tf.maximum,
  minimum: tf.minimum,
} as const;
export type BinaryOperator = keyof typeof binaryOperators;
const isBinaryOperator = (name: string): name is BinaryOperator => Object.hasOwn(binaryOperators, name);

export function shapeOfNumbers(numbers: Numbers): number[] {
  const shape: number[] = [];
  for (let at: Numbers | undefined = numbers; Array.isArray(at); at = (at as readonly Numbers[])[0])
    shape.push(at.length);
  return shape;
}

/** The numbers one after the other. */
export function flatNumbers(numbers: Numbers): number[] {
  return typeof numbers === 'number' ? [numbers] : numbers.flatMap(flatNumbers);
}

const constant = (numbers: Numbers) => tf.tensor(flatNumbers(numbers), shapeOfNumbers(numbers), 'float32');

export const Operator = defineLayer<OperatorSettings>({
  className: 'Operator',
  settings: {
    operator: (value) => typeof value === 'string' && isBinaryOperator(value),
    first: isNumbers,
    second: isNumbers,
  },
  outputShape: ({ first, second }, inputs) => {
    const shapes = [...inputs];
    const next = (numbers: Numbers | undefined): Shape =>
      numbers === undefined ? (shapes.shift() ?? []) : shapeOfNumbers(numbers);
    return broadcastShapes(next(first), next(second));
  },
  call: ({ inputs, settings: { operator, first, second } }) => {
    const tensors = [...inputs];
    const next = (numbers: Numbers | undefined) =>
      numbers === undefined ? (tensors.shift() ?? constant(0)) : constant(numbers);
    return binaryOperators[operator](next(first), next(second));
  },
});

/** Along each axis from the batch on: an index, or [start, stop, step] with null where nothing is said. */
export type SliceSpec = number | readonly [number | null, number | null, number | null];

interface GetItemSettings {
  readonly spec: readonly SliceSpec[];
}

const isSpec: Check = (value) =>
  isWhole(value) ||
  (Array.isArray(value) && value.length === 3 && value.every((part) => part === null || isWhole(part)));

/** The places that a spec takes along an axis of this size; undefined: all. */
export function placesOf(spec: SliceSpec, size: number): number[] | undefined {
  if (typeof spec === 'number') return [spec < 0 ? spec + size : spec];
  const [start, stop, step] = spec;
  const by = step ?? 1;
  if (start === null && stop === null && by === 1) return undefined;
  const from = (value: number, low: number, high: number) =>
    Math.min(Math.max(value < 0 ? value + size : value, low), high);
  const places: number[] = [];
  if (by > 0) {
    const end = stop === null ? size : from(stop, 0, size);
    for (let i = start === null ? 0 : from(start, 0, size); i < end; i += by) places.push(i);
  } else {
    const end = stop === null ? -1 : from(stop, -1, size - 1);
    for (let i = start === null ? size - 1 : from(start, -1, size - 1); i > end; i += by) places.push(i);
  }
  return places;
}

/** x[…]: Python's slices. */
export const GetItem = defineLayer<GetItemSettings>({
  className: 'GetItem',
  settings: { spec: (value) => Array.isArray(value) && value.every(isSpec) },
  outputShape: ({ spec }, [input = []]) =>
    input.flatMap((size, axis) => {
      const part = spec[axis];
      if (typeof part === 'number') return [];
      return [part === undefined || size === null ? size : (placesOf(part, size)?.length ?? size)];
    }),
  call: ({ inputs: [x], settings: { spec } }) => {
    if (x === undefined) throw new Error('GetItem takes one input.');
    let y = x;
    const dropped: number[] = [];
    spec.forEach((part, axis) => {
      if (typeof part === 'number') dropped.push(axis);
      const places = axis === 0 ? undefined : placesOf(part, x.shape[axis] ?? 0);
      if (places !== undefined) y = tf.gather(y, tf.tensor1d(places, 'int32'), axis);
    });
    return dropped.length === 0 ? y : tf.squeeze(y, dropped);
  },
});

const reductions = { mean: tf.mean, sum: tf.sum, max: tf.max, min: tf.min } as const;
export type Reduction = keyof typeof reductions;
const isReduction = (name: string): name is Reduction => Object.hasOwn(reductions, name);

interface ReduceSettings {
  readonly operator: Reduction;
  /** From the batch on, which is 0 and never among them; not negative. */
  readonly axes: readonly number[];
  readonly keepdims?: boolean;
}

export const Reduce = defineLayer<ReduceSettings>({
  className: 'Reduce',
  settings: {
    operator: (value) => typeof value === 'string' && isReduction(value),
    axes: isWholeList,
    keepdims: isFlag,
  },
  outputShape: ({ axes, keepdims = false }, [input = []]) =>
    input.flatMap((size, axis) => (axes.includes(axis) ? (keepdims ? [1] : []) : [size])),
  call: ({ inputs: [x], settings: { operator, axes, keepdims = false } }) => {
    if (x === undefined) throw new Error('Reduce takes one input.');
    return reductions[operator](x, [...axes], keepdims);
  },
});

/** Inputs of one shape beside each other along a new axis. */
export const Stack = defineLayer<{ readonly axis: number }>({
  className: 'Stack',
  settings: { axis: isWhole },
  outputShape: ({ axis }, inputs) => {
    const [first = []] = inputs;
    return first.toSpliced(axis, 0, inputs.length);
  },
  call: ({ inputs, settings: { axis } }) => tf.stack([...inputs], axis),
});

/** Products of the matrices in the last two axes. */
export const MatMul = defineLayer<{ readonly transposeA?: boolean; readonly transposeB?: boolean }>({
  className: 'MatMul',
  settings: { transposeA: isFlag, transposeB: isFlag },
  outputShape: ({ transposeA = false, transposeB = false }, [a = [], b = []]) => [
    ...a.slice(0, -2),
    a.at(transposeA ? -1 : -2) ?? null,
    b.at(transposeB ? -2 : -1) ?? null,
  ],
  call: ({ inputs: [a, b], settings: { transposeA = false, transposeB = false } }) => {
    if (a === undefined || b === undefined) throw new Error('MatMul takes two inputs.');
    return tf.matMul(a, b, transposeA, transposeB);
  },
});

/** Numbers added around, per axis from the batch on: [[before, after], …]. */
export const PadWith = defineLayer<{ readonly paddings: readonly (readonly number[])[]; readonly value?: number }>({
  className: 'PadWith',
  settings: { paddings: isNumbers, value: isNumbers },
  outputShape: ({ paddings }, [input = []]) =>
    input.map((size, axis) => (size === null ? null : size + (paddings[axis]?.[0] ?? 0) + (paddings[axis]?.[1] ?? 0))),
  call: ({ inputs: [x], settings: { paddings, value = 0 } }) => {
    if (x === undefined) throw new Error('PadWith takes one input.');
    return tf.pad(
      x,
      x.shape.map((_, axis) => [paddings[axis]?.[0] ?? 0, paddings[axis]?.[1] ?? 0]),
      value,
    );
  },
});
