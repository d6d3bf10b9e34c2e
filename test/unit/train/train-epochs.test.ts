/** What the training loop decides, with a trainer that computes nothing. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

import { GraftError, StoppedError } from '../../../src/common/errors.js';
import { cosine, learningRateAt, step } from '../../../src/runtime/train/schedules.js';
import { fakeTraining, type FakeOptions, type FakeOutcome } from '../../support/fake-training.js';
import { temporaryFolder } from '../../support/pictures.js';

const newRun = () => path.join(temporaryFolder(), 'r1');
const half = [0.9, 0.9, 0.1, 0.1];
const threeQuarters = [0.9, 0.9, 0.9, 0.1];

const endings: readonly {
  readonly what: string;
  readonly options: FakeOptions;
  /** Epochs that were trained, in each stage. */
  readonly epochs: readonly number[];
  /** Stage and epoch of the best one, and its number in the history, whose weights the layers have at the end. */
  readonly best: readonly [string, number, number];
}[] = [
  {
    what: 'without early stopping every epoch is trained, and the best one kept',
    options: { epochs: 4, says: [half, 0.9, threeQuarters, half] },
    ...{ epochs: [4], best: ['head', 2, 1] },
  },
  {
    what: 'nothing gets better: patience epochs after the first',
    options: { epochs: 9, earlyStopping: { patience: 2 }, says: [0.6, 0.6, 0.6, 0.6] },
    ...{ epochs: [3], best: ['head', 1, 0] },
  },
  {
    what: 'patience is 3 where none is given',
    options: { epochs: 9, earlyStopping: {}, says: [0.6, 0.6, 0.6, 0.6, 0.6] },
    ...{ epochs: [4], best: ['head', 1, 0] },
  },
  {
    what: 'the loss falls while the accuracy stays: it goes on, and the loss breaks the tie',
    options: { epochs: 4, earlyStopping: { patience: 1 }, says: [0.6, 0.7, 0.8, 0.9] },
    ...{ epochs: [4], best: ['head', 4, 3] },
  },
  {
    what: 'the loss rises and the accuracy too: the accuracy decides',
    options: { epochs: 2, earlyStopping: { patience: 1 }, says: [[0.9, 0.9, 0.9, 0.4], 0.51] },
    ...{ epochs: [2], best: ['head', 2, 1] },
  },
  {
    what: 'the same with the loss as the monitor: the loss decides',
    options: { epochs: 3, earlyStopping: { patience: 1, monitor: 'loss' }, says: [[0.9, 0.9, 0.9, 0.4], 0.51, 0.9] },
    ...{ epochs: [2], best: ['head', 1, 0] },
  },
  {
    what: 'an exact tie: the earlier one',
    options: { epochs: 3, says: [0.9, 0.9, 0.9] },
    ...{ epochs: [3], best: ['head', 1, 0] },
  },
  {
    what: 'an epoch that is worse in between costs patience; one that is better gives it back',
    options: { epochs: 9, earlyStopping: { patience: 2 }, says: [half, 0.55, half, 0.9, half, half, 0.95] },
    ...{ epochs: [6], best: ['head', 4, 3] },
  },
  {
    what: 'minDelta of the loss: small steps do not count, their sum does',
    options: {
      ...{ epochs: 9, earlyStopping: { patience: 3, monitor: 'loss', minDelta: 0.1 } },
      says: [0.6, 0.63, 0.66, 0.69, 0.69, 0.69, 0.69],
    },
    ...{ epochs: [7], best: ['head', 4, 3] },
  },
  {
    what: 'minDelta of the accuracy: with it, the loss breaks no tie',
    options: { epochs: 3, earlyStopping: { minDelta: 0.25 }, says: [half, threeQuarters, 0.6] },
    ...{ epochs: [3], best: ['head', 3, 2] },
  },
  {
    what: 'each stage has its patience; the best of both stays',
    options: {
      ...{ stages: ['head', 'fine-tune'], headEpochs: 5, epochs: 5, earlyStopping: { patience: 1 } },
      says: [0.6, 0.9, half, threeQuarters, half],
    },
    ...{ epochs: [3, 2], best: ['head', 2, 1] },
  },
  {
    what: 'fine-tuning that is better',
    options: { stages: ['head', 'fine-tune'], headEpochs: 1, epochs: 2, says: [half, 0.9, threeQuarters] },
    ...{ epochs: [1, 2], best: ['fine-tune', 1, 1] },
  },
];

