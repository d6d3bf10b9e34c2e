import { binary } from '../ir.js';
import { reduceTo, type Rules } from './rule.js';

export const normalizationRules: Rules = {
  // By fixed statistics: y = γ (x − μ)/√(σ² + ε) + β is linear in x. The statistics get no gradient.
  BatchNormalization: ({ builder: b, node, inputs: [x, gamma, , mean, variance], dy, wants }) => {
    if (x === undefined || gamma === undefined || mean === undefined || variance === undefined) return [];
    const channels = Number(x.shape[1]);
    const axes = b.int64(x.shape.length === 4 ? [0, 2, 3] : [0]);
    const perChannel = x.shape.length === 4 ? [1, channels, 1, 1] : [1, channels];
    const spread = (value: typeof x) => b.op('Reshape', [value, b.int64(perChannel)], {}, perChannel);
    const epsilon = node.attributes['epsilon'];
    const floor = b.scalar(typeof epsilon === 'object' && 'float' in epsilon ? epsilon.float : 1e-5);
    const deviation = b.op('Sqrt', [binary(b, 'Add', spread(variance), floor)], {}, perChannel);
    const inverse = b.op('Reciprocal', [deviation], {}, perChannel);
    const sum = (value: typeof x) => b.op('ReduceSum', [value, axes], { keepdims: 0 }, [channels]);
    const normalized = () => binary(b, 'Mul', binary(b, 'Sub', x, spread(mean)), inverse);
    return [
      wants(0) ? binary(b, 'Mul', dy, binary(b, 'Mul', spread(gamma), inverse)) : undefined,
      wants(1) ? sum(binary(b, 'Mul', dy, normalized())) : undefined,
      wants(2) ? sum(dy) : undefined,
    ];
  },
  // Over the last axis, with x̂ = (x − μ)/σ and g = γ dy: dx = (g − mean g − x̂ · mean(g x̂))/σ, dγ = Σ dy x̂, dβ = Σ dy.
  LayerNormalization: ({ builder: b, node, inputs: [x, gamma, beta], outputs: [, mean, inverse], dy, wants }) => {
    if (x === undefined || gamma === undefined || mean === undefined || inverse === undefined) return [];
    const axis = Number(node.attributes['axis']);
    const axes = x.shape.flatMap((_, i) => (i >= (axis < 0 ? axis + x.shape.length : axis) ? [i] : []));
    const normalized = binary(b, 'Mul', binary(b, 'Sub', x, mean), inverse);
    const meanOf = (value: typeof x) => b.op('ReduceMean', [value, b.int64(axes)], { keepdims: 1 }, mean.shape);
    const dx = () => {
      const g = binary(b, 'Mul', dy, gamma);
      const along = binary(b, 'Mul', normalized, meanOf(binary(b, 'Mul', g, normalized)));
      return binary(b, 'Mul', binary(b, 'Sub', binary(b, 'Sub', g, meanOf(g)), along), inverse);
    };
    return [
      wants(0) ? dx() : undefined,
      wants(1) ? reduceTo(b, binary(b, 'Mul', dy, normalized), gamma.shape) : undefined,
      beta && wants(2) ? reduceTo(b, dy, beta.shape) : undefined,
    ];
  },
};
