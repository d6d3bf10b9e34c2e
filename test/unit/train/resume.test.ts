/** A training that is interrupted at any moment and resumed ends as one that was not. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { StoppedError } from '../../../src/common/errors.js';
import { fakeTraining, type FakeOptions, type FakeOutcome, type Hook } from '../../support/fake-training.js';
import { temporaryFolder } from '../../support/pictures.js';

const newRun = () => path.join(temporaryFolder(), 'r1');

const trainings: Record<string, FakeOptions> = {
  'the head alone': {},
  'head, then fine-tuning, with a test set': {
    ...{ stages: ['head', 'fine-tune'], headEpochs: 2, epochs: 2, sides: [8, 8, 4] },
  },
  'two batches to an update, mixup': {
    ...{
      stages: ['head', 'fine-tune'],
      epochs: 1,
      headEpochs: 1,
      sides: [12, 4, 0],
      gradientAccumulationSteps: 2,
      mixup: 0.3,
    },
  },
  'early stopping': {
    ...{ stages: ['head', 'fine-tune'], headEpochs: 4, epochs: 4, earlyStopping: { patience: 1 } },
    says: [0.6, 0.5, 0.9, 0.95, 0.94],
  },
};

/** What a training ends with. */
function endOf({ history, weights, state, result, error }: FakeOutcome) {
  const { best, stage } = state;
  return { history, weights, best, stage, error, evaluation: result?.evaluation, test: result?.test };
}

class Killed extends Error {}

const interruptions: Record<string, (at: Parameters<Hook>[1]) => void> = {
  killed: () => {
    throw new Killed();
  },
  stopped: ({ run }) => {
    run.control.handle('stop');
  },
};

for (const [what, options] of Object.entries(trainings)) {
  for (const [how, interrupt] of Object.entries(interruptions)) {
    for (const checkpoints of ['after every update', 'none but when asked']) {
      test(`${what}: ${how} at any moment, checkpoints ${checkpoints}`, async (t) => {
        let clock = 0;
        t.mock.method(performance, 'now', () => (clock += checkpoints === 'after every update' ? 10_000 : 0));
        const expected = await fakeTraining(newRun(), options);
        assert.equal(expected.error, undefined);
        assert.deepEqual(expected.leaks, []);
        assert.ok(expected.moments.length > 10);
        for (let at = 0; at < expected.moments.length; at++) {
          const [moment] = expected.moments.slice(at);
          const place = `${moment ?? ''}, moment ${at}`;
          const folder = newRun();
          let count = 0;
          const first = await fakeTraining(folder, options, (_, tools) => {
            if (count++ === at) interrupt(tools);
          });
          assert.deepEqual(first.leaks, [], place);
          if (how === 'killed') assert.ok(first.error instanceof Killed, place);
          else if (first.error !== undefined) {
            assert.ok(first.error instanceof StoppedError, `${place}: ${first.error.message}`);
            // Before the first step there is nothing to save.
            assert.equal(first.error.checkpoint === undefined, at === 0, place);
          }
          const second = await fakeTraining(folder, options);
          assert.deepEqual(endOf(second), endOf(expected), place);
          assert.deepEqual(second.leaks, [], place);
        }
      });
    }
  }
}
