/** Loss, optimizer and schedule as plain data: every engine reads the same description. */

export interface LossSpec {
  readonly kind: 'categoricalCrossentropy' | 'binaryCrossentropy' | 'meanSquaredError';
  /** In [0, 1): the true class gets 1 − s + s/classes. */
  readonly labelSmoothing: number;
}

export type OptimizerSpec =
  | {
      readonly kind: 'adamW';
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly weightDecay: number;
    }
  | { readonly kind: 'sgd'; readonly momentum: number; readonly nesterov: boolean; readonly weightDecay: number };

/** Learning rate as a function of the step; `peak` is the largest, `warmup` the fraction of all steps that rise to it. */
export type ScheduleSpec =
  | { readonly kind: 'constant'; readonly peak: number; readonly warmup: number }
  | { readonly kind: 'cosine'; readonly peak: number; readonly warmup: number; readonly floor: number }
  | {
      readonly kind: 'step';
      readonly peak: number;
      readonly warmup: number;
      readonly every: number;
      readonly factor: number;
    };
