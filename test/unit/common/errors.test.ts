import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nearest } from '../../../src/common/errors.js';

test('the nearest name, or none', () => {
  assert.equal(nearest('conv4_blok6_out', ['conv4_block5_out', 'conv4_block6_out', 'conv1']), 'conv4_block6_out');
  assert.equal(nearest('zzz', ['conv1']), undefined);
  // Two of three letters wrong is another word.
  assert.equal(nearest('cat', ['car', 'dog']), 'car');
  assert.equal(nearest('cat', ['cup', 'dog']), undefined);
});
