import type { EngineName } from '../../protocol/index.js';
import type { Dataset, Example, Item } from '../data/index.js';
import { type Program } from '../graph/index.js';
import type { Run } from '../run/run.js';
import { taskDefinitions } from '../tasks/index.js';
import type { Trainer } from '../engines/types.js';
import type { tf } from '../tf.js';
import type { CachedActivations } from './activations.js';
import type { Unreadable } from './prefix-pass.js';
import { itemTable } from './batches.js';
import type { CompiledStage } from './compile-stage.js';
import type { FitPlan } from './options.js';
import type { Progress } from './progress.js';
import type { ScheduleSpec } from '../engines/specs.js';
import type { StageContext } from './train-epochs.js';
import { checkLeft, warnUnreadable } from './unreadable.js';
import { countTrainable } from './weights.js';

export interface StageParts {
  readonly run: Run;
  readonly model: tf.LayersModel;
  readonly data: Dataset;
  readonly plan: FitPlan;
  readonly progress: Progress;
  /** What a stage's prefix, undefined for none, says about examples; `later` is the prefix of the stage after it. */
  readonly activations: (
    prefix: Program | undefined,
    later: Program | undefined,
    items: readonly Item[],
    isWholeBase: boolean,
  ) => Promise<CachedActivations>;
}

export interface OpenStage {
  readonly context: StageContext;
  readonly engine: EngineName;
  readonly unreadable: readonly Unreadable[];
  dispose(): Promise<void>;
}

/**
 * Prepares a stage: runs the prefix over the examples, makes the trainer.
 *
 * @param later the prefix of the stage after it: more of the base trains there, so that it is the beginning of this one's.
 */
export async function openStage(parts: StageParts, compiled: CompiledStage, later?: Program): Promise<OpenStage> {
  const { run, model, data, plan, progress } = parts;
  const task = taskDefinitions[data.task];
  const { stage, prefix, engine } = compiled;
  if (compiled.warning !== undefined) run.warn(compiled.warning);

  // Without a prefix every epoch reads them anyway, so each gets views of its own; with one, a few views are cached.
  const { count, random } = data.kind.views(data);
  const views = prefix === undefined && random ? stage.epochs : count;
  const allTrain = itemTable(data.train, views);
  const asTheyAre = (examples: readonly Example[]) => examples.map((example): Item => ({ example, view: 0 }));
  const [allValidation, allTest] = [asTheyAre(data.validation), asTheyAre(data.test)];
  const items = [...allTrain.flat(), ...allValidation, ...allTest];
  const opened = await parts.activations(prefix, later, items, prefix !== undefined && stage.stage === 'head');

  const bad = new Set(opened.unreadable.map(({ example }) => example));
  const train = allTrain.filter(([item]) => item !== undefined && !bad.has(item.example));
  const readable = (side: readonly Item[]) => side.filter(({ example }) => !bad.has(example));
  const [validation, test] = [readable(allValidation), readable(allTest)];
  let trainer: Trainer | undefined;
  const dispose = async () => {
    try {
      await trainer?.dispose();
    } finally {
      await opened.source.dispose();
    }
  };
  try {
    warnUnreadable(run, opened.unreadable, data.kind.words);
    const labels = (items: readonly (Item | undefined)[]) =>
      items.flatMap((item) => (item === undefined ? [] : [item.example.label]));
    const left = { train: labels(train.map(([item]) => item)), validation: labels(validation) };
    checkLeft('fit', task, data.classes, left, data.kind.words);
    trainer = await compiled.training.open();
    await progress.startTrainer(trainer);
    const examples = train.flatMap(([item]) => (item === undefined ? [] : [() => opened.source.batch([item])]));
    const checked = await trainer.check(examples);
    if (checked === 'too slow') {
      const text = `What trains (${stage.stage}) is not compared with TensorFlow.js, which would take too long for it.`;
      run.emit({ type: 'log', level: 'info', text });
    }
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
        task,
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
      dispose,
    };
  } catch (error) {
    await dispose().catch(() => undefined);
    throw error;
  }
}

function scaled(schedule: ScheduleSpec, rate: number): ScheduleSpec {
  const peak = schedule.peak * rate;
  return schedule.kind === 'cosine' ? { ...schedule, peak, floor: schedule.floor * rate } : { ...schedule, peak };
}
