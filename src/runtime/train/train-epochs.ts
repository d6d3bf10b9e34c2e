import type { EpochRecord, Metrics, Stage } from '../../protocol/index.js';
import type { Example, Item } from '../data/example.js';
import type { Trainer } from '../engines/types.js';
import { GraftError, StoppedError } from '../../common/errors.js';
import { seedOf } from '../../common/random.js';
import type { Run } from '../run/run.js';
import type { TaskDefinition } from '../tasks/index.js';
import type { ActivationSource } from './prefix-pass.js';
import { assemble, batchesOf, epochBatches, mixup } from './batches.js';
import type { Evaluated } from './evaluated.js';
import type { FitPlan } from './options.js';
import type { Progress } from './progress.js';
import { learningRateAt } from './schedules.js';
import type { ScheduleSpec } from '../engines/specs.js';
import { epochStart } from './training-state.js';

/** What one stage trains with. */
export interface StageContext {
  readonly run: Run;
  readonly plan: FitPlan;
  readonly stage: Stage;
  readonly epochs: number;
  readonly schedule: ScheduleSpec;
  readonly task: TaskDefinition;
  readonly classes: readonly string[];
  /** Outputs of the model. */
  readonly outputs: number;
  /** Loss weight of a training example. */
  readonly weightOf: (example: Example) => number;
  readonly train: readonly (readonly Item[])[];
  readonly validation: readonly Item[];
  /** Looked at once, at the end. */
  readonly test: readonly Item[];
  readonly source: ActivationSource;
  readonly trainer: Trainer;
  readonly progress: Progress;
}

/** Trains one stage to its end, from wherever `progress.state` is. */
export async function trainEpochs(context: StageContext): Promise<void> {
  const { run, plan, trainer, progress } = context;
  const { state } = progress;
  await run.phase(
    'train',
    context.epochs,
    async (report) => {
      report(state.epoch);
      while (state.epoch < context.epochs) {
        await trainEpoch(context);
        Object.assign(state, epochStart, { epoch: state.epoch + 1 });
        report(state.epoch);
        if (plan.patience !== undefined && state.sinceBest >= plan.patience) break;
        if (progress.due()) await progress.save(trainer);
      }
      report(context.epochs);
    },
    state.epoch,
  );
}

async function trainEpoch(context: StageContext): Promise<void> {
  const { run, plan, stage, source, trainer, progress } = context;
  const { state } = progress;
  const epochSeed = seedOf(plan.seed, stage, state.epoch);
  const batches = epochBatches(context.train, plan.batchSize, state.epoch, seedOf(epochSeed, 'order'));
  const updates = Math.ceil(batches.length / plan.gradientAccumulationSteps);
  let start = performance.now();
  for await (const { items, inputs } of prepared(source, batches, state.step)) {
    const update = state.epoch * updates + Math.floor(state.step / plan.gradientAccumulationSteps);
    const learningRate = learningRateAt(context.schedule, update, updates * context.epochs);
    const accumulate = (state.step + 1) % plan.gradientAccumulationSteps !== 0 && state.step + 1 < batches.length;
    const plain = assemble(inputs, items, context.outputs, context.weightOf, context.task.writeTarget);
    const batch = plan.mixup > 0 ? mixup(plain, plan.mixup, seedOf(epochSeed, 'mixup', state.step)) : plain;
    const seedOfStep = seedOf(epochSeed, 'step', state.step);
    const result = await trainer.step(batch, { learningRate, seed: seedOfStep, accumulate });
    if (!Number.isFinite(result.loss)) {
      const when = `in step ${state.step + 1} of epoch ${state.epoch + 1}`;
      throw new Astray(`The training loss became ${result.loss} ${when}`, stage, learningRate);
    }
    const weight = batch.weights.reduce((sum, value) => sum + value, 0);
    state.lossSum += result.loss * weight;
    state.weightSum += weight;
    state.correct += result.correct ?? 0;
    state.seen += items.length;
    state.step++;
    const now = performance.now();
    state.epochMs += now - start;
    start = now;
    run.emit({
      type: 'batch',
      stage,
      epoch: state.epoch + 1,
      step: state.step,
      steps: batches.length,
      loss: result.loss,
      ...(result.correct === undefined ? {} : { accuracy: result.correct / items.length }),
      learningRate,
      imagesPerSecond: (state.seen / state.epochMs) * 1000,
      memory: process.memoryUsage.rss(),
    });
    // Between two updates there is no state that a checkpoint could hold. An epoch takes as long as it was worked on.
    if (!accumulate) start += await betweenSteps(context);
  }

  const evaluated = await evaluateSource(context);
  const { metrics } = evaluated.figures;
  const learningRate = learningRateAt(context.schedule, (state.epoch + 1) * updates - 1, updates * context.epochs);
  if (!Number.isFinite(metrics.loss))
    throw new Astray(`The validation loss became ${metrics.loss} in epoch ${state.epoch + 1}`, stage, learningRate);
  const improved = isBetter(metrics, state.best?.metrics, plan, context.task);
  if (improved) {
    await progress.keepBest(trainer, evaluated);
    state.best = { stage, epoch: state.epoch + 1, metrics };
  }
  const lower = state.lowestLoss === null || metrics.loss < state.lowestLoss - plan.minDelta;
  if (lower) state.lowestLoss = metrics.loss;
  state.sinceBest = improved || lower ? 0 : state.sinceBest + 1;
  state.epochMs += performance.now() - start;
  const record: EpochRecord = {
    stage,
    epoch: state.epoch + 1,
    train: {
      loss: state.lossSum / Math.max(state.weightSum, 1e-12),
      ...(context.task.countsRight ? { accuracy: state.correct / Math.max(state.seen, 1) } : {}),
    },
    validation: metrics,
    learningRate,
    ms: state.epochMs,
  };
  state.history.push(record);
  run.emit({ type: 'epoch', ...record, epochs: context.epochs, best: improved });
}

