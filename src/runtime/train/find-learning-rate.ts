import { seedOf } from '../../common/random.js';
import { assemble, epochBatches, mixup } from './batches.js';
import { hasExploded, smoothed, suggestedRate, testedRate, testSteps } from './learning-rates.js';
import { prepared, type StageContext } from './train-epochs.js';

/** The log hears of the curve so often, so that it can be watched. */
const updatesPerEvent = 10;

/**
 * A learning-rate range test (Smith 2017): trains with a rate that rises from update to update, until the loss explodes, and says
 * which rate to train with. What it learns is thrown away.
 *
 * @throws StoppedError when the user stopped the run.
 */
export async function findLearningRate(context: StageContext): Promise<void> {
  const { run, plan, trainer } = context;
  const rates: number[] = [];
  const losses: number[] = [];
  const tell = (suggestion?: number) => {
    run.emit({
      type: 'learningRates',
      rates,
      losses,
      smoothed: smoothed(losses),
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  };
  await run.phase('train', testSteps, async (progress) => {
    progress(0);
    let update: number[] = [];
    for await (const { items, inputs, epoch, step, isLast } of batches(context)) {
      const learningRate = testedRate(rates.length, plan.optimizer);
      const seed = seedOf(plan.seed, 'learning-rate', epoch, step);
      const plain = assemble(inputs, items, context.outputs, context.weightOf, context.task.writeTarget);
      const batch = plan.mixup > 0 ? mixup(plain, plan.mixup, seed) : plain;
      const accumulate = update.length + 1 < plan.gradientAccumulationSteps && !isLast;
      const { loss } = await trainer.step(batch, { learningRate, seed, accumulate });
      update.push(loss);
      if (accumulate) continue;
      const mean = update.reduce((sum, value) => sum + value, 0) / update.length;
      update = [];
      // A loss that is no number any more ends the test, and has no place in a curve.
      if (!Number.isFinite(mean)) break;
      rates.push(learningRate);
      losses.push(mean);
      progress(rates.length);
      if (rates.length === testSteps || hasExploded(smoothed(losses))) break;
      if (rates.length % updatesPerEvent === 0) tell();
      await run.waitWhilePaused();
      run.checkStopped();
      // Engines that compute synchronously would otherwise starve the control socket.
      await new Promise((resolve) => setImmediate(resolve));
    }
    progress(testSteps);
  });
  tell(suggestedRate(rates, losses));
}

/** Training batches without end, epoch after epoch. */
async function* batches({ plan, source, train }: StageContext) {
  for (let epoch = 0; ; epoch++) {
    const all = epochBatches(train, plan.batchSize, epoch, seedOf(plan.seed, 'learning-rate', epoch));
    let step = 0;
    for await (const { items, inputs } of prepared(source, all)) {
      yield { items, inputs, epoch, step: step++, isLast: step === all.length };
    }
  }
}
