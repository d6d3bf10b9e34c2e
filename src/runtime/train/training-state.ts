import {
  isClassification,
  isMetrics,
  isTrainMetrics,
  stages as stageNames,
  type EpochRecord,
  type Metrics,
  type Stage,
} from '../../protocol/index.js';

/** The best epoch so far. */
interface Best {
  readonly stage: Stage;
  readonly epoch: number;
  readonly metrics: Metrics;
}

/** Where training is: with the weights and the optimizer's moments, everything that the next step depends on. */
export interface TrainingState {
  /** Index of the stage; equal to the number of stages when training has ended. */
  stage: number;
  /** Epochs finished in this stage. */
  epoch: number;
  /** Steps finished in this epoch. */
  step: number;
  /** Sums over the steps of this epoch. */
  lossSum: number;
  weightSum: number;
  correct: number;
  seen: number;
  /** Milliseconds spent in this epoch. */
  epochMs: number;
  /** Epochs of this stage since the metric or the loss has improved. */
  sinceBest: number;
  /** Lowest validation loss of this stage; null before its first epoch. */
  lowestLoss: number | null;
  best: Best | undefined;
  history: EpochRecord[];
}

/** Where an epoch begins. */
export const epochStart = { step: 0, lossSum: 0, weightSum: 0, correct: 0, seen: 0, epochMs: 0 } as const;

export function newState(): TrainingState {
  return {
    stage: 0,
    epoch: 0,
    ...epochStart,
    sinceBest: 0,
    lowestLoss: null,
    best: undefined,
    history: [],
  };
}

/**
 * A state that was written as JSON.
 *
 * @param stages how many the training has.
 * @throws Error that names the field that no training can have reached.
 */
export function parseState(value: unknown, stages: number): TrainingState {
  const state = fieldsOf(value, 'state');
  const number = (name: string, isRight: (n: number) => boolean): number => {
    const field = state[name];
    if (typeof field !== 'number' || !isRight(field)) throw new Error(`its ${name} is ${JSON.stringify(field)}`);
    return field;
  };
  const { best, history, lowestLoss } = state;
  if (!Array.isArray(history)) throw new Error('its history is no list');
  return {
    stage: number('stage', (n) => isCount(n) && n <= stages),
    epoch: number('epoch', isCount),
    step: number('step', isCount),
    lossSum: number('lossSum', Number.isFinite),
    weightSum: number('weightSum', Number.isFinite),
    correct: number('correct', isCount),
    seen: number('seen', isCount),
    epochMs: number('epochMs', isAmount),
    sinceBest: number('sinceBest', isCount),
    lowestLoss: lowestLoss === null ? null : number('lowestLoss', Number.isFinite),
    best: best === undefined ? undefined : parseBest(best),
    history: history.map(parseEpoch),
  };
}

function parseBest(value: unknown): Best {
  const { stage, epoch, metrics } = fieldsOf(value, 'best epoch');
  if (!isStage(stage) || !isCount(epoch)) throw new Error('its best epoch lacks something');
  return { stage, epoch, metrics: parseMetrics(metrics) };
}

function parseEpoch(value: unknown): EpochRecord {
  const { stage, epoch, train, validation, learningRate, ms } = fieldsOf(value, 'history');
  const trained = fieldsOf(train, 'history');
  if (!isStage(stage) || !isCount(epoch) || !isTrainMetrics(trained) || !isFraction(trained.accuracy ?? 0))
    throw new Error('its history lacks something');
  if (!isAmount(learningRate) || !isAmount(ms)) throw new Error('its history lacks something');
  return {
    stage,
    epoch,
    train: trained,
    validation: parseMetrics(validation),
    learningRate,
    ms,
  };
}

function parseMetrics(value: unknown): Metrics {
  const fields = fieldsOf(value, 'metrics');
  const { loss } = fields;
  const metrics = { ...fields, loss: loss === null ? 0 : loss };
  if (!isMetrics(metrics) || !Object.values(metrics).every(isFinite)) throw new Error('its metrics lack something');
  if (isClassification(metrics) && !(isFraction(metrics.accuracy) && isFraction(metrics.macroF1)))
    throw new Error('its metrics lack something');
  // A loss that was not a number any more: JSON has none for that.
  return loss === null ? { ...metrics, loss: NaN } : metrics;
}

function fieldsOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Error(`its ${what} is no object`);
  return value as Record<string, unknown>;
}

function isStage(value: unknown): value is Stage {
  return stageNames.some((name) => name === value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isFinite(value: unknown): value is number {
  return Number.isFinite(value);
}

function isAmount(value: unknown): value is number {
  return isFinite(value) && value >= 0;
}

function isFraction(value: unknown): value is number {
  return isAmount(value) && value <= 1;
}