for (const { what, options, epochs, best } of endings) {
  test(`best epoch: ${what}`, async () => {
    const { error, history, state, weights, result, events } = await fakeTraining(newRun(), options);
    assert.equal(error, undefined);
    const stages = options.stages ?? ['head'];
    assert.deepEqual(
      stages.map((stage) => history.filter((epoch) => epoch.stage === stage).length),
      epochs,
    );
    assert.deepEqual([state.best?.stage, state.best?.epoch, weights[0]], best);
    assert.deepEqual(result?.evaluation.figures.metrics, history[best[2]]?.validation);
    const marked = events.flatMap((event) => (event.type === 'epoch' && event.best ? [event.epoch] : []));
    assert.equal(marked.at(-1), best[1]);
  });
}

const astray: readonly {
  readonly what: string;
  readonly options: FakeOptions;
  readonly losses?: Readonly<Record<string, number>>;
  readonly message: string;
}[] = [
  ...[NaN, Infinity, -Infinity].map((loss) => ({
    what: `a loss of ${loss}`,
    ...{ options: {}, losses: { 'step head 2.1': loss } },
    message: `The training loss became ${loss} in step 1 of epoch 2 (head) at a learning rate of 0.100.`,
  })),
  {
    what: 'a validation loss of NaN',
    options: { says: [0.9, NaN] },
    message: 'The validation loss became NaN in epoch 2 (head) at a learning rate of 0.100.',
  },
];
for (const { what, options, losses = {}, message } of astray) {
  test(`${what}: the training fails, says where, and frees what it had`, async () => {
    const { error, leaks, events, history } = await fakeTraining(newRun(), options, (moment) => losses[moment]);
    assert.ok(error instanceof GraftError);
    assert.equal(error.message, message);
    assert.match(error.action, /^Lower learningRate/);
    assert.deepEqual(leaks, []);
    assert.deepEqual(phases(events), ['train started', 'train failed']);
    // Nothing is told of an epoch that is none.
    assert.equal(history.length, 1);
  });
}

function phases(events: FakeOutcome['events']): string[] {
  return events.flatMap((event) => (event.type === 'phase' ? [`${event.phase} ${event.state}`] : []));
}

const rates = (outcome: FakeOutcome) => outcome.steps.map(({ learningRate }) => Number(learningRate.toFixed(4)));

test('the learning rate of each step: over all steps of its stage, one for each update', async () => {
  const schedule = cosine({ peak: 1, warmup: 0.25, floor: 0.2 });
  assert.deepEqual(
    rates(await fakeTraining(newRun(), { epochs: 4, learningRate: schedule })),
    [0.5, 1, 1, 0.9464, 0.8, 0.6, 0.4, 0.2536],
  );
  const accumulated = { sides: [20, 4, 0], gradientAccumulationSteps: 2, epochs: 2 } as const;
  const steps = await fakeTraining(newRun(), { ...accumulated, learningRate: step({ peak: 1, every: 0.5 }) });
  // Five batches are three updates; the last one of an epoch has one batch.
  assert.deepEqual(rates(steps), [1, 1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.1]);
  assert.deepEqual(
    steps.steps.map(({ accumulate }) => accumulate),
    [true, false, true, false, false, true, false, true, false, false],
  );
  assert.deepEqual(
    steps.history.map(({ learningRate }) => learningRate),
    [learningRateAt(step({ peak: 1, every: 0.5 }), 2, 6), learningRateAt(step({ peak: 1, every: 0.5 }), 5, 6)],
  );
});

test('every epoch has an order of its own, every step a seed of its own; both are the same again with the same seed', async () => {
  const options: FakeOptions = { stages: ['head', 'fine-tune'], headEpochs: 2, epochs: 2, sides: [40, 4, 0], seed: 3 };
  const { steps } = await fakeTraining(newRun(), options);
  const orderOf = (epoch: string) => steps.filter(({ moment }) => moment.includes(epoch)).flatMap(({ ids }) => ids);
  const orders = ['head 1.', 'head 2.', 'fine-tune 1.', 'fine-tune 2.'].map(orderOf);
  for (const order of orders)
    assert.deepEqual(
      [...order].sort((a, b) => a - b),
      Array.from({ length: 40 }, (_, i) => i),
    );
  assert.equal(new Set(orders.map(String)).size, 4);
  assert.equal(new Set(steps.map(({ seed }) => seed)).size, 40);
  assert.deepEqual((await fakeTraining(newRun(), options)).steps, steps);
  const other = await fakeTraining(newRun(), { ...options, seed: 4 });
  assert.notDeepEqual(
    other.steps.map(({ ids }) => ids),
    steps.map(({ ids }) => ids),
  );
});

