import { engineNames, type EngineName } from '../../protocol/index.js';
import type { ImageDataset } from '../data/types.js';
import { GraftError } from '../errors.js';
import { adamW } from './optimizers.js';
import { constant, cosine } from './schedules.js';
import type { OptimizerSpec, ScheduleSpec } from './specs.js';

export type Monitor = 'loss' | 'accuracy' | 'macroF1';

export interface EarlyStopping {
  /** A stage ends when neither the metric nor the loss has improved for this many epochs. Default 3. */
  readonly patience?: number;
  /** Which validation metric decides, also about the best epoch. Default `accuracy`; ties are broken by the loss. */
  readonly monitor?: Monitor;
  /** Smaller improvements do not count. Default 0. */
  readonly minDelta?: number;
}

export interface FitOptions {
  /** Epochs of the last stage: fine-tuning, or the head where the base stays frozen. */
  readonly epochs: number;
  /** Epochs of the head alone before layers of the base are unfrozen (LP-FT); 0 for none. Default: `epochs`. */
  readonly headEpochs?: number;
  /** Default 32. */
  readonly batchSize?: number;
  /** Default `adamW()`. */
  readonly optimizer?: OptimizerSpec;
  /** A number is a constant rate. Default `cosine({ peak: 1e-3 })`. */
  readonly learningRate?: number | ScheduleSpec;
  /** Fine-tuning runs at this fraction of `learningRate`. Default 0.1. */
  readonly fineTuneRate?: number;
  /** In [0, 1). Default 0. */
  readonly labelSmoothing?: number;
  /** `balanced` weighs each class by n / (classes × its count); or a weight per class name. Default: all 1. */
  readonly classWeight?: 'balanced' | Readonly<Record<string, number>>;
  /**
   * How the base's BatchNormalization layers run where they train: with the statistics that they came with, or with each
   * batch's. Default `inference`, as Keras's guide to transfer learning advises; new layers always use the batch's.
   */
  readonly batchNormalization?: 'inference' | 'training';
  /** Largest global norm of the gradient. Default: none. */
  readonly clipNorm?: number;
  /** Mixes pairs of examples with a weight from Beta(mixup, mixup) (Zhang et al. 2018), on features. Default 0: off. */
  readonly mixup?: number;
  /** Default: no early stopping; the best epoch's weights are used either way. */
  readonly earlyStopping?: EarlyStopping;
  /** Decides order, dropout, mixup. Default: the seed of the data. */
  readonly seed?: number;
  /** Default: what `graft train --engine` said, else `auto`. */
  readonly engine?: EngineName | 'auto';
  /** Bytes on disk that cached activations may take. Default 10 GB. */
  readonly cacheLimit?: number;
}

/** All options, each with its value. Plain data: part of a checkpoint's fingerprint. */
export interface FitPlan {
  readonly epochs: number;
  readonly headEpochs: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerSpec;
  readonly schedule: ScheduleSpec;
  readonly fineTuneRate: number;
  readonly labelSmoothing: number;
  readonly classWeights: readonly number[];
  readonly clipNorm: number | undefined;
  readonly batchNormalization: 'inference' | 'training';
  readonly mixup: number;
  readonly patience: number | undefined;
  readonly monitor: Monitor;
  readonly minDelta: number;
  readonly seed: number;
}

export const defaultCacheLimit = 10e9;

/** @throws GraftError for a value that cannot be meant. */
export function planOf(options: FitOptions, data: ImageDataset): FitPlan {
  const { learningRate = cosine({ peak: 1e-3 }), classWeight } = options;
  const schedule = typeof learningRate === 'number' ? constant({ peak: learningRate }) : learningRate;
  const plan: FitPlan = {
    epochs: options.epochs,
    headEpochs: options.headEpochs ?? options.epochs,
    batchSize: options.batchSize ?? 32,
    optimizer: options.optimizer ?? adamW(),
    schedule,
    fineTuneRate: options.fineTuneRate ?? 0.1,
    labelSmoothing: options.labelSmoothing ?? 0,
    classWeights: classWeightsOf(classWeight, data),
    clipNorm: options.clipNorm,
    batchNormalization: options.batchNormalization ?? 'inference',
    mixup: options.mixup ?? 0,
    patience: options.earlyStopping === undefined ? undefined : (options.earlyStopping.patience ?? 3),
    monitor: options.earlyStopping?.monitor ?? 'accuracy',
    minDelta: options.earlyStopping?.minDelta ?? 0,
    seed: options.seed ?? data.seed,
  };
  check('epochs', plan.epochs, Number.isInteger(plan.epochs) && plan.epochs >= 1, 'a whole number from 1');
  check(
    'headEpochs',
    plan.headEpochs,
    Number.isInteger(plan.headEpochs) && plan.headEpochs >= 0,
    'a whole number from 0',
  );
  check('batchSize', plan.batchSize, Number.isInteger(plan.batchSize) && plan.batchSize >= 1, 'a whole number from 1');
  check('learningRate', schedule.peak, Number.isFinite(schedule.peak) && schedule.peak > 0, 'a positive number');
  check(
    'learningRate.warmup',
    schedule.warmup,
    schedule.warmup >= 0 && schedule.warmup < 1,
    'a fraction of the steps, from 0 to below 1',
  );
  check(
    'fineTuneRate',
    plan.fineTuneRate,
    plan.fineTuneRate > 0 && Number.isFinite(plan.fineTuneRate),
    'a positive number',
  );
  check(
    'labelSmoothing',
    plan.labelSmoothing,
    plan.labelSmoothing >= 0 && plan.labelSmoothing < 1,
    'from 0 to below 1',
  );
  check('mixup', plan.mixup, plan.mixup >= 0 && Number.isFinite(plan.mixup), '0 or a positive number');
  check('seed', plan.seed, Number.isInteger(plan.seed), 'a whole number');
  if (plan.clipNorm !== undefined) check('clipNorm', plan.clipNorm, plan.clipNorm > 0, 'a positive number');
  if (plan.patience !== undefined)
    check(
      'earlyStopping.patience',
      plan.patience,
      Number.isInteger(plan.patience) && plan.patience >= 1,
      'a whole number from 1',
    );
  if (options.engine !== undefined && options.engine !== 'auto' && !engineNames.includes(options.engine)) {
    check('engine', options.engine, false, `one of auto, ${engineNames.join(', ')}`);
  }
  return plan;
}

function classWeightsOf(classWeight: FitOptions['classWeight'], data: ImageDataset): readonly number[] {
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

function check(name: string, received: unknown, ok: boolean, expected: string): void {
  if (!ok) throw new GraftError(`fit: ${name} is ${String(received)}.`, { action: `It must be ${expected}.` });
}
