import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';

import { buildOrDispose, disposeModel } from '../../../src/runtime/bases/dispose.js';
import { loadBase } from '../../../src/runtime/bases/load-base.js';
import { evaluateModel } from '../../../src/runtime/evaluate/evaluate-model.js';
import { exportModel } from '../../../src/runtime/export/export-model.js';
import { predictFiles } from '../../../src/runtime/export/predict-files.js';
import { layersModelFiles, loadModel, saveTrained, withModel } from '../../../src/runtime/export/saved-model.js';
import { describeBase } from '../../../src/runtime/scaffold/describe-base.js';
import { listBases } from '../../../src/runtime/scaffold/known-options.js';
import { describeModel } from '../../../src/runtime/service/describe-model.js';
import { tf } from '../../../src/runtime/tf.js';
import { fixtures, tinyModel } from '../../support/made-up.js';
import { pictureFolder, temporaryFolder } from '../../support/pictures.js';

/** Tensors and variables that are there after `work` and were not before. */
async function left(work: () => Promise<unknown>): Promise<number> {
  const before = tf.memory().numTensors;
  await work();
  return tf.memory().numTensors - before;
}

const classes = ['blue', 'green', 'red', 'sand'];
let data = '';
let model = '';
before(async () => {
  data = await pictureFolder(classes, 2);
  model = await saved();
});

/** A model that Graft saved. */
async function saved(): Promise<string> {
  const folder = path.join(temporaryFolder(), 'model');
  const trained = tinyModel();
  await saveTrained(
    {
      ...{
        model: trained,
        classes,
        size: [16, 16],
        resize: 'crop',
        preprocessing: 'tf',
        metrics: { accuracy: 1, loss: 0, macroF1: 1 },
      },
      ...{ base: { name: 'tiny', hash: '' }, technique: 'fine-tuning', run: 'r', dataHash: '', seed: 1 },
    } as never,
    folder,
  );
  trained.dispose();
  return folder;
}

test('what the helper process does with a model keeps none of it', async () => {
  const picture = path.join(data, 'red', '0.png');
  const out = path.join(temporaryFolder(), 'out');
  const works: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['predictFiles', () => predictFiles(model, [picture])],
    ['exportModel to onnx', () => exportModel(model, 'onnx', `${out}.onnx`)],
    ['exportModel to tfjs', () => exportModel(model, 'tfjs', out)],
    ['evaluateModel', () => withModel(model, (trained) => evaluateModel(trained, data))],
    ['describeModel of .h5', () => describeModel(path.join(fixtures, 'tiny.h5'))],
    ['describeModel of .keras', () => describeModel(path.join(fixtures, 'tiny.keras'))],
    ['describeModel of model.json', () => describeModel(path.join(model, 'model.json'))],
    ['describeModel of .onnx', () => describeModel(`${out}.onnx`)],
    ['describeBase of a file', () => describeBase(path.join(fixtures, 'tiny.h5'))],
    ['listBases', () => listBases()],
  ];
  for (const [name, work] of works) assert.equal(await left(work), 0, name);
});

test('a base keeps what it consists of, and not the classifier that was cut off', async () => {
  let base: tf.LayersModel | undefined;
  const kept = await left(async () => {
    base = await loadBase(path.join(fixtures, 'tiny.h5'));
  });
  assert.equal(kept, base?.weights.length);
  assert.equal(
    await left(async () => {
      if (base !== undefined) disposeModel(base);
      await Promise.resolve();
    }),
    -kept,
  );
});

