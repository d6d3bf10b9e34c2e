/** Loss, optimizer and schedule as plain data: every engine reads the same description. */

export const lossNames = ['categoricalCrossentropy', 'binaryCrossentropy', 'meanSquaredError'] as const;
export type LossName = (typeof lossNames)[number];

export interface LossSpec {
  readonly kind: LossName;
  /** s in [0, 1): a label y becomes (1 − s) y + s/outputs, with binaryCrossentropy (1 − s) y + s/2. Not for meanSquaredError. */
  readonly labelSmoothing: number;
  /** Of meanSquaredError: the difference of each output counts as so many times this. Absent: as it is, in Keras's way. */
  readonly deviations?: readonly number[];
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
