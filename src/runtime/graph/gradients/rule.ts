import { reshape, type GraphBuilder, type Node, type Shape, type Value } from '../ir.js';

/** What a gradient rule is given. */
export interface RuleContext {
  readonly builder: GraphBuilder;
  readonly node: Node;
  /** Inputs and outputs of the node; an absent optional input is undefined. */
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  /** dL/d(first output). */
  readonly dy: Value;
  /** Whether dL/d(input i) is wanted. */
  readonly wants: (i: number) => boolean;
}

/** dL/d(input) for each input, undefined where it is not wanted. */
export type Rule = (context: RuleContext) => readonly (Value | undefined)[];

export type Rules = Readonly<Record<string, Rule>>;

/** A stretch of nodes whose gradient is known as a whole: `output` as a function of `inputs`. */
export interface CustomGradient {
  readonly output: Value;
  readonly inputs: readonly Value[];
  /** Indices of the nodes that it stands for: [first, end). */
  readonly nodes: readonly [number, number];
  readonly rule: (dy: Value) => readonly (Value | undefined)[];
}

/** An operator without a gradient rule: the engine cannot train a graph that holds it. */
export class NoGradient extends Error {
  override readonly name = 'NoGradient';
}

/** Sums a gradient over the axes along which `shape` was broadcast. */
export function reduceTo(builder: GraphBuilder, gradient: Value, shape: Shape): Value {
  if (gradient.shape.length === shape.length && gradient.shape.every((size, i) => size === shape[i])) return gradient;
  const extra = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((size, i) => (i < extra || (shape[i - extra] === 1 && size !== 1) ? [i] : []));
  const kept = gradient.shape.map((size, i) => (axes.includes(i) ? 1 : size));
  const summed = builder.op('ReduceSum', [gradient, builder.int64(axes)], { keepdims: 1 }, kept);
  if (extra === 0) return summed;
  return reshape(builder, summed, shape);
}