test('what the log is told, in its order and with its counts', async () => {
  const { events } = await fakeTraining(newRun(), {
    ...{ stages: ['head', 'fine-tune'], headEpochs: 1, epochs: 3, sides: [6, 4, 4], earlyStopping: { patience: 1 } },
    says: [half, 0.9, half],
  });
  const told = events.map((event) => {
    if (event.type === 'phase')
      return `${event.phase} ${event.state}${event.total === undefined ? '' : ` of ${event.total}`}`;
    if (event.type === 'progress') return `  ${event.done} of ${event.total}`;
    if (event.type === 'stage')
      return `${event.stage}: ${event.epochs} epochs, ${event.images} images, ${event.trainable} numbers`;
    if (event.type === 'batch')
      return `  ${event.stage} ${event.epoch}: ${event.step} of ${event.steps}, accuracy ${event.accuracy}`;
    if (event.type === 'epoch')
      return `  ${event.stage} ${event.epoch} of ${event.epochs}${event.best ? ', best' : ''}`;
    return event.type === 'checkpoint' ? `  checkpoint ${event.stage} ${event.epoch}.${event.step}` : event.type;
  });
  assert.deepEqual(told, [
    ...['head: 1 epochs, 14 images, 2 numbers', 'train started of 1', '  0 of 1'],
    ...['  head 1: 1 of 2, accuracy 0.5', '  head 1: 2 of 2, accuracy 0.5', '  head 1 of 1, best'],
    ...['  1 of 1', '  1 of 1', 'train ended', '  checkpoint fine-tune 0.0'],
    ...['fine-tune: 3 epochs, 14 images, 2 numbers', 'train started of 3', '  0 of 3'],
    ...['  fine-tune 1: 1 of 2, accuracy 0.5', '  fine-tune 1: 2 of 2, accuracy 0.5', '  fine-tune 1 of 3, best'],
    ...['  1 of 3'],
    ...['  fine-tune 2: 1 of 2, accuracy 0.5', '  fine-tune 2: 2 of 2, accuracy 0.5', '  fine-tune 2 of 3'],
    // Patience ends it: the last one is never dropped.
    ...['  2 of 3', '  3 of 3', 'train ended', '  checkpoint fine-tune 0.0', 'evaluate started', 'evaluate ended'],
  ]);
});

const cadences = [
  { what: 'a cheap one: every second', costMs: 10, stepMs: 100, every: 11 },
  { what: 'one that takes a second: every twenty', costMs: 1_000, stepMs: 500, every: 41 },
  { what: 'steps that take longer: after each', costMs: 10, stepMs: 5_000, every: 1 },
];
for (const { what, costMs, stepMs, every } of cadences) {
  test(`checkpoints cost a twentieth of the time at most; ${what}`, async (t) => {
    let clock = 0;
    let isSaving = false;
    t.mock.method(performance, 'now', () => clock);
    const { steps, events } = await fakeTraining(
      newRun(),
      // One epoch: nothing else pulls the weights.
      { epochs: 1, sides: [600, 4, 0] },
      (moment, { run }) => {
        // What the first one costs is guessed.
        if (moment === 'step head 1.1') run.control.handle('checkpoint');
        if (moment.startsWith('step')) clock += stepMs;
        isSaving = moment === 'pull' && !isSaving;
        if (isSaving) clock += costMs;
      },
    );
    assert.equal(steps.length, 150);
    const saved = events.flatMap((event) => (event.type === 'checkpoint' && event.epoch === 0 ? [event.step] : []));
    const during = saved.slice(0, saved.lastIndexOf(0));
    assert.deepEqual(
      during,
      Array.from({ length: Math.ceil(150 / every) }, (_, i) => 1 + i * every),
    );
  });
}

