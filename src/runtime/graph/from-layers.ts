import { present } from '../../common/errors.js';
import type { ProgramInput } from './inputs.js';
import { GraphBuilder, type Graph, type Value, type Dim } from './ir.js';
import { activationLayers } from './lower/activations.js';
import { attentionLayers } from './lower/attention.js';
import {
  fromKeras,
  toKeras,
  UnsupportedLayer,
  type LayerWeight,
  type LowerContext,
  type Lowering,
  type WeightLayout,
} from './lower/context.js';
import { convolutionLayers } from './lower/convolution.js';
import { coreLayers } from './lower/core.js';
import { mergeLayers } from './lower/merge.js';
import { normalizationLayers } from './lower/normalization.js';
import { operatorLayers } from './lower/operators.js';
import { poolingLayers } from './lower/pooling.js';
import { shapeLayers } from './lower/shapes.js';
import type { Program } from './program.js';
import { transpose } from './transpose.js';

export { UnsupportedLayer } from './lower/context.js';

const lowerings: Record<string, Lowering> = {
  ...shapeLayers,
  ...coreLayers,
  ...convolutionLayers,
  ...poolingLayers,
  ...activationLayers,
  ...mergeLayers,
  ...operatorLayers,
  ...normalizationLayers,
  ...attentionLayers,
};

/** Writes the steps of a program as ONNX nodes. `inputs` and the result are as in Keras: images [N, H, W, C]. */
export function lower(program: Program, inputs: readonly Value[], context: LowerContext): Value[] {
  const values = new Map<number, Value>(
    program.inputs.map((id, i) => [id, fromKeras(context.builder, present(inputs[i], `Input ${i}`))]),
  );
  const uses = new Map<number, number>();
  for (const id of [...program.steps.flatMap((step) => step.inputs), ...program.outputs])
    uses.set(id, (uses.get(id) ?? 0) + 1);
  for (const { layer, inputs: from, outputs } of program.steps) {
    const lowering = lowerings[layer.getClassName()];
    if (lowering === undefined || outputs.length !== 1) throw new UnsupportedLayer(layer, 'not known');
    const given = from.map((id) => present(values.get(id), `An input of ${layer.name}`));
    const [id = -1] = outputs;
    const value = lowering(layer, given, context);
    values.set(id, value);
    if (uses.get(id) !== 1 || program.outputs.includes(id)) context.builder.shared.add(value.name);
  }
  return program.outputs.map((id) => toKeras(context.builder, present(values.get(id), 'An output')));
}

/** A context for inference: every weight is a constant. */
export function inferenceContext(builder: GraphBuilder): LowerContext {
  return {
    builder,
    training: () => false,
    moving: () => undefined,
    mask: () => undefined,
    custom: () => undefined,
    convolutions: new Map(),
    trains: () => false,
    weight: (weight, layout) =>
      builder.constant(weightData(weight, layout), layout?.shape ?? weight.shape.map(Number), 'w'),
  };
}

/** A program for inference: its inputs by name, `output_0` … out. @throws UnsupportedLayer. */
export function forwardGraph(program: Program, inputs: readonly ProgramInput[]): Graph {
  const builder = new GraphBuilder();
  const given = inputs.map((input) =>
    input.nodes(builder, builder.input(input.name, ['N', ...namedSizes(input)], input.type)),
  );
  const outputs = lower(program, given, inferenceContext(builder));
  return builder.build(Object.fromEntries(outputs.map((value, i) => [outputName(i), value])));
}

/** ONNX calls a size that is not known by a name. */
function namedSizes({ name, shape }: ProgramInput): Dim[] {
  return shape.map((size, axis) => size ?? (`${name}_${axis + 1}` as const));
}

export const outputName = (i: number) => `output_${i}`;

/** A weight's values in ONNX's order. */
export function weightData(weight: LayerWeight, layout?: WeightLayout): Float32Array {
  const data = weight.read().dataSync() as Float32Array;
  return layout === undefined ? Float32Array.from(data) : transpose(data, weight.shape.map(Number), layout.permutation);
}
