import type { EngineName } from '../../protocol/index.js';
import { present } from '../../common/errors.js';
import type { Unreadable } from './prefix-pass.js';
import type { CompiledStage } from './compile-stage.js';
import { openStage, type OpenStage, type StageParts } from './open-stage.js';
import type { Evaluated } from './evaluated.js';
import { evaluateSource, trainEpochs } from './train-epochs.js';

/** What the best epoch's weights, which the layers have then, are worth. */
export interface TrainedStages {
  readonly evaluation: Evaluated;
  /** On the test set, where there is one. */
  readonly test: Evaluated | undefined;
  readonly engine: EngineName;
  readonly unreadable: readonly Unreadable[];
}

/**
 * Trains the stages that are left, one after the other. Where none is left to train, the last one is given all the same: it is opened,
 * and evaluates.
 *
 * @param left is empty afterwards: nobody holds what a stage was compiled to when it has ended.
 */
export async function trainStages(parts: StageParts, left: CompiledStage[]): Promise<TrainedStages> {
  for (;;) {
    const stage = present(left.shift(), 'A stage');
    const next = left[0];
    const opened = await openStage(parts, stage, next?.prefix).catch((error: unknown) => {
      throw parts.progress.whileOpening(error);
    });
    if (next === undefined) return await released(opened, () => endTraining(parts, opened));
    await released(opened, () => train(parts, opened));
  }
}

async function train({ progress }: StageParts, { context }: OpenStage): Promise<void> {
  if (progress.ended) return;
  await trainEpochs(context);
  await progress.endStage(context.trainer);
}

async function endTraining(parts: StageParts, opened: OpenStage): Promise<TrainedStages> {
  const { run, progress } = parts;
  const { context, engine, unreadable } = opened;
  await train(parts, opened);
  await progress.restoreBest(context.trainer);
  return await run.phase('evaluate', undefined, async () => {
    const evaluation = progress.bestEvaluated ?? (await evaluateSource(context));
    const thresholds = context.task.tune?.(evaluation.outputs);
    const tested = { ...context, validation: context.test };
    const test = context.test.length === 0 ? undefined : await evaluateSource(tested, thresholds);
    return { evaluation, test, engine, unreadable };
  });
}

/** Frees what was opened, however the work ends. Where both fail, it is the work's error that says why. */
async function released<T>(opened: OpenStage, work: () => Promise<T>): Promise<T> {
  const result = await work().catch(async (error: unknown) => {
    await opened.dispose().catch(() => undefined);
    throw error;
  });
  await opened.dispose();
  return result;
}
