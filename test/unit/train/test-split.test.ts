import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import type { RunEvent, RunReport } from '../../../src/protocol/index.js';
import type { Io } from '../../../src/runtime/cli/io.js';
import { EventPrinter } from '../../../src/runtime/cli/show.js';
import { printResult } from '../../../src/runtime/cli/train.js';
import type { ImageDataset } from '../../../src/runtime/data/index.js';
import { present } from '../../../src/common/errors.js';
import { loadModel } from '../../../src/runtime/export/saved-model.js';
import { imageFolder } from '../../../src/runtime/index.js';
import { reportContent } from '../../../src/runtime/report/content.js';
import { htmlReport } from '../../../src/runtime/report/html.js';
import { readRun } from '../../../src/runs/read.js';
import { setRandomSeed } from '../../../src/common/random.js';
import { tf } from '../../../src/runtime/tf.js';
import { extractFeatures } from '../../../src/runtime/train/features.js';
import { fit } from '../../../src/runtime/train/fit.js';
import { logisticRegression } from '../../../src/runtime/train/logistic-regression.js';
import { constant } from '../../../src/runtime/train/schedules.js';
import { events, report as reportOf } from '../../support/cli.js';
import { pictureFolder, temporaryFolder } from '../../support/pictures.js';
import { inRun } from '../../support/run.js';

const pictures = await pictureFolder(['a', 'b'], 20);

/** Trains in a run of its own. */
async function trained(
  train: (data: ImageDataset) => Promise<unknown>,
  change: (data: ImageDataset) => ImageDataset = (data) => data,
): Promise<{ folder: string; report: RunReport; events: RunEvent[] }> {
  return await inRun(temporaryFolder(), async ({ folder }) => {
    setRandomSeed(1);
    await train(change(await imageFolder(pictures, { size: [16, 16], seed: 1, test: 0.2 })));
    return { folder, report: reportOf(folder), events: events(folder) };
  });
}

function network(): tf.LayersModel {
  const input = tf.input({ shape: [16, 16, 3] });
  const x = tf.layers.conv2d({ filters: 4, kernelSize: 3 }).apply(input);
  return tf.model({ inputs: input, outputs: tf.layers.globalAveragePooling2d({}).apply(x) as tf.SymbolicTensor });
}

const ways: Record<string, (data: ImageDataset) => Promise<unknown>> = {
  logisticRegression: async (data) => logisticRegression(await extractFeatures(network(), data), { l2: 0.1 }),
  fit: async (data) => {
    const base = network();
    const dense = tf.layers.dense({ units: 2, activation: 'softmax' });
    const model = tf.model({ inputs: base.inputs, outputs: dense.apply(base.outputs) as tf.SymbolicTensor });
    await fit(model, data, { epochs: 3, learningRate: constant({ peak: 0.05 }) });
  },
};

for (const [name, train] of Object.entries(ways)) {
  test(`${name}: the test set is reported apart, and nothing is chosen by it`, async () => {
    const { folder, report, events } = await trained(train);
    const tested = present(report.test, 'The test block');
    assert.equal(tested.count, 8);
    assert.equal(
      report.confusion.flat().reduce((a, b) => a + b, 0),
      8,
    );
    assert.equal(
      tested.confusion.flat().reduce((a, b) => a + b, 0),
      8,
    );
    assert.deepEqual(
      tested.perClass.map(({ support }) => support),
      [4, 4],
    );
    const last = events.find((event) => event.type === 'report');
    assert.deepEqual(last?.test, { metrics: tested.metrics, count: 8 });
    const data = events.find((event) => event.type === 'data');
    assert.deepEqual(data?.classes, [
      { name: 'a', train: 12, validation: 4, test: 4 },
      { name: 'b', train: 12, validation: 4, test: 4 },
    ]);

    // Labels turned round in the test set alone: its figures turn, and the model and all other figures are the same.
    const turned = await trained(train, (one) => ({
      ...one,
      test: one.test.map((example) => ({ ...example, label: 1 - example.label })),
    }));
    assert.deepEqual(turned.report.metrics, report.metrics);
    assert.equal(turned.report.hashes.model, report.hashes.model);
    assert.equal(turned.report.test?.metrics.accuracy, 1 - tested.metrics.accuracy);

    let text = '';
    const io: Io = {
      out: (more) => (text += more.text),
      error: () => undefined,
      draw: () => undefined,
      isTerminal: false,
      columns: 80,
    };
    const printer = new EventPrinter(io, path.basename(folder));
    for (const event of events) printer.show(event);
    await printResult(folder, io);
    assert.match(text, /Data: 40 pictures in 2 classes \(24 to train, 8 to validate, 8 to test\)/);
    assert.match(
      text,
      /Test: accuracy \d+\.\d % \(\d+\.\d–\d+\.\d\), macro F1 \d\.\d+ \(0\.\d+–\d\.\d+\), loss \d\.\d+ on 8 pictures that nothing was chosen by/,
    );
    const html = htmlReport(await reportContent(await readRun(folder)));
    assert.match(html, /<h2>Test<\/h2><p>Accuracy .* on 8 pictures/);
    assert.match(html, /<th scope="col">test<\/th>/);
    assert.match(html, /8 pictures: one more or less right moves the accuracy by 12\.5 points/);

    // Which example was on which side, and which of the validation set it got right.
    assert.match(html, /<a href="file:\/\/[^"]*\/\.graft\/runs\/r1\/split\.csv">split\.csv<\/a>/);
    const rows = readFileSync(path.join(folder, 'split.csv'), 'utf8').trim().split('\r\n').slice(1);
    assert.equal(rows.filter((row) => row.split(',')[2] === 'test').length, 8);
    const validation = rows.filter((row) => row.split(',')[2] === 'validation').map((row) => row.split(',')[0]);
    const wrong = new Set(report.mistakes.map(({ file }) => file));
    assert.equal(report.correct, validation.map((id) => (wrong.has(id ?? '') ? '0' : '1')).join(''));
    const { examples, model } = await loadModel(path.join(folder, 'model'));
    model.dispose();
    assert.deepEqual([examples?.train.length, examples?.validation.length, examples?.test.length], [24, 8, 8]);
  });
}

test('without a test set nothing is said of one', async () => {
  const { report, events } = await trained(present(ways['logisticRegression'], 'A way'), (data) => ({
    ...data,
    test: [],
  }));
  assert.equal('test' in report, false);
  assert.equal(
    'test' in
      present(
        events.find((event) => event.type === 'report'),
        'The end',
      ),
    false,
  );
});
