/** Texts become the tokens of the base that they are given to: features, heads, cache, and what a report shows. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import type { RunReport } from '../../../src/protocol/index.js';
import type { NewEvent } from '../../../src/runs/event-codec.js';
import { setRandomSeed } from '../../../src/common/random.js';
import { tf } from '../../../src/runtime/tf.js';
import { extractFeatures } from '../../../src/runtime/train/features.js';
import { fit } from '../../../src/runtime/train/fit.js';
import { freeze } from '../../../src/runtime/train/freeze.js';
import { logisticRegression } from '../../../src/runtime/train/logistic-regression.js';
import { temporaryFolder } from '../../support/pictures.js';
import { inRun } from '../../support/run.js';
import { letters, textsOf, tinyBase, tinyTokenizer } from '../../support/texts.js';

function withHead({ inputs, outputs }: tf.LayersModel): tf.LayersModel {
  const head = tf.layers.dense({ units: 3, activation: 'softmax' });
  return tf.model({ inputs, outputs: head.apply(outputs) as tf.SymbolicTensor });
}

test('features are what TensorFlow.js says of the tokens of each text', async () => {
  await inRun(temporaryFolder(), async () => {
    const [base, data] = [tinyBase(), textsOf(letters())];
    const features = await extractFeatures(base, data);
    for (const [i, example] of features.train.examples.entries()) {
      const { text } = example.source as { text: string };
      const expected = tf.tidy(() => {
        const ids = [...tinyTokenizer().encode(text).ids];
        return [...(base.predict(tf.tensor2d([ids])) as tf.Tensor).dataSync()];
      });
      const row = [...features.train.data.subarray(i * 8, (i + 1) * 8)];
      assert.ok(
        row.every((value, c) => Math.abs(value - (expected[c] ?? NaN)) < 1e-6),
        example.id,
      );
    }
    const trained = await logisticRegression(features, { l2: 0.001 });
    assert.ok(trained.metrics.accuracy > 0.8, String(trained.metrics.accuracy));
    assert.equal(trained.tokenizer?.hash, tinyTokenizer().hash);
  });
});

test('a head is trained, then the table too; another tokenizer finds nothing of it in the cache', async () => {
  await inRun(temporaryFolder(), async (run) => {
    setRandomSeed(1);
    const data = textsOf(letters());
    const events: NewEvent[] = [];
    run.log.emit = (event) => void events.push(event);
    const options = { epochs: 4, headEpochs: 4, learningRate: 0.3, batchSize: 8, seed: 1 } as const;
    const { best } = await fit(withHead(tinyBase()), data, { ...options, batchSize: 1, learningRate: 0.05 });
    assert.equal(best.technique, 'fine-tuning');
    assert.ok(best.metrics.accuracy > 0.8, String(best.metrics.accuracy));

    const frozen = (longest?: number) => {
      const base = tinyBase(tinyTokenizer(longest));
      freeze(base);
      return withHead(base);
    };
    events.length = 0;
    await fit(frozen(), data, options);
    await fit(frozen(), data, options);
    await fit(frozen(64), data, options);
    const cached = events.flatMap((event) => (event.type === 'stage' ? [event.cached] : []));
    const all = data.train.length + data.validation.length;
    // The head of the first training stood on the same layers.
    assert.deepEqual(cached, [all, all, 0]);
  });
});

test('texts longer than the base takes are cut, counted, and said in log and report', async () => {
  await inRun(temporaryFolder(), async (run) => {
    const events: NewEvent[] = [];
    run.log.emit = (event) => void events.push(event);
    const list = letters().map((one, i) => (i < 3 ? { ...one, text: `${one.text} ${'roses '.repeat(40)}` } : one));
    const features = await extractFeatures(tinyBase(tinyTokenizer(32)), textsOf(list));
    await logisticRegression(features, { l2: 0.001 });
    const sentence =
      '3 of the 60 texts are longer than the 32 tokens that the base takes: what comes after those is not seen.';
    assert.ok(events.some((event) => event.type === 'warning' && event.message === sentence));
    const report = JSON.parse(readFileSync(path.join(run.folder, 'report.json'), 'utf8')) as RunReport;
    assert.equal(report.unseen, sentence);
  });
});

test('a report shows of a mistake the text and its tokens, cut', async () => {
  await inRun(temporaryFolder(), async (run) => {
    const long = `roses ${'thank '.repeat(200)}`;
    const list = letters().map((one, i) => (i % 2 === 0 ? { label: one.label, text: `${long} ${i}` } : one));
    const data = textsOf(list);
    await logisticRegression(await extractFeatures(tinyBase(), data), { l2: 0.001 });
    const { mistakes } = JSON.parse(readFileSync(path.join(run.folder, 'report.json'), 'utf8')) as RunReport;
    const mistake = mistakes.find(({ text = '' }) => text.startsWith('roses'));
    assert.equal(mistake?.text, `${long.slice(0, 399)}…`);
    assert.deepEqual(mistake?.tokens?.slice(0, 2), ['roses', 'thank']);
    assert.equal(mistake?.tokens?.length, 68);
  });
});

test('a base without a tokenizer, one of pictures, and pictures for a base of texts are refused with what to do', async () => {
  await inRun(temporaryFolder(), async () => {
    const data = textsOf(letters());
    const input = tf.input({ shape: [null] });
    const table = tf.layers.embedding({ inputDim: 9, outputDim: 2 }).apply(input) as tf.SymbolicTensor;
    const bare = tf.model({
      inputs: input,
      outputs: tf.layers.globalAveragePooling1d({}).apply(table) as tf.SymbolicTensor,
      name: 'bare',
    });
    await assert.rejects(extractFeatures(bare, data), {
      name: 'GraftError',
      message: 'bare takes no texts: it has no tokenizer.',
      action: 'Take a base for texts: applications.leaflet(), say.',
    });
    const pictures = tf.sequential({ layers: [tf.layers.flatten({ inputShape: [8, 8, 3] })] });
    await assert.rejects(extractFeatures(pictures, data), {
      name: 'GraftError',
      message: 'extractFeatures: the model takes [8, 8, 3], the texts are [?].',
      action: 'Take a base for texts: applications.leaflet(), say.',
    });
  });
});
