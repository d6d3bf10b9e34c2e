import type { EngineName } from '../../protocol/index.js';
import { baseOf, type BaseInfo } from '../applications/base.js';
import { viewCount, viewSpec, type ViewSpec } from '../data/index.js';
import { preprocess } from '../data/preprocessing.js';
import type { ImageDataset } from '../data/types.js';
import { chooseEngine, type Engine, type TrainerOptions } from '../engines/index.js';
import { GraftError } from '../errors.js';
import { layersOf, prefixRunner, splitPrefix, type Program, type Split } from '../graph/index.js';
import type { Run } from '../runs/run.js';
import type { tf } from '../tf.js';
import {
  cachedActivations,
  computedActivations,
  type ActivationSource,
  type Item,
  type Unreadable,
} from './activations.js';
import { itemTable } from './batches.js';
import { checkMemory } from './check-memory.js';
import { defaultCacheLimit, type FitPlan } from './options.js';
import type { Progress } from './progress.js';
import type { ScheduleSpec } from './specs.js';
import type { StageContext } from './stage.js';
import type { StagePlan } from './stages.js';
import { countTrainable, flatLayers } from './weights.js';

export interface StageParts {
  readonly run: Run;
  readonly model: tf.LayersModel;
  readonly data: ImageDataset;
  readonly plan: FitPlan;
  readonly info: BaseInfo;
  readonly engine: Engine;
  readonly requested: EngineName | 'auto';
  /** The layers that the user left trainable. */
  readonly layers: readonly tf.layers.Layer[];
  readonly progress: Progress;
  readonly cacheLimit: number | undefined;
  readonly memoryLimit: number | undefined;
}

export interface OpenStage {
  readonly context: StageContext;
  readonly engine: EngineName;
  readonly unreadable: readonly Unreadable[];
  dispose(): Promise<void>;
}

/** Before any work. @throws GraftError when a stage would take more memory than there is. */
export function checkStageMemory(parts: StageParts, stage: StagePlan): void {
  for (const layer of parts.layers) layer.trainable = stage.trains.has(layer);
  const { suffix } = splitPrefix(parts.model);
  const { engine, plan, memoryLimit } = parts;
  if (engine.refuses(suffix, plan.loss) === undefined) checkMemory(engine, suffix, trainerOptions(parts), memoryLimit);
  for (const layer of parts.layers) layer.trainable = true;
}

/** Prepares a stage: freezes what does not train in it, runs the prefix over the pictures, makes the trainer. */
export async function openStage(parts: StageParts, stage: StagePlan): Promise<OpenStage> {
  const { run, model, data, plan, progress } = parts;
  for (const layer of parts.layers) layer.trainable = stage.trains.has(layer);
  const split = splitPrefix(model);
  const engine = await engineFor(parts, split.suffix);

  // Without a prefix every epoch decodes anyway, so each gets views of its own; with one, a few views are cached.
  const views = split.prefix === undefined && data.augment !== undefined ? stage.epochs : viewCount(data);
  const allTrain = itemTable(data.train, views);
  const allValidation = data.validation.map((example): Item => ({ example, view: 0 }));
  const spec = viewSpec(data);
  const opened = await openSource(parts, split, spec, [...allTrain.flat(), ...allValidation]);

  const bad = new Set(opened.unreadable.map(({ example }) => example));
  const train = allTrain.filter(([item]) => item !== undefined && !bad.has(item.example));
  const validation = allValidation.filter(({ example }) => !bad.has(example));
  warnUnreadable(run, opened.unreadable);
  try {
    if (train.length === 0 || validation.length === 0) {
      throw new GraftError(`fit: no readable picture is left for ${train.length === 0 ? 'training' : 'validation'}.`, {
        action: 'Check the files that were skipped; each is named with its reason.',
      });
    }
    const trainer = await engine.trainer(split.suffix, trainerOptions(parts));
    await progress.startTrainer(trainer);
    const weights = new Map(data.train.map((example, i) => [example, plan.weights[i] ?? 1]));
    const schedule = scaled(plan.schedule, stage.rate);
    run.emit({
      type: 'stage',
      stage: stage.stage,
      epochs: stage.epochs,
      learningRate: schedule.peak,
      trainable: countTrainable(layersOf(split.suffix)),
      cached: opened.cached,
      images: allTrain.length * views + allValidation.length,
    });
    return {
      engine: engine.name,
      unreadable: opened.unreadable,
      context: {
        run,
        plan,
        stage: stage.stage,
        epochs: stage.epochs,
        schedule,
        classes: data.classes,
        outputs: Number(model.outputs[0]?.shape[1]),
        weightOf: (example) => weights.get(example) ?? 1,
        train,
        validation,
        source: opened.source,
        trainer,
        progress,
      },
      async dispose() {
        for (const layer of parts.layers) layer.trainable = true;
        await trainer.dispose();
        await opened.source.dispose();
      },
    };
  } catch (error) {
    await opened.source.dispose();
    throw error;
  }
}

