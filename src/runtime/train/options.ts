import type { EngineName, Metrics, Task } from '../../protocol/index.js';
import type { Example } from '../data/example.js';
import type { Dataset } from '../data/types.js';
import { GraftError, present } from '../../common/errors.js';
import { adamW } from './optimizers.js';
import { constant, cosine } from './schedules.js';
import { taskDefinitions, type TaskDefinition } from '../tasks/index.js';
import type { LossName, LossSpec, OptimizerSpec, ScheduleSpec } from '../engines/specs.js';

/** Metrics of each task that may decide about an epoch. */
type Monitor<T extends Task = Task> = keyof Metrics<T> & string;

export interface EarlyStopping<T extends Task = 'classification'> {
  /** A stage ends when neither the metric nor the loss has improved for this many epochs. Default 3. */
  readonly patience?: number;
  /** Which validation metric decides, also about the best epoch. Default `accuracy`; ties are broken by the loss. */
  readonly monitor?: Monitor<T>;
  /** Smaller improvements do not count. Default 0. */
  readonly minDelta?: number;
}

export interface FitOptions<T extends Task = 'classification'> {
  /** Epochs of the last stage: fine-tuning, or the head where the base stays frozen. */
  readonly epochs: number;
  /** Epochs of the head alone before layers of the base are unfrozen (LP-FT); 0 for none. Default: `epochs`. */
  readonly headEpochs?: number;
  /** Default 32. */
  readonly batchSize?: number;
  /**
   * An update follows after this many batches, with the gradient of all their examples: a large batch in the memory of a
   * small one. BatchNormalization by the batch's own statistics sees the small ones. Default 1.
   */
  readonly gradientAccumulationSteps?: number;
  /**
   * As in Keras. `categoricalCrossentropy` (default) needs a model that ends in softmax, with an output per class.
   * `binaryCrossentropy` needs sigmoid: an output per class, each a yes or no of its own, or, for two classes, one output, the
   * probability of the second. `meanSquaredError` takes either ending; it is the Brier score. Of numbers
   * it is the mean over them of the squared error in standard deviations of the training numbers: 1 is what always saying their mean has.
   */
  readonly loss?: LossName;
  /** Default `adamW()`. */
  readonly optimizer?: OptimizerSpec;
  /** A number is a constant rate. Default `cosine({ peak: 1e-3 })`. */
  readonly learningRate?: number | ScheduleSpec;
  /** Fine-tuning runs at this fraction of `learningRate`. Default 0.1. */
  readonly fineTuneRate?: number;
  /**
   * Discriminative learning rates: the learning rate of each named layer is multiplied by this, weight decay included.
   * `layerWiseDecay` makes one for a base. Default: 1 for every layer.
   */
  readonly learningRateMultipliers?: Readonly<Record<string, number>>;
  /** In [0, 1). Default 0. For the cross-entropies. */
  readonly labelSmoothing?: number;
  /** `balanced` weighs each class by n / (classes × its count); or a weight per class name. Default: all 1. */
  readonly classWeight?: 'balanced' | Readonly<Record<string, number>>;
  /** Loss weight of each training example, 0 or more; times its class's. Default: 1 for each. */
  sampleWeight?(example: Example<T>): number;
  /**
   * How the base's BatchNormalization layers run where they train: with the statistics that they came with, or with each
   * batch's. Default `inference`, as Keras's guide to transfer learning advises, and `training` for a base with random weights;
   * new layers always use the batch's.
   */
  readonly batchNormalization?: 'inference' | 'training';
  /** Largest norm of the whole gradient: a larger one is scaled down to it (Pascanu et al. 2013). Default: none. */
  readonly globalClipnorm?: number;
  /** Mixes pairs of examples with a weight from Beta(mixup, mixup) (Zhang et al. 2018), on features. Default 0: off. */
  readonly mixup?: number;
  /** Default: no early stopping; the best epoch's weights are used either way. */
  readonly earlyStopping?: EarlyStopping<T>;
  /** Decides order, dropout, mixup. Default: the seed of the data. */
  readonly seed?: number;
  /** Default: what `graft train --engine` said, else `auto`. */
  readonly engine?: EngineName | 'auto';
  /** Bytes on disk that cached activations may take. Default 10 GB. */
  readonly cacheLimit?: number;
  /** Bytes of memory that training may take, by estimate; it does not start otherwise. Default: what is free; Infinity: no check. */
  readonly memoryLimit?: number;
}

