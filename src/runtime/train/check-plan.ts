import { engineNames, type EngineName } from '../../protocol/index.js';
import { GraftError } from '../errors.js';
import type { FitPlan } from './options.js';
import { lossNames } from './specs.js';

/** @throws GraftError for a value that cannot be meant: it names the option, what was received, and what it may be. */
export function checkPlan(plan: FitPlan, engine: EngineName | 'auto' | undefined): void {
  const { schedule, loss } = plan;
  wholeFrom('epochs', plan.epochs, 1);
  wholeFrom('headEpochs', plan.headEpochs, 0);
  wholeFrom('batchSize', plan.batchSize, 1);
  wholeFrom('gradientAccumulationSteps', plan.gradientAccumulationSteps, 1);
  check('loss', loss.kind, lossNames.includes(loss.kind), `one of ${lossNames.join(', ')}`);
  positive('learningRate', schedule.peak);
  const warmsUp = schedule.warmup >= 0 && schedule.warmup < 1;
  check('learningRate.warmup', schedule.warmup, warmsUp, 'a fraction of the steps, from 0 to below 1');
  positive('fineTuneRate', plan.fineTuneRate);
  for (const [layer, factor] of Object.entries(plan.learningRateMultipliers))
    check(`learningRateMultipliers.${layer}`, factor, factor >= 0 && Number.isFinite(factor), '0 or a positive number');
  const { labelSmoothing } = loss;
  check('labelSmoothing', labelSmoothing, labelSmoothing >= 0 && labelSmoothing < 1, 'from 0 to below 1');
  if (loss.kind === 'meanSquaredError')
    check('labelSmoothing', labelSmoothing, labelSmoothing === 0, '0 with meanSquaredError');
  check('mixup', plan.mixup, plan.mixup >= 0 && Number.isFinite(plan.mixup), '0 or a positive number');
  check('seed', plan.seed, Number.isInteger(plan.seed), 'a whole number');
  if (plan.globalClipnorm !== undefined) positive('globalClipnorm', plan.globalClipnorm);
  if (plan.patience !== undefined) wholeFrom('earlyStopping.patience', plan.patience, 1);
  const isEngine = engine === undefined || engine === 'auto' || engineNames.includes(engine);
  check('engine', engine, isEngine, `one of auto, ${engineNames.join(', ')}`);
}

function wholeFrom(name: string, received: number, least: number): void {
  check(name, received, Number.isInteger(received) && received >= least, `a whole number from ${least}`);
}

function positive(name: string, received: number): void {
  check(name, received, received > 0 && Number.isFinite(received), 'a positive number');
}

function check(name: string, received: unknown, ok: boolean, expected: string): void {
  if (!ok) throw new GraftError(`fit: ${name} is ${String(received)}.`, { action: `It must be ${expected}.` });
}
