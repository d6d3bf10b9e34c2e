import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { BaseOption } from '../../../src/protocol/index.js';
import { baseFacts, byFamily, numbersOf, translator } from '../../../src/words/index.js';

const base: BaseOption = {
  ...{ id: 'resnet50', label: 'ResNet50', family: 'ResNet', size: [224, 224], parameters: 23_587_712, licence: 'MIT' },
  ...{ weights: 'download', bytes: 94_350_848, freezePoints: [], defaultFreezePoint: undefined },
};

test('a base is said with what is known of it', () => {
  const said = (more: Partial<BaseOption>) =>
    baseFacts(translator({}), numbersOf('en'), { ...base, ...more }).join(' · ');
  assert.equal(
    said({ accuracy: 0.749, secondsPerPicture: 0.0188 }),
    '224 × 224 pixels · 23.6 M parameters · 94 MB · 74.9 % on ImageNet · MIT · 0.019 s per picture on this machine',
  );
  assert.equal(said({ licence: '' }), '224 × 224 pixels · 23.6 M parameters · 94 MB');
});

test('bases of one family are beside each other', () => {
  const of = (id: string, family: string) => ({ id, family });
  const families = byFamily([of('a1', 'a'), of('b1', 'b'), of('a2', 'a'), { id: 'file' }] as BaseOption[]);
  assert.deepEqual(
    families.map((bases) => bases.map(({ id }) => id)),
    [['a1', 'a2'], ['b1'], ['file']],
  );
});
