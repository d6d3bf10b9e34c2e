import type { EngineName } from '../../protocol/index.js';
import type { tf } from '../tf.js';
import type { LossSpec, OptimizerSpec } from '../train/specs.js';
import type { Program } from '../graph/program.js';

/** A dense float32 array in row-major order. */
export interface FloatTensor {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** One training batch: an entry per model input, batch first; labels one-hot (soft after mixup), [batch, classes]. */
export interface Batch {
  readonly inputs: readonly FloatTensor[];
  readonly labels: FloatTensor;
  /** Loss weight of each example, [batch]. */
  readonly weights: Float32Array;
}

export interface StepResult {
  /** Mean weighted loss of the batch, before the update. */
  readonly loss: number;
  /** Examples whose largest output is at the largest label. */
  readonly correct: number;
}

/** Everything besides the weights that the next step depends on. Names are stable from run to run. */
export interface OptimizerState {
  readonly step: number;
  readonly slots: ReadonlyMap<string, FloatTensor>;
}

/** Trains the trainable weights of one program's layers. The layers' own weights are up to date only after `pull`. */
export interface Trainer {
  /** One optimizer update. `seed` decides dropout masks. */
  step(batch: Batch, options: { learningRate: number; seed: number }): Promise<StepResult>;
  /** Model output in inference mode, [batch, classes]. */
  predict(inputs: readonly FloatTensor[]): Promise<FloatTensor>;
  /** Copies the trained weights, moving statistics included, back into the layers. */
  pull(): Promise<void>;
  /** Copies the layers' weights into the trainer. */
  push(): Promise<void>;
  optimizerState(): Promise<OptimizerState>;
  restoreOptimizer(state: OptimizerState): Promise<void>;
  dispose(): Promise<void>;
}

export interface TrainerOptions {
  readonly loss: LossSpec;
  readonly optimizer: OptimizerSpec;
  /** Clip the global norm of the gradient to this; undefined: no clipping. */
  readonly clipNorm: number | undefined;
  /** Layers that run in inference mode although they train: BatchNormalization with statistics that stay. */
  readonly inference?: ReadonlySet<tf.layers.Layer>;
  /** Largest batch that `step` will be given. */
  readonly batchSize: number;
}

/** What computes. */
export interface Engine {
  readonly name: EngineName;
  /** Shown to the user: why this one, and on what ("CPU, 2 threads"). */
  readonly reason: string;
  /** Undefined when the engine can train this suffix; otherwise which layer it cannot, and why. */
  refuses(suffix: Program): string | undefined;
  trainer(suffix: Program, options: TrainerOptions): Promise<Trainer>;
}
