import type { EngineName } from '../../protocol/index.js';
import type { BaseInfo } from '../bases/base.js';
import { viewCount, viewSpec, type ViewSpec } from '../data/index.js';
import type { ImageDataset, ImageExample } from '../data/types.js';
import { checkedRunnerOf } from '../engines/index.js';
import { present } from '../errors.js';
import { pixelInput, restOf, shapeOf, tapInputs, type Program } from '../graph/index.js';
import type { Run } from '../runs/run.js';
import type { NamedTensors } from '../tensor.js';
import type { tf } from '../tf.js';
import {
  cachedActivations,
  computedActivations,
  prefixOf,
  verdictOf,
  type CachedActivations,
  type Item,
  type Unreadable,
} from './activations.js';
import { itemTable } from './batches.js';
import type { CompiledStage } from './compile-stage.js';
import { defaultCacheLimit, type FitPlan } from './options.js';
import { picturePass, restPass } from './prefix-pass.js';
import type { Progress } from './progress.js';
import type { ScheduleSpec } from '../specs.js';
import type { StageContext } from './stage.js';
import { checkLeft, warnUnreadable } from './unreadable.js';
import { countTrainable } from './weights.js';

export interface StageParts {
  readonly run: Run;
  readonly model: tf.LayersModel;
  readonly data: ImageDataset;
  readonly plan: FitPlan;
  readonly info: BaseInfo;
  readonly progress: Progress;
  readonly cacheLimit: number | undefined;
}

export interface OpenStage {
  readonly context: StageContext;
  readonly engine: EngineName;
  readonly unreadable: readonly Unreadable[];
  dispose(): Promise<void>;
}

/**
 * Prepares a stage: runs the prefix over the pictures, makes the trainer.
 *
 * @param later the prefix of the stage after it: more of the base trains there, so that it is the beginning of this one's.
 */
export async function openStage(parts: StageParts, compiled: CompiledStage, later?: Program): Promise<OpenStage> {
  const { run, model, data, plan, progress } = parts;
  const { stage, prefix, engine } = compiled;
  if (compiled.warning !== undefined) run.warn(compiled.warning);

  // Without a prefix every epoch decodes anyway, so each gets views of its own; with one, a few views are cached.
  const views = prefix === undefined && data.augment !== undefined ? stage.epochs : viewCount(data);
  const allTrain = itemTable(data.train, views);
  const asTheyAre = (examples: readonly ImageExample[]) => examples.map((example): Item => ({ example, view: 0 }));
  const [allValidation, allTest] = [asTheyAre(data.validation), asTheyAre(data.test)];
  const spec = viewSpec(data);
  const items = [...allTrain.flat(), ...allValidation, ...allTest];
  const opened = await openActivations(parts, prefix, later, spec, items);

  const bad = new Set(opened.unreadable.map(({ example }) => example));
  const train = allTrain.filter(([item]) => item !== undefined && !bad.has(item.example));
  const readable = (side: readonly Item[]) => side.filter(({ example }) => !bad.has(example));
  const [validation, test] = [readable(allValidation), readable(allTest)];
  warnUnreadable(run, opened.unreadable);
  try {
    const labels = (items: readonly (Item | undefined)[]) => items.flatMap((item) => item?.example.label ?? []);
    checkLeft('fit', data.classes, { train: labels(train.map(([item]) => item)), validation: labels(validation) });
    const trainer = await compiled.training.open();
    await progress.startTrainer(trainer);
    const weights = new Map(data.train.map((example, i) => [example, plan.weights[i] ?? 1]));
    const schedule = scaled(plan.schedule, stage.rate);
    run.emit({
      type: 'stage',
      stage: stage.stage,
      epochs: stage.epochs,
      learningRate: schedule.peak,
      trainable: countTrainable(compiled.trains),
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
  const input = pixelInput({ preprocessing: info.preprocessing, size: data.size });
  if (prefix === undefined) {
    const scale = (given: NamedTensors) => Promise.resolve([input.compute(present(given[input.name], input.name))]);
    const pass = picturePass({ run: scale, dispose: () => Promise.resolve() }, spec, run);
    return { source: computedActivations([[...data.size, 3]], pass), cached: 0, unreadable: [] };
  }
  const fits = later !== undefined && activationBytes([prefix, later], items.length) <= limit;
  const rest = fits ? restOf(prefix, later) : undefined;
  const whole = prefixOf(prefix, [input]);
  const verdict = verdictOf(run, whole);
  const begin = async () => {
    if (rest === undefined || later === undefined)
      return picturePass(checkedRunnerOf(prefix, [input], verdict), spec, run);
    return restPass(
      checkedRunnerOf(rest, tapInputs(rest), verdict),
      await openActivations(parts, later, undefined, spec, items),
    );
  };
  return await cachedActivations(run, whole, begin, spec, items, { limit });
}

function activationBytes(prefixes: readonly Program[], items: number): number {
  const shapes = prefixes.flatMap((prefix) => prefix.outputs.map((value) => shapeOf(prefix, value)));
  return shapes.reduce((sum, shape) => sum + shape.reduce((product, size) => product * size, 4 * items), 0);
}

function scaled(schedule: ScheduleSpec, rate: number): ScheduleSpec {
  const peak = schedule.peak * rate;
  return schedule.kind === 'cosine' ? { ...schedule, peak, floor: schedule.floor * rate } : { ...schedule, peak };
}