/** Between two steps, and between two batches of an evaluation: does what people asked for. Returns the milliseconds of a pause. */
async function betweenSteps({ run, trainer, progress }: StageContext): Promise<number> {
  const paused = await run.waitWhilePaused();
  if (run.control.stopRequested) {
    const checkpoint = await progress.save(trainer);
    throw new StoppedError('Stopped. A checkpoint is saved.', checkpoint);
  }
  if (progress.due()) await progress.save(trainer);
  // Engines that compute synchronously would otherwise starve the control socket.
  await new Promise((resolve) => setImmediate(resolve));
  return paused;
}

/**
 * Batches with their inputs; while one computes, the next one's are made. Who leaves before the last one waits for those: the source may be
 * closed then, and whatever computes in it is freed.
 */
export async function* prepared(source: ActivationSource, batches: readonly (readonly Item[])[], from = 0) {
  const prepare = (index: number) => {
    const items = batches[index];
    const inputs = items === undefined ? undefined : source.batch(items);
    inputs?.catch(() => undefined); // It is awaited in its turn.
    return inputs;
  };
  let next = prepare(from);
  try {
    for (const [index, items] of batches.entries()) {
      if (index < from) continue;
      const inputs = await next;
      next = prepare(index + 1);
      if (inputs !== undefined) yield { items, inputs };
    }
  } finally {
    await next?.catch(() => undefined);
  }
}

/** The validation set through the weights as they are in the trainer. */
export async function evaluateSource(context: StageContext, thresholds?: readonly number[]): Promise<Evaluated> {
  const { validation, source, trainer, task, classes: names, plan } = context;
  const examples = validation.map(({ example }) => example);
  const values = new Float32Array(validation.length * names.length);
  let done = 0;
  for await (const { items, inputs } of prepared(source, batchesOf(validation, plan.batchSize))) {
    // What a checkpoint holds is as it was after the last step: whoever goes on from it evaluates again.
    if (done > 0) await betweenSteps(context);
    values.set(task.outputsOf(await trainer.predict(inputs)), done * names.length);
    done += items.length;
  }
  const outputs = { values, examples, names };
  return { outputs, figures: task.figures(outputs, plan.loss, thresholds) };
}

function isBetter(
  metrics: Metrics,
  best: Metrics | undefined,
  { monitor, minDelta }: FitPlan,
  { monitors }: TaskDefinition,
): boolean {
  if (best === undefined) return true;
  const valueOf = (of: Metrics) => (of as unknown as Readonly<Record<string, number>>)[monitor] ?? NaN;
  const higher = monitors.some(({ metric, better }) => metric === monitor && better === 'higher');
  const gain = higher ? valueOf(metrics) - valueOf(best) : valueOf(best) - valueOf(metrics);
  return gain > minDelta || (gain === 0 && minDelta === 0 && metrics.loss < best.loss);
}

/** The loss is no number any more, nor will be: nothing more is to be learnt with these weights. */
export class Astray extends GraftError {
  constructor(what: string, stage: Stage, learningRate: number) {
    super(`${what} (${stage}) at a learning rate of ${learningRate.toPrecision(3)}.`, {
      action: 'Lower learningRate (graft find-learning-rate finds one), or set globalClipnorm: 1.',
    });
  }
}
