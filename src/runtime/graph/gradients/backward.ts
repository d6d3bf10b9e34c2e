import { broadcast, reshape, type GraphBuilder, type Node, type Shape, type Value } from '../ir.js';
import { convolutionRules } from './convolution.js';
import { elementwiseRules } from './elementwise.js';
import { normalizationRules } from './normalization.js';
import { poolingRules } from './pooling.js';
import { shapeRules } from './shapes.js';

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

/** An operator without a gradient rule: the engine cannot train a graph that holds it. */
export class NoGradient extends Error {
  override readonly name = 'NoGradient';
}

const rules: Rules = {
  ...elementwiseRules,
  ...convolutionRules,
  ...poolingRules,
  ...normalizationRules,
  ...shapeRules,
};

/** A stretch of nodes whose gradient is known as a whole: `output` as a function of `inputs`. */
export interface CustomGradient {
  readonly output: Value;
  readonly inputs: readonly Value[];
  /** Indices of the nodes that it stands for: [first, end). */
  readonly nodes: readonly [number, number];
  readonly rule: (dy: Value) => readonly (Value | undefined)[];
}

/**
 * Reverse-mode differentiation: appends the nodes that compute dL/d(each of `parameters`), from dL/d(output).
 *
 * @throws NoGradient for an operator between a parameter and the output that has no rule.
 */
export function backward(
  builder: GraphBuilder,
  output: Value,
  outputGradient: Value,
  parameters: readonly Value[],
  custom: readonly CustomGradient[] = [],
): Map<string, Value> {
  const forward = [...builder.nodes];
  const depends = dependents(forward, parameters);
  const gradients = new Map<string, Value>([[output.name, outputGradient]]);
  const give = (value: Value | undefined, gradient: Value | undefined): void => {
    if (value === undefined || gradient === undefined) return;
    const sum = gradients.get(value.name);
    gradients.set(value.name, sum === undefined ? gradient : builder.op('Add', [sum, gradient], {}, value.shape));
  };
  for (let i = forward.length - 1; i >= 0; i--) {
    const whole = custom.find(({ nodes: [, end] }) => end === i + 1);
    if (whole !== undefined) {
      const dy = gradients.get(whole.output.name);
      if (dy !== undefined)
        whole.rule(dy).forEach((gradient, k) => {
          give(whole.inputs[k], gradient);
        });
      i = whole.nodes[0];
      continue;
    }
    const node = forward[i];
    const dy = gradients.get(node?.outputs[0] ?? '');
    if (node === undefined || dy === undefined || !node.inputs.some((name) => depends.has(name))) continue;
    const rule = rules[node.op];
    if (rule === undefined) throw new NoGradient(`the operator ${node.op} has no gradient`);
    const inputs = node.inputs.map((name) => builder.values.get(name));
    const outputs = node.outputs.flatMap((name) => builder.values.get(name) ?? []);
    const wants = (k: number) => depends.has(node.inputs[k] ?? '');
    rule({ builder, node, inputs, outputs, dy, wants }).forEach((gradient, k) => {
      if (wants(k)) give(inputs[k], gradient);
    });
  }
  return gradients;
}

/** Names of all values that a parameter feeds into, the parameters themselves included. */
function dependents(nodes: readonly Node[], parameters: readonly Value[]): Set<string> {
  const names = new Set(parameters.map(({ name }) => name));
  for (const { inputs, outputs } of nodes)
    if (inputs.some((name) => names.has(name))) for (const name of outputs) names.add(name);
  return names;
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

/** a ∘ b with broadcasting. */
export function combine(builder: GraphBuilder, op: 'Add' | 'Sub' | 'Mul' | 'Div', a: Value, b: Value): Value {
  return builder.op(op, [a, b], {}, broadcast(a.shape, b.shape));
}
