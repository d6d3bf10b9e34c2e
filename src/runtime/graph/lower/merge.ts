import type { Dim, Value } from '../ir.js';
import { binary } from './activations.js';
import { axisOf, LayerConfig, UnsupportedLayer, type Lowering } from './context.js';

const folded =
  (op: 'Add' | 'Mul' | 'Max' | 'Min'): Lowering =>
  (layer, inputs, { builder }) => {
    const [first, ...rest] = inputs;
    if (first === undefined) throw new UnsupportedLayer(layer, 'no inputs');
    return rest.reduce<Value>((sum, input) => binary(builder, op, sum, input), first);
  };

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
};
