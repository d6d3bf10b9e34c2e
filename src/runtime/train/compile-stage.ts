import { baseOf } from '../bases/base.js';
import { chooseEngine, type Engine, type ReadyToTrain, type TrainerOptions } from '../engines/index.js';
import { GraftError } from '../../common/errors.js';
import { splitPrefix, trainingLayers, type Program } from '../graph/index.js';
import type { TaskDefinition } from '../tasks/index.js';
import type { EngineName } from '../../protocol/index.js';
import type { tf } from '../tf.js';
import type { FitPlan } from './options.js';
import type { StagePlan } from './plan-stages.js';
import { flatLayers } from '../bases/flat-layers.js';

/** A stage whose model is cut in two, and whose suffix is lowered: once, for the check of its memory and for training. */
export interface CompiledStage {
  readonly stage: StagePlan;
  readonly prefix: Program | undefined;
  /** The layers of the suffix that train. */
  readonly trains: ReadonlySet<tf.layers.Layer>;
  readonly engine: Engine;
  readonly training: ReadyToTrain;
  /** Where it is not the engine of the first choice. */
  readonly warning?: string;
}

/**
 * For the chosen engine, or for `wasm` where that cannot train the suffix and nobody insisted.
 *
 * @throws GraftError that names the layer where no engine can.
 */
export function compileStage(
  model: tf.LayersModel,
  task: TaskDefinition,
  plan: FitPlan,
  stage: StagePlan,
  requested: EngineName | 'auto',
): CompiledStage {
  const { prefix, suffix } = splitPrefix(model, (layer) => stage.trains.has(layer));
  const options = { ...trainerOptions(model, plan), countsRight: task.countsRight };
  const cut = { stage, prefix, trains: trainingLayers(suffix) };
  const engine = chooseEngine(requested);
  const training = engine.compileTraining(suffix, options);
  if (training.refusal === undefined) return { ...cut, engine, training };
  if (requested !== 'auto')
    throw new GraftError(`The engine ${engine.name} cannot train this model: ${training.refusal}.`, {
      action: 'Use the engine auto.',
    });
  const fallback = chooseEngine('wasm');
  const second = fallback.compileTraining(suffix, options);
  if (second.refusal !== undefined)
    throw new GraftError(
      `No engine can train this model. ${engine.name}: ${training.refusal}; wasm: ${second.refusal}.`,
      { action: 'Freeze those layers, or replace them.' },
    );
  const warning = `Training runs on the engine wasm, more slowly: ${engine.name} does not know ${training.refusal}.`;
  return { ...cut, engine: fallback, training: second, warning };
}

function trainerOptions(model: tf.LayersModel, plan: FitPlan): TrainerOptions {
  const { loss, optimizer, globalClipnorm, learningRateMultipliers, batchSize } = plan;
  const inference = plan.batchNormalization === 'inference' ? baseNormalizations(model) : new Set<tf.layers.Layer>();
  return { loss, optimizer, globalClipnorm, learningRateMultipliers, batchSize, inference };
}

function baseNormalizations(model: tf.LayersModel): Set<tf.layers.Layer> {
  const base = baseOf(model)?.model;
  const layers = base === undefined ? [] : flatLayers(base);
  return new Set(layers.filter((layer) => layer.getClassName() === 'BatchNormalization'));
}
