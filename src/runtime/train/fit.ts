import { createHash } from 'node:crypto';

import type { EngineName, Metrics, Task } from '../../protocol/index.js';
import { baseOf, checkForgotten, preprocessingOf, type BaseInfo } from '../bases/base.js';
import { examplesOf } from '../bases/saved/saved-examples.js';
import { checkArgument, checkOptions } from '../../common/check-options.js';
import type { Dataset } from '../data/types.js';
import { EndOfScript, present } from '../../common/errors.js';
import type { TrainedModel } from '../export/types.js';
import { channelsOf } from '../data/preprocessing.js';
import { currentRun } from '../run/current.js';
import type { Run } from '../run/run.js';
import { taskDefinitions } from '../tasks/index.js';
import { tf } from '../tf.js';
import { dataset, layersModel } from './arguments.js';
import { checkMemory } from './check-memory.js';
import { checkModel, warnOfOtherNames } from './check-model.js';
import { checkpointFile } from './checkpoint.js';
import { compileStage, type CompiledStage } from './compile-stage.js';
import { chooseEngine } from '../engines/index.js';
import { frozenUpTo } from './freeze.js';
import { keepBest } from './keep-best.js';
import { fitOptions } from './fit-options.js';
import { planOf, type FitOptions, type FitPlan } from './options.js';
import { findLearningRate } from './find-learning-rate.js';
import { warnOfSeen } from './seen-before.js';
import { openStage, type StageParts } from './open-stage.js';
import { Progress } from './progress.js';
import { cosine } from './schedules.js';
import { finishTraining, type FitResult } from './result.js';
import { stageActivations } from './stage-activations.js';
import { planStages } from './plan-stages.js';
import { trainStages } from './train-stages.js';
import { flatLayers } from '../bases/flat-layers.js';
import { countTrainable } from './weights.js';

/**
 * Trains `model` on `data` and returns the best epoch's model.
 *
 * The frozen part that no trainable weight feeds into (the prefix) runs once over the pictures, and its activations are
 * cached on disk; only the rest (the suffix) trains. Where layers of a base are trainable, training has two stages
 * (LP-FT, Kumar et al. 2022): the head alone, then those layers too at a tenth of the learning rate.
 *
 * Same seed, engine and data: the same losses, bit for bit. A stopped or killed run continues with `graft resume`.
 *
 * @param model inputs [batch, height, width, 3] in the size of `data`; output [batch, classes], softmax (sigmoid with
 *   binaryCrossentropy).
 * @throws GraftError for a model and data that do not fit together, and when the loss is not finite.
 * @throws StoppedError when the user stopped the run; a checkpoint is saved.
 * @example
 * const run = await fit(model, data, { epochs: 10, learningRate: cosine({ peak: 1e-3 }) });
 * await saveModel(run.best, 'models/flowers');
 */
export async function fit<T extends Task>(
  model: tf.LayersModel,
  data: Dataset<T>,
  options: FitOptions<T>,
): Promise<FitResult<T>> {
  checkArgument('fit', 'model', model, layersModel);
  checkArgument('fit', 'data', data, dataset);
  checkOptions('fit', options, fitOptions);
  const run = await currentRun();
  // The report is of the task of the data.
  return (await run.during(() => train(run, model, data, options as FitOptions<Task>))) as FitResult<T>;
}

