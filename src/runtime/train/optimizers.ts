import type { OptimizerSpec } from './specs.js';

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019; Keras `AdamW`). Only kernels (rank ≥ 2) decay: biases
 * and normalization weights do not.
 *
 * @param options beta1 0.9, beta2 0.999, epsilon 1e-7 (as Keras), weightDecay 0.01.
 */
export function adamW(
  options: { beta1?: number; beta2?: number; epsilon?: number; weightDecay?: number } = {},
): OptimizerSpec {
  return { kind: 'adamW', beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0.01, ...options };
}

/** Stochastic gradient descent. Defaults: momentum 0.9, nesterov false, weightDecay 0 (decoupled, kernels only). */
export function sgd(options: { momentum?: number; nesterov?: boolean; weightDecay?: number } = {}): OptimizerSpec {
  return { kind: 'sgd', momentum: 0.9, nesterov: false, weightDecay: 0, ...options };
}
