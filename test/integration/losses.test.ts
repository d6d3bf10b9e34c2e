import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';

import { events, graft, report, start, until } from '../support/cli.js';
import { fixtures } from '../support/made-up.js';
import { pictureFolder, temporaryFolder } from '../support/pictures.js';

const base = path.join(fixtures, 'tiny.h5');
let data = '';

before(async () => {
  data = await pictureFolder(['blue', 'red'], 14);
});

/** A script for two classes whose model ends in `units` and `activation`. */
function script(
  workspace: string,
  units: number,
  activation: string,
  options: string,
  epochs = 'epochs: 6, headEpochs: 10',
): void {
  writeFileSync(
    path.join(workspace, 'train.ts'),
    `import { fit, freeze, imageFolder, layerWiseDecay, loadBase, saveModel, sgd, tf } from 'graftjs';
const data = await imageFolder(${JSON.stringify(data)}, { size: [16, 16], seed: 7 });
const base = await loadBase(${JSON.stringify(base)}, { preprocessing: 'tf' });
freeze(base, { upTo: 'relu' });
let x = tf.layers.globalAveragePooling2d({}).apply(base.outputs) as tf.SymbolicTensor;
x = tf.layers.dense({ units: ${units}, activation: '${activation}' }).apply(x) as tf.SymbolicTensor;
const model = tf.model({ inputs: base.inputs, outputs: x });
const run = await fit(model, data, { ${epochs}, batchSize: 8, learningRate: 0.1, optimizer: sgd(), ${options} });
await saveModel(run.best, 'models/tiny');
`,
  );
}

const cases = [
  { name: 'one sigmoid output', units: 1, activation: 'sigmoid', loss: 'binaryCrossentropy' },
  { name: 'a sigmoid output for each class', units: 2, activation: 'sigmoid', loss: 'binaryCrossentropy' },
  { name: 'squared error of probabilities', units: 2, activation: 'softmax', loss: 'meanSquaredError' },
  { name: 'squared error of one probability', units: 1, activation: 'sigmoid', loss: 'meanSquaredError' },
] as const;

for (const { name, units, activation, loss } of cases) {
  test(`${name}: trained, evaluated, used and exported from a script`, async () => {
    const workspace = temporaryFolder();
    const smoothing = loss === 'binaryCrossentropy' ? 'labelSmoothing: 0.05,' : '';
    script(workspace, units, activation, `loss: '${loss}', ${smoothing}`);
    const { code, error } = await graft(workspace, 'train', 'train.ts', '--run-dir', 'run');
    assert.equal(code, 0, error);
    const { metrics } = report(path.join(workspace, 'run'));
    assert.ok(metrics.accuracy > 0.8, `accuracy ${metrics.accuracy}`);
    const epochs = events(path.join(workspace, 'run')).filter((event) => event.type === 'epoch');
    assert.ok((epochs.at(-1)?.train.loss ?? NaN) < (epochs[0]?.train.loss ?? NaN));
    const info = JSON.parse(readFileSync(path.join(workspace, 'models/tiny/graft.json'), 'utf8')) as { loss: string };
    assert.equal(info.loss, loss);
    // Another reader of the same pictures, the same loss: of all of them here, so only nearly the same number.
    const evaluated = await graft(workspace, 'evaluate', 'models/tiny', '--data', data, '--json');
    const whole = (JSON.parse(evaluated.out) as { metrics: { loss: number; accuracy: number } }).metrics;
    assert.ok(whole.accuracy > 0.8 && Math.abs(whole.loss - metrics.loss) < 0.3 * metrics.loss + 0.05, evaluated.out);
    const files = ['blue', 'red'].map((label) => path.join(data, label, '0.png'));
    const predicted = await graft(workspace, 'predict', 'models/tiny', ...files, '--json');
    const found = JSON.parse(predicted.out) as { classes: { name: string; probability: number }[] }[];
    assert.deepEqual(
      found.map(({ classes: [first] }) => first?.name),
      ['blue', 'red'],
    );
    if (units === 1) {
      const [first, second] = found[0]?.classes ?? [];
      assert.ok(Math.abs((first?.probability ?? NaN) + (second?.probability ?? NaN) - 1) < 1e-6);
    }
    for (const to of ['onnx', 'tfjs']) {
      const exported = await graft(workspace, 'export', 'models/tiny', '--to', to);
      assert.equal(exported.code, 0, exported.error);
    }
  });
}

test('a stopped run with accumulated gradients, sample weights and rates by layer ends as one that never stopped', async () => {
  const workspace = temporaryFolder();
  const options = `gradientAccumulationSteps: 2, learningRateMultipliers: layerWiseDecay(base), batchSize: 3,
  sampleWeight: (example) => (example.id.includes('1') ? 2 : 0.5)`;
  script(workspace, 2, 'softmax', options, 'epochs: 150, headEpochs: 50');
  assert.equal((await graft(workspace, 'train', 'train.ts', '--run-dir', 'whole')).code, 0);
  const { finished } = start(workspace, 'train', 'train.ts', '--run-dir', 'cut');
  const cut = path.join(workspace, 'cut');
  await until(() => events(cut).some(({ type }) => type === 'epoch'));
  await graft(workspace, 'stop', 'cut');
  assert.equal((await finished).code, 130);
  assert.equal((await graft(workspace, 'resume', 'cut')).code, 0);
  const weights = (run: string) => readFileSync(path.join(workspace, run, 'model', 'weights.bin'));
  assert.deepEqual(weights('cut'), weights('whole'));
});

const failures = [
  { units: 2, activation: 'linear', options: '', expected: /ends in linear.*needs softmax/ },
  {
    units: 2,
    activation: 'softmax',
    options: "loss: 'binaryCrossentropy'",
    expected: /ends in softmax.*needs sigmoid/,
  },
  { units: 1, activation: 'softmax', options: '', expected: /ends in \[1\], but the data has 2 classes/ },
  {
    ...{ units: 2, activation: 'softmax', expected: /labelSmoothing is 0\.1.*0 with meanSquaredError/ },
    options: "loss: 'meanSquaredError', labelSmoothing: 0.1",
  },
  {
    ...{ units: 2, activation: 'softmax', options: 'learningRateMultipliers: { depthwis: 0.5 }' },
    expected: /"depthwis".*Did you mean "depthwise"/,
  },
  { units: 2, activation: 'softmax', options: 'sampleWeight: () => -1', expected: /sampleWeight gives -1 for/ },
  {
    ...{ units: 2, activation: 'softmax', options: 'gradientAccumulationSteps: 1.5' },
    expected: /gradientAccumulationSteps is 1\.5.*a whole number from 1/,
  },
  {
    ...{ units: 2, activation: 'softmax', options: 'memoryLimit: 100.1e6' },
    expected: /batches of 8 needs about 0\.1 GB of memory, and 0\.1 GB is available/,
  },
] as const;

test('what does not fit together is said before training', async () => {
  const workspace = temporaryFolder();
  for (const [i, { units, activation, options, expected }] of failures.entries()) {
    script(workspace, units, activation, options);
    const { code, error } = await graft(workspace, 'train', 'train.ts', '--run-dir', `run${i}`);
    assert.equal(code, 1);
    assert.match(error, expected);
  }
});