async function train(
  run: Run,
  model: tf.LayersModel,
  data: Dataset,
  options: FitOptions<Task>,
): Promise<FitResult<Task>> {
  const base = baseOf(model);
  checkForgotten(base);
  const info: BaseInfo = base?.info ?? { name: 'from scratch', preprocessing: 'tf', weights: 'random', hash: '' };
  const pretrained = info.weights !== 'random';
  const fromScratch = run.info.purpose === 'from-scratch';
  const said = overridden(run, options);
  const asked: FitOptions<Task> = fromScratch ? { ...said, batchNormalization: 'training' } : said;
  const plan = planOf(asked, data, pretrained);
  checkModel(model, data, plan);
  warnOfOtherNames(run, model, info, data);
  warnOfSeen(run, info, data);
  // What transfer is measured against: the base has lost what it knew, so nothing of it is worth freezing.
  if (fromScratch) for (const layer of flatLayers(model)) layer.trainable = true;
  const layers = flatLayers(model).filter((layer) => layer.trainable && layer.weights.length > 0);
  const stages = planStages(model, pretrained ? base?.model : undefined, plan);
  const ofBase = new Set(base === undefined ? [] : flatLayers(base.model));
  const technique = layers.some((layer) => ofBase.has(layer)) ? 'fine-tuning' : 'feature-extraction';
  const frozen = frozenUpTo(base?.model ?? model);
  const requested: EngineName | 'auto' = options.engine ?? run.info.engine;
  const engine = chooseEngine(requested);

  const progress = new Progress(
    run,
    checkpointFile(run.nextTraining()),
    fingerprintOf(model, data, plan, info),
    stages.map(({ stage }) => stage),
    layers,
  );
  if (run.resumed) await progress.resume();
  run.emit({
    type: 'model',
    technique,
    base: info.name,
    preprocessing: preprocessingOf(info, channelsOf(model)),
    parameters: model.countParams(),
    trainable: countTrainable(layers),
    ...(frozen === undefined ? {} : { frozenUpTo: frozen }),
    engine: engine.name,
    engineReason: engine.reason,
  });

  const { cacheLimit, memoryLimit } = options;
  const parts: StageParts = {
    ...{ run, model, data, plan, progress },
    activations: (...stage) => stageActivations({ run, data, info, model, cacheLimit }, ...stage),
  };
  const task = taskDefinitions[data.task];
  const left = progress.left(stages).map((stage) => compileStage(model, task, plan, stage, requested));
  if (!progress.ended) for (const { training } of left) checkMemory(training.memory, plan.batchSize, memoryLimit);
  if (run.info.purpose === 'learning-rate') await testLearningRates(parts, left[0]);
  const { tune } = task;
  /** Thresholds belong to the weights: they are tuned on what those say of the validation set. */
  const trained = (metrics: Metrics, outputs = progress.bestEvaluated?.outputs): TrainedModel => ({
    model,
    task: data.task,
    ...(tune === undefined || outputs === undefined ? {} : { thresholds: tune(outputs) }),
    classes: data.classes,
    kind: data.kind,
    ...data.kind.modelForm(data),
    preprocessing: info.preprocessing,
    loss: plan.loss.kind,
    ...(plan.loss.deviations === undefined ? {} : { deviations: plan.loss.deviations }),
    base: { name: info.name, hash: info.hash },
    technique,
    ...(frozen === undefined ? {} : { frozenUpTo: frozen }),
    metrics,
    run: run.info.id,
    dataHash: data.hash,
    examples: examplesOf(data, info.saved?.examples),
    seed: plan.seed,
  });
  const { evaluation, test, ...last } = await trainStages(parts, left).catch(async (error: unknown) => {
    throw await keepBest(error, run, progress, trained);
  });
  return await finishTraining(run, {
    ...evaluation,
    ...(test === undefined ? {} : { test }),
    trained: trained(evaluation.figures.metrics, evaluation.outputs),
    data,
    history: progress.state.history,
    ...last,
  });
}

/** What was said where the run was started comes before what the script says. */
function overridden(run: Run, options: FitOptions<Task>): FitOptions<Task> {
  const { headEpochs = options.epochs, learningRate: own } = options;
  const epochs = run.override('epochs');
  const batchSize = run.override('batchSize');
  const rate = run.override('learningRate');
  const seed = run.override('seed');
  return {
    ...options,
    // Who asks for few epochs does not want many of the head alone.
    ...(epochs === undefined ? {} : { epochs, headEpochs: Math.min(headEpochs, epochs) }),
    ...(batchSize === undefined ? {} : { batchSize }),
    ...(rate === undefined
      ? {}
      : { learningRate: typeof own === 'number' ? rate : { ...(own ?? cosine({ peak: rate })), peak: rate } }),
    ...(seed === undefined ? {} : { seed }),
  };
}

/** In the place of training, on its first stage: that is the one whose rate a script gives. */
async function testLearningRates(parts: StageParts, stage: CompiledStage | undefined): Promise<never> {
  const opened = await openStage(parts, present(stage, 'A stage'));
  try {
    await findLearningRate(opened.context);
  } finally {
    await opened.dispose();
  }
  throw new EndOfScript('The learning rates are tested.');
}

/** A checkpoint may only be continued by the same training. Names of layers are checked with its weights; initial weights are in it. */
function fingerprintOf(model: tf.LayersModel, data: Dataset, plan: FitPlan, info: BaseInfo): string {
  const layers = flatLayers(model).map((layer) => [
    layer.getClassName(),
    layer.trainable,
    layer.weights.map(({ shape }) => shape),
    Object.entries(layer.getConfig()).filter(([key]) => key !== 'name' && !key.endsWith('Initializer')),
  ]);
  return createHash('sha256')
    .update(JSON.stringify([data.hash, ...data.kind.formKey(data), plan, info.hash, info.preprocessing, layers]))
    .digest('hex');
}
