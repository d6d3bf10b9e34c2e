export const kerases = { keras: 'Keras 3', tf_keras: 'tf_keras' } as const;
export type Kind = keyof typeof kerases;
export type Versions = Readonly<Record<string, string>>;
export type StepMode = 'inference' | 'training';
export const modes: readonly StepMode[] = ['inference', 'training'];

/** Differences of a gradient, weight by weight: the largest, and the one in the middle. */
export interface GradientDifference {
  readonly largest: number;
  readonly middle: number;
}

/** What bench/zoo/applications.py says of an application. */
export interface Facts {
  readonly parameters: number;
  readonly layers: number;
  /** Name of the layer that the network ends in without its classifier. */
  readonly cut: string;
  /** Layers that train, and the shapes of their weights. */
  readonly trained: readonly (readonly [string, readonly (readonly number[])[]])[];
  readonly base: readonly number[];
  /** How far features of the pictures are apart, relative to the largest. */
  readonly spread: number;
  readonly classes: number;
  readonly finite: boolean;
  /** Between Keras's own float32 and float64. */
  readonly float64: Readonly<Record<'features' | 'probabilities', number> & Record<StepMode, GradientDifference>>;
}

export interface FormatResult {
  readonly file: string;
  readonly probabilities?: number;
  readonly features?: number;
  readonly problem?: string;
  /** Of a file with a problem: its difference when Keras itself reads it back, or why it cannot. */
  inKeras?: number | string;
}

export interface StepResult extends GradientDifference {
  readonly engine: string;
  /** Of a step that does not match: how far Keras's own gradient moves where each weight does in its last digit. */
  moved?: GradientDifference;
}

export interface Outcome {
  readonly formats: readonly FormatResult[];
  readonly steps: Readonly<Record<StepMode, StepResult | { readonly problem: string }>>;
}

export interface Measured {
  readonly keras: Kind;
  readonly name: string;
  readonly size: number;
  readonly date: string;
  readonly versions: Versions;
  readonly problem?: string;
  readonly facts?: Facts;
  /** Why there is no model.json. */
  readonly converter?: string;
  readonly outcome?: Outcome;
}

/** Largest difference, relative to the largest value of `b`. */
export function relativeDifference(a: ArrayLike<number>, b: ArrayLike<number>, floor = 1e-30): number {
  if (a.length !== b.length) return Infinity;
  let [difference, largest] = [0, floor];
  for (let i = 0; i < b.length; i++) {
    const apart = Math.abs((a[i] ?? NaN) - (b[i] ?? NaN));
    if (!(apart <= difference)) difference = apart;
    largest = Math.max(largest, Math.abs(b[i] ?? NaN));
  }
  return difference / largest;
}

export const stepMatches = (step: GradientDifference, ofKeras: GradientDifference) =>
  matches(step.largest, ofKeras.largest) && matches(step.middle, ofKeras.middle);

/** Whether a difference is none: 1e-4 of the largest value, or three times what Keras's float32 is from its float64. */
export const matches = (difference: number, ofKeras: number) => difference <= Math.max(1e-4, 3 * ofKeras);
