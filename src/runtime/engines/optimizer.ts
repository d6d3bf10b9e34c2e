import type { OptimizerSpec } from '../specs.js';
import type { FloatTensor } from '../tensor.js';
import type { OptimizerState } from './types.js';

/**
 * Optimizer steps on plain arrays, in place, in float32 arithmetic throughout.
 *
 * AdamW (Loshchilov and Hutter 2019): m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g²,
 * w ← w − η (m̂ / (√v̂ + ε) + λw). SGD as Keras: u ← μu − ηg, w ← w + u (Nesterov: w + μu − ηg). Only kernels (rank ≥ 2)
 * decay, decoupled from the gradient.
 */
export class Optimizer {
  #step = 0;
  readonly #slots = new Map<string, FloatTensor>();

  /** @param multipliers times the learning rate, by name of the layer. Default 1. */
  constructor(
    private readonly spec: OptimizerSpec,
    private readonly multipliers: Readonly<Record<string, number>> = {},
  ) {}

  /** Once per step, before `update`. */
  beginStep(): void {
    this.#step++;
  }

  /** @param name `<layer>/<number>`. */
  update(name: string, weight: FloatTensor, gradient: Float32Array, rate: number): void {
    const { spec } = this;
    const learningRate = rate * (this.multipliers[name.slice(0, name.lastIndexOf('/'))] ?? 1);
    const decay = weight.shape.length >= 2 ? learningRate * spec.weightDecay : 0;
    const { data } = weight;
    if (spec.kind === 'adamW') {
      const { beta1, beta2, epsilon } = spec;
      const m = this.#slot(`${name}/m`, weight.shape).data;
      const v = this.#slot(`${name}/v`, weight.shape).data;
      const mean = 1 / (1 - beta1 ** this.#step);
      const variance = 1 / (1 - beta2 ** this.#step);
      for (let i = 0; i < data.length; i++) {
        const g = gradient[i] ?? 0;
        const w = data[i] ?? 0;
        const mi = (m[i] = beta1 * (m[i] ?? 0) + (1 - beta1) * g);
        const vi = (v[i] = beta2 * (v[i] ?? 0) + (1 - beta2) * g * g);
        data[i] = w - (learningRate * mi * mean) / (Math.sqrt(vi * variance) + epsilon) - decay * w;
      }
    } else {
      const { momentum, nesterov } = spec;
      const u = this.#slot(`${name}/u`, weight.shape).data;
      for (let i = 0; i < data.length; i++) {
        const g = learningRate * (gradient[i] ?? 0);
        const w = data[i] ?? 0;
        const ui = (u[i] = momentum * (u[i] ?? 0) - g);
        data[i] = w + (nesterov ? momentum * ui - g : ui) - decay * w;
      }
    }
  }

  state(): OptimizerState {
    const slots = new Map([...this.#slots].map(([name, { data, shape }]) => [name, { data: data.slice(), shape }]));
    return { step: this.#step, slots };
  }

  restore({ step, slots }: OptimizerState): void {
    this.#step = step;
    this.#slots.clear();
    for (const [name, { data, shape }] of slots) this.#slots.set(name, { data: data.slice(), shape });
  }

  #slot(name: string, shape: readonly number[]): FloatTensor {
    let slot = this.#slots.get(name);
    if (slot === undefined) {
      slot = { data: new Float32Array(shape.reduce((product, size) => product * size, 1)), shape };
      this.#slots.set(name, slot);
    }
    return slot;
  }
}

/** Scales gradients so that their global norm is at most `limit`; returns the factor. */
export function clipFactor(gradients: Iterable<Float32Array>, limit: number | undefined): number {
  if (limit === undefined) return 1;
  let sum = 0;
  for (const gradient of gradients) for (const value of gradient) sum += value * value;
  const norm = Math.sqrt(sum);
  return norm > limit ? limit / norm : 1;
}