/** All options, each with its value. Plain data: part of a checkpoint's fingerprint. */
export interface FitPlan {
  readonly epochs: number;
  readonly headEpochs: number;
  readonly batchSize: number;
  readonly gradientAccumulationSteps: number;
  readonly loss: LossSpec;
  readonly optimizer: OptimizerSpec;
  readonly schedule: ScheduleSpec;
  readonly fineTuneRate: number;
  readonly learningRateMultipliers: Readonly<Record<string, number>>;
  /** Loss weight of each training example, in the order of the data: its class's times its own. */
  readonly weights: readonly number[];
  readonly globalClipnorm: number | undefined;
  readonly batchNormalization: 'inference' | 'training';
  readonly mixup: number;
  readonly patience: number | undefined;
  readonly monitor: string;
  readonly minDelta: number;
  readonly seed: number;
}

export const defaultCacheLimit = 10e9;

/**
 * @param options as `fitOptions` has them.
 * @param pretrained whether the model stands on a base that has learnt something.
 * @throws GraftError for a value that cannot be meant.
 */
export function planOf(options: FitOptions<Task>, data: Dataset, pretrained: boolean): FitPlan {
  const { learningRate = cosine({ peak: 1e-3 }), earlyStopping } = options;
  const task = taskDefinitions[data.task];
  const plan: FitPlan = {
    epochs: options.epochs,
    headEpochs: options.headEpochs ?? options.epochs,
    batchSize: options.batchSize ?? 32,
    gradientAccumulationSteps: options.gradientAccumulationSteps ?? 1,
    loss: {
      kind: lossOf(options, task),
      labelSmoothing: options.labelSmoothing ?? 0,
      ...task.lossScale?.(data.train, data.classes),
    },
    optimizer: options.optimizer ?? adamW(),
    schedule: typeof learningRate === 'number' ? constant({ peak: learningRate }) : learningRate,
    fineTuneRate: options.fineTuneRate ?? 0.1,
    learningRateMultipliers: options.learningRateMultipliers ?? {},
    weights: weightsOf(options, data),
    globalClipnorm: options.globalClipnorm,
    batchNormalization: options.batchNormalization ?? (pretrained ? 'inference' : 'training'),
    mixup: options.mixup ?? 0,
    patience: earlyStopping === undefined ? undefined : (earlyStopping.patience ?? 3),
    monitor: monitorOf(earlyStopping, task),
    minDelta: earlyStopping?.minDelta ?? 0,
    seed: options.seed ?? data.seed,
  };
  if (plan.loss.kind === 'meanSquaredError' && plan.loss.labelSmoothing !== 0)
    throw new GraftError(`fit: labelSmoothing is ${plan.loss.labelSmoothing}.`, {
      action: 'It must be 0 with meanSquaredError.',
    });
  return plan;
}

/** @throws GraftError for one that the task is not learnt with. */
function lossOf({ loss }: FitOptions<Task>, { name, losses }: TaskDefinition): LossName {
  const known = losses.map((one) => one.loss);
  if (loss === undefined || known.includes(loss)) return loss ?? present(known[0], 'A loss');
  throw new GraftError(`fit: loss is ${loss}, and the data is for ${name}.`, {
    action: `It must be ${known.join(' or ')}.`,
  });
}

/** @throws GraftError for one that the task does not measure. */
function monitorOf(earlyStopping: EarlyStopping<Task> | undefined, { name, monitors }: TaskDefinition): string {
  const known = monitors.map(({ metric }) => metric);
  const monitor = earlyStopping?.monitor ?? present(known[0], 'A metric');
  if (known.includes(monitor)) return monitor;
  throw new GraftError(`fit: earlyStopping.monitor is ${monitor}, and the data is for ${name}.`, {
    action: `It must be one of ${known.join(', ')}.`,
  });
}

function weightsOf(options: FitOptions<Task>, data: Dataset): number[] {
  if (options.classWeight !== undefined && data.task !== 'classification')
    throw new GraftError(`fit: classWeight is for classes, and the data is for ${data.task}.`, {
      action: 'Leave it out, or give each example a weight: sampleWeight.',
    });
  const byClass = classWeightsOf(options.classWeight, data);
  return data.train.map((example) => {
    const own = options.sampleWeight?.(example) ?? 1;
    if (!(own >= 0 && Number.isFinite(own))) {
      throw new GraftError(`fit: sampleWeight gives ${own} for ${example.id}.`, {
        action: 'Give each example a weight of 0 or more.',
      });
    }
    return own * (byClass[Number(example.label)] ?? 1);
  });
}

function classWeightsOf(classWeight: FitOptions['classWeight'], data: Dataset): readonly number[] {
  if (classWeight === undefined) return data.classes.map(() => 1);
  if (classWeight === 'balanced') return data.classWeights;
  const missing = data.classes.filter((name) => !((classWeight[name] ?? -1) >= 0));
  if (missing.length > 0) {
    throw new GraftError(`fit: classWeight has no weight for ${missing.join(', ')}.`, {
      action: `Give each class a weight of 0 or more: ${data.classes.join(', ')}; or use 'balanced'.`,
    });
  }
  return data.classes.map((name) => classWeight[name] ?? 1);
}
