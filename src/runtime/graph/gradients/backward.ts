import type { GraphBuilder, Node, Value } from '../ir.js';
import { NoGradient, type CustomGradient } from './rule.js';
import { rules } from './rules.js';

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
