import { binary, reshape, swapped, type Dim, type GraphBuilder, type Value } from '../ir.js';
import { axisOf, fromKeras, inPlace, LayerConfig, toKeras, UnsupportedLayer, type Lowering } from './context.js';

const folded =
  (op: 'Add' | 'Mul' | 'Max' | 'Min'): Lowering =>
  (layer, inputs, { builder }) => {
    if (inputs.length === 0) throw new UnsupportedLayer(layer, 'no inputs');
    const fold = (values: readonly Value[]) => values.reduce((sum, value) => binary(builder, op, sum, value));
    const rank = Math.max(...inputs.map(({ shape }) => shape.length));
    if (inputs.every(({ shape }) => shape.length === rank)) return inPlace(builder, inputs, fold);
    return fromKeras(builder, fold(inputs.map((value) => widened(builder, toKeras(builder, value), rank))));
  };

/** As Keras merges values of unlike ranks: [N, C] becomes [N, 1, 1, C]. */
function widened(builder: GraphBuilder, value: Value, rank: number): Value {
  const [n = 'N', ...sizes] = value.shape;
  if (sizes.length + 1 === rank) return value;
  return reshape(builder, value, [n, ...new Array<number>(rank - 1 - sizes.length).fill(1), ...sizes]);
}

export const mergeLayers: Record<string, Lowering> = {
  Add: folded('Add'),
  Multiply: folded('Mul'),
  Maximum: folded('Max'),
  Minimum: folded('Min'),
  Average: (layer, inputs, context) =>
    binary(context.builder, 'Mul', folded('Add')(layer, inputs, context), context.builder.scalar(1 / inputs.length)),
  Concatenate: (layer, inputs, { builder }) => {
    const [first] = inputs;
    if (first === undefined) throw new UnsupportedLayer(layer, 'no inputs');
    const axis = axisOf(new LayerConfig(layer).number('axis', -1), first.shape.length);
    const total = inputs.reduce((sum, { shape }) => sum + Number(shape[axis]), 0);
    const shape = first.shape.map((size, i): Dim => (i === axis ? total : size));
    return builder.op('Concat', inputs, { axis }, shape);
  },
  /** Products of the matrices of two sequences, as attention has them. */
  Dot: (layer, inputs, { builder }) => {
    const config = new LayerConfig(layer);
    const [a, b] = inputs;
    const axes = [config.raw('axes')].flat().map(Number);
    const [first = NaN, second = first] = axes.map((axis) => (axis < 0 ? axis + 3 : axis));
    if (a?.shape.length !== 3 || b?.shape.length !== 3 || ![first, second].every((axis) => axis === 1 || axis === 2))
      throw new UnsupportedLayer(layer, `axes ${axes.join(', ')} of these inputs`);
    if (config.boolean('normalize', false)) throw new UnsupportedLayer(layer, 'normalize');
    const left = first === 2 ? a : swapped(builder, a);
    const right = second === 1 ? b : swapped(builder, b);
    return builder.op('MatMul', [left, right], {}, [...left.shape.slice(0, 2), right.shape[2] ?? 1]);
  },
};
