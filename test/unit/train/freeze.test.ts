import assert from 'node:assert/strict';
import { test } from 'node:test';

import { GraftError } from '../../../src/common/errors.js';
import { freeze, frozenUpTo, unfreeze } from '../../../src/runtime/train/freeze.js';
import { tinyModel } from '../../support/made-up.js';

test('freeze by name, index and depth', () => {
  const model = tinyModel();
  const trainable = () => model.layers.filter((layer) => layer.trainable).map(({ name }) => name);
  freeze(model, { upTo: 'add' });
  assert.deepEqual(trainable(), ['pool', 'dense']);
  assert.equal(frozenUpTo(model), 'add');
  freeze(model, { upTo: 2 });
  assert.deepEqual(trainable(), ['relu', 'depthwise', 'swish', 'add', 'pool', 'dense']);
  freeze(model, { upTo: -2 });
  assert.deepEqual(trainable(), ['dense']);
  freeze(model, { upTo: { depth: 0.5 } });
  assert.deepEqual(trainable(), ['relu', 'depthwise', 'swish', 'add', 'pool', 'dense']);
  freeze(model);
  assert.deepEqual(trainable(), []);
  unfreeze(model);
  assert.equal(trainable().length, model.layers.length);
  assert.throws(
    () => {
      freeze(model, { upTo: 'dens' });
    },
    (error: GraftError) => error instanceof GraftError && error.action === 'Did you mean "dense"?',
  );
  assert.throws(() => {
    freeze(model, { upTo: 99 });
  }, /has 9 layers/);
  assert.throws(() => {
    freeze(model, { upTo: { depth: 2 } });
  }, /freeze: upTo\.depth is 2/);
  model.dispose();
});
