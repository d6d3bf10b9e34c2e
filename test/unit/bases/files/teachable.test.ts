import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { teachableText } from '../../../../src/extension/lenses/text.js';
import { readTeachable } from '../../../../src/runtime/bases/files/teachable.js';
import { baseOf } from '../../../../src/runtime/bases/base.js';
import { loadBase } from '../../../../src/runtime/bases/load-base.js';
import { layersModelFiles } from '../../../../src/runtime/export/saved-model.js';
import { describeBase } from '../../../../src/runtime/scaffold/describe-base.js';
import { describeModel } from '../../../../src/runtime/service/describe-model.js';
import { tf } from '../../../../src/runtime/tf.js';
import { temporaryFolder } from '../../../support/pictures.js';

/** A model for three classes, with a metadata.json as Teachable Machine writes it. */
async function exported(metadata: object): Promise<string> {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', inputShape: [16, 16, 3], name: 'conv' }),
      tf.layers.globalAveragePooling2d({ name: 'pool' }),
      tf.layers.dense({ units: 3, activation: 'softmax', name: 'scores' }),
    ],
  });
  const { topology, weights } = await layersModelFiles(model);
  model.dispose();
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'model.json'), topology);
  writeFileSync(path.join(folder, 'weights.bin'), weights);
  writeFileSync(path.join(folder, 'metadata.json'), JSON.stringify(metadata));
  return path.join(folder, 'model.json');
}

const its = { tfjsVersion: '1.7.4', tmVersion: '2.4.7', packageName: '@teachablemachine/image', imageSize: 16 };

test("the classes of Teachable Machine's export are shown by the viewer, the lens, pickers and the log", async () => {
  const labels = ['cat', 'dog', '[bird](x)'];
  const file = await exported({ ...its, labels });

  const { classes, task, facts } = await describeModel(file);
  assert.deepEqual({ classes, task }, { classes: labels, task: 'classification' });
  assert.deepEqual(facts, {
    Input: '[N × 16 × 16 × 3]',
    Output: '[N × 3]',
    'Made by': 'Teachable Machine',
    Pictures: '16 × 16',
  });

  const info = await readTeachable(file);
  assert.ok(info !== undefined);
  assert.equal(teachableText(info), 'Teachable Machine: cat, dog, [bird](x)');
  const many = Array.from({ length: 9 }, (_, i) => `c${i}`);
  assert.equal(teachableText({ labels: many }), 'Teachable Machine: c0, c1, c2, c3, c4, c5, c6, c7, …');

  const option = await describeBase(file);
  assert.deepEqual(
    { classes: option.classes, weights: option.weights, preprocessing: option.preprocessing },
    { classes: labels, weights: 'given', preprocessing: 'tf' },
  );

  const base = await loadBase(file);
  assert.equal(
    baseOf(base)?.info.why,
    'Teachable Machine, which exported it (cat, dog, [bird](x)), prepares its pictures so.',
  );
  base.dispose();
});

for (const [what, metadata] of [
  ['for other outputs', { ...its, labels: ['cat', 'dog'] }],
  ['of another program', { labels: ['cat', 'dog', 'bird'] }],
] as const)
  test(`names of classes ${what} are not shown as those of the model`, async () => {
    const file = await exported(metadata);
    assert.equal((await describeModel(file)).classes, undefined);
    assert.equal((await describeBase(file).catch(() => ({ classes: undefined }))).classes, undefined);
  });