test('asked for a checkpoint, it saves one after the step, once', async () => {
  const { events } = await fakeTraining(newRun(), {}, (moment, { run }) => {
    if (moment === 'step head 1.2') run.control.handle('checkpoint');
  });
  const saved = events.flatMap((event) => (event.type === 'checkpoint' ? [`${event.epoch}.${event.step}`] : []));
  assert.deepEqual(saved, ['0.2', '0.0']);
});

test('asked to stop, it ends after the step or the batch that it is at, and says what was stopped', async () => {
  const options: FakeOptions = { stages: ['head', 'fine-tune'], headEpochs: 1, epochs: 1, sides: [12, 12, 12] };
  const { moments } = await fakeTraining(newRun(), options);
  for (const [at, asked] of moments.entries()) {
    let count = 0;
    const {
      error,
      events,
      moments: seen,
    } = await fakeTraining(newRun(), options, (_, { run }) => {
      if (count++ === at) run.control.handle('stop');
    });
    const after = seen.slice(at + 1).filter((moment) => /^(step|predict)/.test(moment));
    const place = `${asked}, moment ${at}: ${after.join(', ')}`;
    if (error === undefined) {
      // The last batch of the last evaluation is done: there is nothing left to stop.
      assert.equal(
        moments.slice(at + 1).find((moment) => /^(step|predict)/.test(moment)),
        undefined,
        place,
      );
      continue;
    }
    assert.ok(error instanceof StoppedError, place);
    assert.ok(after.length <= 1, place);
    const ends = phases(events).filter((phase) => !phase.endsWith('started'));
    assert.ok(
      ends.slice(0, -1).every((phase) => phase.endsWith('ended')),
      place,
    );
  }
});

test('a pause holds it between two steps, and is no time of the epoch', async (t) => {
  let clock = 0;
  t.mock.method(performance, 'now', () => clock);
  const hour = 3_600_000;
  const { events, state } = await fakeTraining(newRun(), { epochs: 1 }, (moment, { run }) => {
    if (moment.startsWith('step')) clock += 100;
    if (moment !== 'step head 1.1') return;
    run.control.handle('pause');
    void turn().then(() => {
      clock += hour;
      run.control.handle('continue');
    });
  });
  const types = events.map(({ type }) => type).filter((type) => ['batch', 'paused', 'continued'].includes(type));
  assert.deepEqual(types, ['batch', 'paused', 'continued', 'batch']);
  assert.equal(state.history[0]?.ms, 200);
  assert.deepEqual(
    events.flatMap((event) => (event.type === 'batch' ? [event.imagesPerSecond] : [])),
    [40, 40],
  );
});

test('paused and asked to stop, it stops', async () => {
  const { error, steps } = await fakeTraining(newRun(), {}, (moment, { run }) => {
    if (moment !== 'step head 1.1') return;
    run.control.handle('pause');
    void turn().then(() => {
      run.control.handle('stop');
    });
  });
  assert.ok(error instanceof StoppedError);
  assert.equal(steps.length, 1);
});

test('what is left is reckoned from the epochs of this execution', async (t) => {
  let clock = 0;
  t.mock.method(performance, 'now', () => clock);
  const folder = newRun();
  const train = async (last: string) =>
    await fakeTraining(folder, { epochs: 10 }, (moment, { run }) => {
      if (moment.startsWith('step')) clock += 500;
      if (moment === last) run.control.handle('stop');
    });
  await train('step head 8.1');
  const { events } = await train('step head 10.1');
  assert.deepEqual(
    events.flatMap((event) => (event.type === 'progress' ? [[event.done, event.perSecond, event.etaMs]] : [])),
    [
      [7, 0, 0],
      [8, 2, 1000],
      [9, 2 / 1.5, 750],
    ],
  );
});

test('where the work fails and then the release of what it had, the work says why; all is released', async () => {
  for (const fails of ['step head 1.1', 'restore']) {
    const folder = newRun();
    if (fails === 'restore')
      await fakeTraining(folder, {}, (moment, { run }) => {
        if (moment === 'step head 1.1') run.control.handle('stop');
      });
    const { error, leaks } = await fakeTraining(folder, {}, (moment) => {
      if (moment === fails || moment.startsWith('close')) throw new Error(moment);
    });
    assert.equal(error?.message, fails);
    assert.deepEqual(leaks, []);
  }
});
