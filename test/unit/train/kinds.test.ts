/** Split, prefix, cache, training and evaluation do not know what they learn from: texts of different lengths, as numbers. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import type { NewEvent } from '../../../src/runs/event-codec.js';
import { present } from '../../../src/common/errors.js';
import { setRandomSeed } from '../../../src/common/random.js';
import { registerBase } from '../../../src/runtime/bases/base.js';
import { evaluateModel } from '../../../src/runtime/evaluate/evaluate-model.js';
import { tf } from '../../../src/runtime/tf.js';
import { extractFeatures } from '../../../src/runtime/train/features.js';
import { fit } from '../../../src/runtime/train/fit.js';
import { freeze } from '../../../src/runtime/train/freeze.js';
import { logisticRegression } from '../../../src/runtime/train/logistic-regression.js';
import { temporaryFolder } from '../../support/pictures.js';
import { inRun } from '../../support/run.js';
import { readIds, readTokens } from '../../support/tokens.js';

const words = 12;

/** Texts of `even` have more even words. The last two are the same text. */
function texts(): string {
  const lines = Array.from({ length: 40 }, (_, i) => {
    const label = i % 2 === 0 ? 'even' : 'odd';
    const length = 3 + (i % 5);
    return [label, ...Array.from({ length }, (_, j) => (2 * ((i * 7 + j * 5) % 6) + (i % 2)) % words)].join(' ');
  });
  const file = path.join(temporaryFolder(), 'texts.txt');
  writeFileSync(file, [...new Set(lines), lines[0]].join('\n'));
  return file;
}

/** [length] → [length, 4]; with a pool, → [4]. */
function base(pool: boolean): tf.LayersModel {
  const input = tf.input({ shape: [null] });
  let x = tf.layers.embedding({ inputDim: words, outputDim: 4, name: 'table' }).apply(input) as tf.SymbolicTensor;
  if (pool) x = tf.layers.globalAveragePooling1d({}).apply(x) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: x, name: 'base' });
  const values = Float32Array.from({ length: words * 4 }, (_, i) => Math.sin(1 + i * i));
  tf.tidy(() => {
    model.setWeights([tf.tensor2d(values, [words, 4])]);
  });
  registerBase(model, { name: 'base', preprocessing: 'none', weights: 'made up', hash: 'h' });
  freeze(model);
  return model;
}

function withHead({ inputs, outputs }: tf.LayersModel, pool: boolean): tf.LayersModel {
  let x = present(outputs[0], 'An output');
  if (pool) {
    x = tf.layers.dense({ units: 4 }).apply(x) as tf.SymbolicTensor;
    x = tf.layers.globalAveragePooling1d({}).apply(x) as tf.SymbolicTensor;
  }
  const head = tf.layers.dense({ units: 2, activation: 'softmax' });
  return tf.model({ inputs, outputs: head.apply(x) as tf.SymbolicTensor });
}

const options = { epochs: 8, learningRate: 0.5, batchSize: 8, seed: 1 } as const;

test('texts are split and learnt; each is read once, and by the next training not at all', async () => {
  const file = texts();
  await inRun(temporaryFolder(), async (run) => {
    setRandomSeed(1);
    const data = await readTokens(file);
    assert.deepEqual(data.classes, ['even', 'odd']);
    assert.equal(data.report.duplicates.length, 1);
    const all = [...data.train, ...data.validation];
    readIds.length = 0;
    const { best } = await fit(withHead(base(true), false), data, options);
    assert.deepEqual([...readIds].sort(), all.map(({ id }) => id).sort());
    assert.ok(best.metrics.accuracy > 0.9, String(best.metrics.accuracy));

    const evaluation = await evaluateModel(best, file);
    assert.equal(evaluation.images, all.length);
    assert.deepEqual(evaluation.seen, { trained: data.train.length, validated: data.validation.length });

    readIds.length = 0;
    const events: NewEvent[] = [];
    run.log.emit = (event) => void events.push(event);
    const again = await fit(withHead(base(true), false), data, { ...options, epochs: 1 });
    assert.deepEqual(readIds, []);
    assert.ok(events.some((event) => event.type === 'stage' && event.cached === all.length));
    assert.equal(again.best.kind, data.kind);
  });
});

test('what TensorFlow.js says of each text by itself is what its features are', async () => {
  await inRun(temporaryFolder(), async () => {
    const data = await readTokens(texts());
    const model = base(true);
    const features = await extractFeatures(model, data);
    for (const [i, example] of features.train.examples.entries()) {
      const ids: number[] = [];
      for await (const view of data.kind.views(data).read([{ example, view: 0 }]))
        if ('tensors' in view) ids.push(...Array.from(present(view.tensors['ids'], 'ids').data, Number));
      const expected = tf.tidy(() => [...(model.predict(tf.tensor2d([ids])) as tf.Tensor).dataSync()]);
      const row = [...features.train.data.subarray(i * 4, (i + 1) * 4)];
      assert.ok(
        row.every((value, c) => Math.abs(value - (expected[c] ?? NaN)) < 1e-6),
        example.id,
      );
    }
    const trained = await logisticRegression(features, { l2: 0.01 });
    assert.ok(trained.metrics.accuracy > 0.9);
  });
});

test('where a batch would be of several sizes it is refused; one at a time they are learnt', async () => {
  const file = texts();
  await inRun(temporaryFolder(), async () => {
    const data = await readTokens(file);
    await assert.rejects(fit(withHead(base(false), true), data, options), {
      name: 'GraftError',
      message:
        /^The frozen layers give \[\d, 4\] for texts\.txt#\d+ and \[\d, 4\] for texts\.txt#\d+: a batch must be of one size there\.$/,
    });
    const { best } = await fit(withHead(base(false), true), data, { ...options, batchSize: 1, learningRate: 0.1 });
    assert.ok(best.metrics.accuracy > 0.9, String(best.metrics.accuracy));
  });
});
