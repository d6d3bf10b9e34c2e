import { binary, permute, reshape, swapped, type GraphBuilder, type Value } from '../ir.js';
import { activated } from './activations.js';
import {
  fromKeras,
  LayerConfig,
  single,
  toKeras,
  UnsupportedLayer,
  type LayerWeight,
  type LowerContext,
  type Lowering,
} from './context.js';

const product = (sizes: readonly unknown[]) => sizes.reduce<number>((total, size) => total * Number(size), 1);

/** A weight as a matrix of `depth` rows. */
function matrix(context: LowerContext, weight: LayerWeight, depth: number): Value {
  const permutation = weight.shape.map((_, axis) => axis);
  return context.weight(weight, { permutation, shape: [depth, product(weight.shape) / depth] });
}

const flat = (context: LowerContext, weight: LayerWeight): Value =>
  context.weight(weight, { permutation: weight.shape.map((_, axis) => axis), shape: [product(weight.shape)] });

export const attentionLayers: Record<string, Lowering> = {
  EinsumDense: (layer, inputs, context) => {
    const { builder: b } = context;
    const config = new LayerConfig(layer);
    const x = toKeras(b, single(layer, inputs));
    const contracted = config.number('contracted', 1);
    const [kernel, bias] = layer.weights;
    if (kernel === undefined) throw new UnsupportedLayer(layer, 'no kernel');
    const kept = x.shape.slice(0, x.shape.length - contracted);
    const depth = product(x.shape.slice(x.shape.length - contracted));
    const weight = matrix(context, kernel, depth);
    const rows = b.op('MatMul', [reshape(b, x, [...kept, depth]), weight], {}, [...kept, Number(weight.shape[1])]);
    const y = reshape(b, rows, [...kept, ...kernel.shape.slice(contracted).map(Number)]);
    const sum = bias === undefined ? y : binary(b, 'Add', y, context.weight(bias));
    return activated(layer, b, fromKeras(b, sum));
  },
  Attention: (layer, inputs, context) => {
    const { builder: b } = context;
    const config = new LayerConfig(layer);
    const [query, value, key = value] = inputs;
    const [heads, keyDim, valueDim] = ['heads', 'keyDim', 'valueDim'].map((name) => config.number(name, 1));
    if (query?.shape.length !== 3 || value?.shape.length !== 3 || key?.shape.length !== 3 || inputs.length > 3)
      throw new UnsupportedLayer(layer, 'inputs that are no sequences');
    const withBias = config.boolean('useBias', true);
    const weights = [...layer.weights];
    const next = () => {
      const weight = weights.shift();
      if (weight === undefined) throw new UnsupportedLayer(layer, 'a weight is missing');
      return weight;
    };
    const dense = (x: Value, depth: number): Value => {
      const weight = matrix(context, next(), depth);
      const y = b.op('MatMul', [x, weight], {}, [...x.shape.slice(0, -1), Number(weight.shape[1])]);
      return withBias ? binary(b, 'Add', y, flat(context, next())) : y;
    };
    const perHead = (x: Value, dim: number) => headsOf(b, dense(x, Number(x.shape[2])), heads ?? 1, dim);
    const q = binary(b, 'Mul', perHead(query, keyDim ?? 1), b.scalar(1 / Math.sqrt(keyDim ?? 1)));
    const k = swapped(b, perHead(key, keyDim ?? 1));
    const v = perHead(value, valueDim ?? 1);
    const [n = 'N', count = 1, length = 1] = q.shape;
    const scores = b.op('MatMul', [q, k], {}, [n, count, length, k.shape[3] ?? 1]);
    const shares = b.op('Softmax', [scores], { axis: 3 }, scores.shape);
    const mixed = b.op('MatMul', [shares, v], {}, [n, count, length, valueDim ?? 1]);
    const together = permute(b, mixed, [0, 2, 1, 3]);
    const width = (heads ?? 1) * (valueDim ?? 1);
    return dense(reshape(b, together, [n, length, width]), width);
  },
};

/** [N, T, heads · dim] → [N, heads, T, dim] */
function headsOf(b: GraphBuilder, x: Value, heads: number, dim: number): Value {
  const [n = 'N', length = 1] = x.shape;
  return permute(b, reshape(b, x, [n, length, heads, dim]), [0, 2, 1, 3]);
}
