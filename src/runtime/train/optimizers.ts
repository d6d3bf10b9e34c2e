import { checkOptions, notNegative, number, type OptionTable, positive, yesOrNo } from '../../common/check-options.js';
import type { OptimizerSpec } from '../engines/specs.js';

type Of<Kind> = Omit<Extract<OptimizerSpec, { kind: Kind }>, 'kind'>;
const decayRate = number('from 0 to below 1', (value) => value >= 0 && value < 1);
const optimizers: { readonly adamW: OptionTable<Of<'adamW'>>; readonly sgd: OptionTable<Of<'sgd'>> } = {
  adamW: { beta1: decayRate, beta2: decayRate, epsilon: positive, weightDecay: notNegative },
  sgd: { momentum: decayRate, nesterov: yesOrNo, weightDecay: notNegative },
};

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019; Keras `AdamW`). Only kernels (rank ≥ 2) decay: biases
 * and normalization weights do not.
 *
 * @param options beta1 0.9, beta2 0.999, epsilon 1e-7 (as Keras), weightDecay 0.01.
 */
export function adamW(
  options: { beta1?: number; beta2?: number; epsilon?: number; weightDecay?: number } = {},
): OptimizerSpec {
  checkOptions('adamW', options, optimizers.adamW);
  return { kind: 'adamW', beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0.01, ...options };
}

/** Stochastic gradient descent. Defaults: momentum 0.9, nesterov false, weightDecay 0 (decoupled, kernels only). */
export function sgd(options: { momentum?: number; nesterov?: boolean; weightDecay?: number } = {}): OptimizerSpec {
  checkOptions('sgd', options, optimizers.sgd);
  return { kind: 'sgd', momentum: 0.9, nesterov: false, weightDecay: 0, ...options };
}
