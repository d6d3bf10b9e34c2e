import type { EngineName } from '../../protocol/index.js';
import type { Program, ProgramInput } from '../graph/index.js';
import type { LossSpec, OptimizerSpec } from './specs.js';
import type { FloatTensor, NamedTensors } from '../../common/tensor.js';
import type { tf } from '../tf.js';

/**
 * One training batch: an entry per model input, batch first; labels [batch, outputs]: one-hot (soft after mixup), or 0 and 1 for
 * each output. */
export interface Batch {
  readonly inputs: readonly FloatTensor[];
  readonly labels: FloatTensor;
  /** Loss weight of each example, [batch]. */
  readonly weights: Float32Array;
}

export interface StepResult {
  /** Mean weighted loss of the batch, before the update. */
  readonly loss: number;
  /**
   * Examples whose largest output is at the largest label; with one output, on the label's side of one half. Absent where examples are
   * not of one class each.
   */
  readonly correct?: number;
}

/** Everything besides the weights that the next step depends on. Names are stable from run to run. */
export interface OptimizerState {
  readonly step: number;
  readonly slots: ReadonlyMap<string, FloatTensor>;
}

export interface StepOptions {
  readonly learningRate: number;
  /** Decides dropout masks. */
  readonly seed: number;
  /**
   * The next batch belongs to the same update: its gradient is kept, no weight moves (moving statistics do). The update is
   * then that of one batch of all their examples. Default false.
   */
  readonly accumulate?: boolean;
}

/** Trains the trainable weights of one program's layers. The layers' own weights are up to date only after `pull`. */
export interface Trainer {
  /** One optimizer update. */
  step(batch: Batch, options: StepOptions): Promise<StepResult>;
  /** Model output in inference mode, [batch, outputs]. */
  predict(inputs: readonly FloatTensor[]): Promise<FloatTensor>;
  /**
   * Compares what the trainer computes with what TensorFlow.js makes of the layers' own weights: before the first step both are the same.
   *
   * @param examples give the inputs of one example each. Returns `too slow` where TensorFlow.js would take too long for one.
   * @throws GraftError that names the first layer with other numbers.
   */
  check(examples: readonly (() => Promise<readonly FloatTensor[]>)[]): Promise<'right' | 'too slow'>;
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
  /** Clip the norm of the whole gradient to this; undefined: no clipping. */
  readonly globalClipnorm: number | undefined;
  /** Times the learning rate, by name of the layer; 1 where there is none. */
  readonly learningRateMultipliers?: Readonly<Record<string, number>>;
  /** Layers that run in inference mode although they train: BatchNormalization with statistics that stay. */
  readonly inference?: ReadonlySet<tf.layers.Layer>;
  /** Whether each example is of one class, so that it is right or wrong. Default true. */
  readonly countsRight?: boolean;
  /** Largest batch that `step` will be given. */
  readonly batchSize: number;
}

interface MemoryDemand {
  /** At the peak of a step, beyond the model itself: an estimate from the shapes of all values. */
  readonly bytes: number;
  /** Largest batch, up to the one asked for, that `limit` bytes are enough for; 0 for none. */
  largestBatch(limit: number): number;
}

/** Computes a program in inference mode: a prefix, what follows a prefix, or a whole model. */
export interface Runner {
  /** @param inputs batch first. Returns the program's outputs, shaped as in Keras. */
  run(inputs: NamedTensors): Promise<FloatTensor[]>;
  dispose(): Promise<void>;
}

/** Why an engine cannot compute a program: the layer, and what of it. */
export interface Refusal {
  readonly refusal: string;
}

/** A program as the engine computes it, lowered. Weights that do not train are those that the layers had then. */
export interface Ready<Opened> {
  readonly refusal?: undefined;
  open(): Promise<Opened>;
}

/** `unknown`: the engine cannot tell beforehand. */
export interface ReadyToTrain extends Ready<Trainer> {
  readonly memory: MemoryDemand | 'unknown';
}

/** What computes. */
export interface Engine {
  readonly name: EngineName;
  /** Shown to the user: why this one, and on what ("CPU, 2 threads"). */
  readonly reason: string;
  /** For inference. */
  compile(program: Program, inputs: readonly ProgramInput[]): Ready<Runner> | Refusal;
  /** For training the layers that train. */
  compileTraining(suffix: Program, options: TrainerOptions): ReadyToTrain | Refusal;
}
