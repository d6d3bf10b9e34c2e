import type { EngineName } from '../../protocol/index.js';
import { baseOf, type BaseInfo } from '../bases/base.js';
import { viewCount, viewSpec, type ViewSpec } from '../data/index.js';
import { preprocess } from '../data/preprocessing.js';
import type { ImageDataset, ImageExample } from '../data/types.js';
import { chooseEngine, type Engine, type TrainerOptions } from '../engines/index.js';
import { GraftError } from '../errors.js';
import {
  prefixRunner,
  restOf,
  restRunner,
  shapeOf,
  splitPrefix,
  trainingLayers,
  type Program,
  type Split,
} from '../graph/index.js';
import type { Run } from '../runs/run.js';
import type { tf } from '../tf.js';
import {
  cachedActivations,
  computedActivations,
  type CachedActivations,
  type Item,
  type Unreadable,
} from './activations.js';
import { itemTable } from './batches.js';
import { checkMemory } from './check-memory.js';
import { defaultCacheLimit, type FitPlan } from './options.js';
import { picturePass, restPass } from './prefix-pass.js';
import type { Progress } from './progress.js';
import type { ScheduleSpec } from './specs.js';
import type { StageContext } from './stage.js';
import type { StagePlan } from './stages.js';
import { checkLeft, warnUnreadable } from './unreadable.js';
import { countTrainable, flatLayers } from './weights.js';

export interface StageParts {
  readonly run: Run;
  readonly model: tf.LayersModel;
  readonly data: ImageDataset;
  readonly plan: FitPlan;
  readonly info: BaseInfo;
  readonly engine: Engine;
  readonly requested: EngineName | 'auto';
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
  const { suffix } = splitAt(parts, stage);
  const { engine, plan, memoryLimit } = parts;
  if (engine.refuses(suffix, plan.loss) === undefined) checkMemory(engine, suffix, trainerOptions(parts), memoryLimit);
}

/**
 * Prepares a stage: runs the prefix over the pictures, makes the trainer.
 *
 * @param next the stage after it: more of the base trains there, so that its prefix is the beginning of this one's.
 */
export async function openStage(parts: StageParts, stage: StagePlan, next?: StagePlan): Promise<OpenStage> {
  const { run, model, data, plan, progress } = parts;
  const later = next === undefined ? undefined : splitAt(parts, next).prefix;
  const split = splitAt(parts, stage);
  const engine = await engineFor(parts, split.suffix);

  // Without a prefix every epoch decodes anyway, so each gets views of its own; with one, a few views are cached.
  const views = split.prefix === undefined && data.augment !== undefined ? stage.epochs : viewCount(data);
  const allTrain = itemTable(data.train, views);
  const asTheyAre = (examples: readonly ImageExample[]) => examples.map((example): Item => ({ example, view: 0 }));
  const [allValidation, allTest] = [asTheyAre(data.validation), asTheyAre(data.test)];
  const spec = viewSpec(data);
  const items = [...allTrain.flat(), ...allValidation, ...allTest];
  const opened = await openActivations(parts, split.prefix, later, spec, items);

  const bad = new Set(opened.unreadable.map(({ example }) => example));
  const train = allTrain.filter(([item]) => item !== undefined && !bad.has(item.example));
  const readable = (side: readonly Item[]) => side.filter(({ example }) => !bad.has(example));
  const [validation, test] = [readable(allValidation), readable(allTest)];
  warnUnreadable(run, opened.unreadable);
  try {
    const labels = (items: readonly (Item | undefined)[]) => items.flatMap((item) => item?.example.label ?? []);
    checkLeft('fit', data.classes, { train: labels(train.map(([item]) => item)), validation: labels(validation) });
    const trainer = await engine.trainer(split.suffix, trainerOptions(parts));
    await progress.startTrainer(trainer);
    const weights = new Map(data.train.map((example, i) => [example, plan.weights[i] ?? 1]));
    const schedule = scaled(plan.schedule, stage.rate);
    run.emit({
      type: 'stage',
      stage: stage.stage,
      epochs: stage.epochs,
      learningRate: schedule.peak,
      trainable: countTrainable(trainingLayers(split.suffix)),
      cached: opened.cached,
      images: allTrain.length * views + allValidation.length + allTest.length,
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
        test,
        source: opened.source,
        trainer,
        progress,
      },
      async dispose() {
        await trainer.dispose();
        await opened.source.dispose();
      },
    };
  } catch (error) {
    await opened.source.dispose();
    throw error;
  }
}

/** A stage's prefix and its suffix. */
function splitAt({ model }: StageParts, { trains }: StagePlan): Split {
  return splitPrefix(model, (layer) => trains.has(layer));
}

/**
 * What a stage's prefix says about `items`. Where a later stage's prefix is its beginning, that one's activations are made first:
 * the later stage finds them, and no picture is decoded twice.
 */
async function openActivations(
  parts: StageParts,
  prefix: Program | undefined,
  later: Program | undefined,
  spec: ViewSpec,
  items: readonly Item[],
): Promise<CachedActivations> {
  const { run, info, data, cacheLimit: limit = defaultCacheLimit } = parts;
  const { preprocessing } = info;
  if (prefix === undefined) {
    const scale = (pixels: Uint8Array) => Promise.resolve([preprocess(pixels, preprocessing)]);
    const pass = picturePass({ run: scale, dispose: () => Promise.resolve() }, spec, run);
    return { source: computedActivations([[...data.size, 3]], pass), cached: 0, unreadable: [] };
  }
  const runner = prefixRunner(prefix, { preprocessing, size: data.size });
  const fits = later !== undefined && activationBytes([prefix, later], items.length) <= limit;
  const rest = fits ? restOf(prefix, later) : undefined;
  const begin = async () => {
    if (rest === undefined || later === undefined) return picturePass(runner, spec, run);
    return restPass(restRunner(rest), await openActivations(parts, later, undefined, spec, items));
  };
  return await cachedActivations(run, runner, begin, spec, items, { limit });
}

function activationBytes(prefixes: readonly Program[], items: number): number {
  const shapes = prefixes.flatMap((prefix) => prefix.outputs.map((value) => shapeOf(prefix, value)));
  return shapes.reduce((sum, shape) => sum + shape.reduce((product, size) => product * size, 4 * items), 0);
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
