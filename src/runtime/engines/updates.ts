/**
 * The parts that an optimizer's step is made of: a rule makes of the gradient what is taken from the weights, and `descend` takes it.
 * Each goes over a stretch of one weight, in float64, and leaves what it has to remember in its slots, in float32. They are pure: what
 * they read and write is in the stretch. Two passes, since each costs as much as its arithmetic.
 */
interface Stretch {
  readonly gradient: Float32Array;
  /** What the gradient is multiplied by: less than 1 where it is clipped. */
  readonly factor: number;
  /** What is taken from the weights. */
  readonly step: Float64Array;
  readonly weights: Float32Array;
  /** What the parts remember of each number, by name. */
  readonly slots: Readonly<Record<string, Float32Array>>;
  readonly rate: number;
  /** Number of the step, from 1. */
  readonly count: number;
  /** The weight's number of axes: 2 or more for a kernel. */
  readonly rank: number;
}

export interface Update {
  /** Names of its slots. */
  readonly slots: readonly string[];
  readonly apply: (stretch: Stretch) => void;
}

/** Adam (Kingma and Ba 2015): m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g²; the step is η m̂ / (√v̂ + ε). */
export function adam({ beta1, beta2, epsilon }: { beta1: number; beta2: number; epsilon: number }): Update {
  return {
    slots: ['m', 'v'],
    apply({ gradient, factor, step, slots: { m = none, v = none }, rate, count }) {
      const mean = 1 / (1 - beta1 ** count);
      const variance = 1 / (1 - beta2 ** count);
      for (let i = 0; i < m.length; i++) {
        const g = Math.fround((gradient[i] ?? 0) * factor);
        const mi = (m[i] = beta1 * (m[i] ?? 0) + (1 - beta1) * g);
        const vi = (v[i] = beta2 * (v[i] ?? 0) + (1 - beta2) * g * g);
        step[i] = (rate * mi * mean) / (Math.sqrt(vi * variance) + epsilon);
      }
    },
  };
}

/** As Keras: u ← μu − ηg; the step is −u (Nesterov: ηg − μu). */
export function momentum({ momentum: mu, nesterov }: { momentum: number; nesterov: boolean }): Update {
  return {
    slots: ['u'],
    apply({ gradient, factor, step, slots: { u = none }, rate }) {
      for (let i = 0; i < u.length; i++) {
        const g = rate * Math.fround((gradient[i] ?? 0) * factor);
        const ui = (u[i] = mu * (u[i] ?? 0) - g);
        step[i] = nesterov ? g - mu * ui : -ui;
      }
    },
  };
}

/**
 * w ← w − step − ηλw. The decay goes by the weights, not by the gradient (Loshchilov and Hutter 2019). Only kernels decay, not biases or
 * what a normalization learns.
 */
export function descend(weightDecay: number): Update {
  return {
    slots: [],
    apply({ step, weights, rate, rank }) {
      const part = rank < 2 ? 0 : rate * weightDecay;
      for (let i = 0; i < weights.length; i++) {
        const weight = weights[i] ?? 0;
        weights[i] = weight - (step[i] ?? 0) - part * weight;
      }
    },
  };
}

const none = new Float32Array();