async function openSource(
  { run, info, data, cacheLimit = defaultCacheLimit }: StageParts,
  split: Split,
  spec: ViewSpec,
  items: readonly Item[],
): Promise<{ source: ActivationSource; cached: number; unreadable: Unreadable[] }> {
  if (split.prefix === undefined) {
    const compute = (pixels: Uint8Array) => Promise.resolve([preprocess(pixels, info.preprocessing)]);
    return { source: computedActivations([[...data.size, 3]], spec, compute), cached: 0, unreadable: [] };
  }
  const prefix = prefixRunner(split.prefix, { preprocessing: info.preprocessing, size: data.size });
  const activations = await cachedActivations(run, prefix, spec, items, { limit: cacheLimit });
  const { source } = activations;
  return {
    ...activations,
    source: {
      batch: (batch) => source.batch(batch),
      dispose: () => Promise.all([source.dispose(), prefix.dispose()]).then(() => undefined),
    },
  };
}

/** The chosen engine, or `wasm` where it cannot train this suffix and nobody insisted. */
async function engineFor({ run, plan, engine, requested }: StageParts, suffix: Program): Promise<Engine> {
  const refusal = engine.refuses(suffix, plan.loss);
  if (refusal === undefined) return engine;
  if (requested !== 'auto')
    throw new GraftError(`The engine ${engine.name} cannot train this model: ${refusal}.`, {
      action: 'Use the engine auto.',
    });
  const fallback = await chooseEngine('wasm');
  const second = fallback.refuses(suffix, plan.loss);
  if (second !== undefined)
    throw new GraftError(`No engine can train this model. ${engine.name}: ${refusal}; wasm: ${second}.`, {
      action: 'Freeze those layers, or replace them.',
    });
  run.warn(`Training runs on the engine wasm, more slowly: ${engine.name} does not know ${refusal}.`);
  return fallback;
}

function trainerOptions({ model, plan }: StageParts): TrainerOptions {
  const { loss, optimizer, globalClipnorm, learningRateMultipliers, batchSize } = plan;
  const inference = plan.batchNormalization === 'inference' ? baseNormalizations(model) : new Set<tf.layers.Layer>();
  return { loss, optimizer, globalClipnorm, learningRateMultipliers, batchSize, inference };
}

function baseNormalizations(model: tf.LayersModel): Set<tf.layers.Layer> {
  const base = baseOf(model)?.model;
  const layers = base === undefined ? [] : flatLayers(base);
  return new Set(layers.filter((layer) => layer.getClassName() === 'BatchNormalization'));
}

function scaled(schedule: ScheduleSpec, rate: number): ScheduleSpec {
  const peak = schedule.peak * rate;
  return schedule.kind === 'cosine' ? { ...schedule, peak, floor: schedule.floor * rate } : { ...schedule, peak };
}

function warnUnreadable(run: Run, unreadable: readonly Unreadable[]): void {
  const [first] = unreadable;
  if (first === undefined) return;
  const files = new Set(unreadable.map(({ example }) => example.id)).size;
  run.warn(
    `${files === 1 ? '1 picture was' : `${files} pictures were`} left out: ${first.error.message}`,
    first.error.action,
  );
}
