import assert from 'node:assert/strict';
import { test } from 'node:test';

import { baseInScript } from '../../../src/runtime/scaffold/base-in-script.js';

for (const [name, written] of [
  [
    'mobilenet-v2-0.5',
    "applications.mobileNetV2({ alpha: 0.5, weights: 'imagenet', includeTop: false, inputShape: [224, 224, 3] })",
  ],
  [
    'mobilenet-v3-small-minimalistic',
    "applications.mobileNetV3Small({ minimalistic: true, weights: 'imagenet', includeTop: false, inputShape: [224, 224, 3] })",
  ],
  ['resnet101v2', "applications.resNet101V2({ weights: 'imagenet', includeTop: false, inputShape: [224, 224, 3] })"],
] as const)
  test(`a script calls ${name} as the library does`, async () => {
    const { expression } = await baseInScript(name, {}, (file) => file);
    assert.equal(expression.text, written);
  });

test('what becomes of the pixels is said of bases by name too, and how that is known', async () => {
  for (const [name, preprocessing, pixels] of [
    ['resnet50', 'caffe', 'BGR, minus 103.939, 116.779, 123.68'],
    ['mobilenet-v2', 'tf', 'from −1 to 1'],
    ['sapling', 'tf', 'from −1 to 1'],
  ] as const) {
    const { decision } = await baseInScript(name, {}, (file) => file);
    assert.deepEqual(decision, { preprocessing, pixels, why: 'The network of this name was trained so.' }, name);
  }
});
