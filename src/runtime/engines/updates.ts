/**
 * The parts that an optimizer's step is made of. Each goes over a stretch of one weight, in float64, and leaves what it has to
 * remember in its slots, in float32. They are pure: what they read and write is in the stretch.
 */
export interface Stretch {
  /** The gradient, on its way to become what is taken from the weights. */
  readonly step: Float64Array;
  /** The weights, before as they were, after as they become. */
  readonly before: Float32Array;
  readonly after: Float64Array;
  /** What the parts remember of each number, by name. */
  readonly slots: Readonly<Record<string, Float32Array>>;
  readonly rate: number;
  /** Number of the step, from 1. */
  readonly count: number;
  /** Of the weight: 2 or more for a kernel. */
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
    apply({ step, slots: { m = none, v = none }, rate, count }) {
      const mean = 1 / (1 - beta1 ** count);
      const variance = 1 / (1 - beta2 ** count);
      for (let i = 0; i < m.length; i++) {
        const g = step[i] ?? 0;
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
    apply({ step, slots: { u = none }, rate }) {
      for (let i = 0; i < u.length; i++) {
        const g = rate * (step[i] ?? 0);
        const ui = (u[i] = mu * (u[i] ?? 0) - g);
        step[i] = nesterov ? g - mu * ui : -ui;
      }
    },
  };
}

/** w ← w − step. */
export const descend: Update = {
  slots: [],
  apply({ step, after }) {
    for (let i = 0; i < after.length; i++) after[i] = (after[i] ?? 0) - (step[i] ?? 0);
  },
};

/** Decoupled from the gradient (Loshchilov and Hutter 2019): w ← w − ηλw. Only kernels decay, not biases or what a normalization learns. */
export function decay(weightDecay: number): Update {
  return {
    slots: [],
    apply({ before, after, rate, rank }) {
      if (rank < 2) return;
      const part = rate * weightDecay;
      for (let i = 0; i < before.length; i++) after[i] = (after[i] ?? 0) - part * (before[i] ?? 0);
    },
  };
}

const none = new Float32Array();
