import { engineNames } from '../../protocol/index.js';
import {
  isNumber,
  isPlainObject,
  notNegative,
  number,
  object,
  oneOf,
  type OptionTable,
  positive,
  required,
  whole,
  wholeFrom,
} from '../../common/check-options.js';
import type { EarlyStopping, FitOptions } from './options.js';
import { lossNames } from '../engines/specs.js';

const earlyStopping: OptionTable<EarlyStopping> = {
  patience: wholeFrom(1),
  monitor: oneOf('loss', 'accuracy', 'macroF1'),
  minDelta: notNegative,
};

const isSpec = (value: unknown, ...kinds: readonly string[]) =>
  isPlainObject(value) && kinds.some((kind) => kind === value['kind']);
/** Bytes; Infinity is no limit. */
const limit = { is: 'a number of bytes', holds: (value: unknown) => typeof value === 'number' && value > 0 };

/** What `fit` takes, and what each option may be. */
export const fitOptions: OptionTable<FitOptions> = {
  epochs: required(wholeFrom(1)),
  headEpochs: wholeFrom(0),
  batchSize: wholeFrom(1),
  gradientAccumulationSteps: wholeFrom(1),
  loss: oneOf(...lossNames),
  optimizer: { is: 'adamW(…) or sgd(…)', holds: (value) => isSpec(value, 'adamW', 'sgd') },
  learningRate: {
    is: 'a positive number, constant(…), cosine(…) or step(…)',
    holds: (value) => (isNumber(value) && value > 0) || isSpec(value, 'constant', 'cosine', 'step'),
  },
  fineTuneRate: positive,
  learningRateMultipliers: {
    is: '0 or a positive number for each layer, by its name',
    holds: (value) => isPlainObject(value) && Object.values(value).every((one) => isNumber(one) && one >= 0),
  },
  labelSmoothing: number('from 0 to below 1', (value) => value >= 0 && value < 1),
  classWeight: {
    is: "'balanced', or a weight for each class by its name",
    holds: (value) => value === 'balanced' || isPlainObject(value),
  },
  sampleWeight: {
    is: 'a function that gives each example its weight',
    holds: (value) => typeof value === 'function',
  },
  batchNormalization: oneOf('inference', 'training'),
  globalClipnorm: positive,
  mixup: notNegative,
  earlyStopping: object(earlyStopping, 'an object, for instance { patience: 3 }'),
  seed: whole,
  engine: oneOf('auto', ...engineNames),
  cacheLimit: limit,
  memoryLimit: limit,
};