test('what is cancelled ends with the reason, and leaves neither tensors nor files', async () => {
  const reason = new Error('cancelled');
  const folder = temporaryFolder();
  const picture = path.join(data, 'red', '0.png');
  const works: readonly (readonly [string, (signal: AbortSignal) => Promise<unknown>])[] = [
    ['predictFiles', (signal) => predictFiles(model, [picture, picture], { signal })],
    ['evaluateModel', (signal) => withModel(model, (trained) => evaluateModel(trained, data, signal))],
    ['exportModel to onnx', (signal) => exportModel(model, 'onnx', path.join(folder, 'out.onnx'), { signal })],
    ['exportModel to tfjs', (signal) => exportModel(model, 'tfjs', path.join(folder, 'out'), { signal })],
  ];
  for (const [name, work] of works) {
    const signal = AbortSignal.abort(reason);
    assert.equal(await left(() => assert.rejects(work(signal), (error) => error === reason)), 0, name);
  }
  assert.deepEqual(readdirSync(folder), []);
});

interface Topology {
  modelTopology: { config: { layers: { class_name: string; config: Record<string, unknown> }[] } };
  weightsManifest: { weights: { shape: number[] }[] }[];
}

/** A tfjs model, changed. */
async function changed(change: (files: { manifest: Topology; weights: Buffer }) => void): Promise<string> {
  const folder = temporaryFolder();
  const whole = tinyModel();
  const { topology, weights } = await layersModelFiles(whole);
  whole.dispose();
  const files = { manifest: JSON.parse(topology) as Topology, weights: Buffer.from(weights) };
  change(files);
  writeFileSync(path.join(folder, 'model.json'), JSON.stringify(files.manifest));
  writeFileSync(path.join(folder, 'weights.bin'), files.weights);
  return folder;
}

test('a model that is refused half-way leaves nothing', async () => {
  const lastLayer = ({ manifest }: { manifest: Topology }) => manifest.modelTopology.config.layers.at(-1);
  const cases: readonly (readonly [string, string, object?])[] = [
    [
      'an unknown layer at the end',
      await changed((files) => {
        Object.assign(lastLayer(files) ?? {}, { class_name: 'Unknown' });
      }),
    ],
    [
      'more units than weights',
      await changed((files) => {
        Object.assign(lastLayer(files)?.config ?? {}, { units: 7 });
      }),
    ],
    ['a number that is none', await changed(({ weights }) => weights.writeFloatLE(NaN, 8))],
    ['a layer to cut at that is not there', await changed(() => undefined), { cutAt: 'none' }],
  ];
  for (const [name, file, options = {}] of cases)
    assert.equal(await left(() => assert.rejects(loadBase(file, options), /./, name)), 0, name);

  const edited = await saved();
  const weights = readFileSync(path.join(edited, 'weights.bin'));
  weights[40] = (weights[40] ?? 0) ^ 1;
  writeFileSync(path.join(edited, 'weights.bin'), weights);
  assert.equal(await left(() => assert.rejects(loadModel(edited), /not those that were saved|differ/)), 0);
  // Nor does an export that cannot be written, or finds something in its place.
  const full = path.join(temporaryFolder(), 'none', 'out');
  for (const to of ['onnx', 'tfjs'] as const)
    assert.equal(await left(() => assert.rejects(exportModel(model, to, path.join(model, 'model.json', full)))), 0, to);
  rmSync(edited, { recursive: true });
});

test('a failing build takes only its own variables with it', () => {
  const model = (last: () => tf.layers.Layer) =>
    tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] }), last()] });
  const before = tf.memory().numTensors;
  const good = buildOrDispose(() => model(() => tf.layers.dense({ units: 2 })));
  assert.throws(() =>
    buildOrDispose(() =>
      model(() => {
        throw new Error('none');
      }),
    ),
  );
  assert.equal(tf.memory().numTensors - before, 4);
  assert.deepEqual(
    good.weights.map((weight) => weight.read().isDisposed),
    [false, false, false, false],
  );
  disposeModel(good);
  assert.equal(tf.memory().numTensors, before);
});

test('a layer that is applied twice is freed too', () => {
  const before = tf.memory().numTensors;
  const shared = tf.layers.dense({ units: 3 });
  const input = tf.input({ shape: [3] });
  const twice = tf.model({ inputs: input, outputs: shared.apply(shared.apply(input)) as tf.SymbolicTensor });
  disposeModel(twice);
  disposeModel(twice);
  assert.equal(tf.memory().numTensors, before);
});
