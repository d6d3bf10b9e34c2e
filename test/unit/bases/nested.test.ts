import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { disposeModel } from '../../../src/runtime/bases/dispose.js';
import { loadBase, readModel } from '../../../src/runtime/bases/load-base.js';
import { layersModelFiles } from '../../../src/runtime/export/saved-model.js';
import { tf } from '../../../src/runtime/tf.js';
import { temporaryFolder } from '../../support/pictures.js';

async function saved(model: tf.LayersModel): Promise<string> {
  const folder = temporaryFolder();
  const { topology, weights } = await layersModelFiles(model);
  writeFileSync(path.join(folder, 'model.json'), topology);
  writeFileSync(path.join(folder, 'weights.bin'), weights);
  return path.join(folder, 'model.json');
}

const conv = (name: string, filters: number) =>
  tf.layers.conv2d({ filters, kernelSize: 3, padding: 'same', name, biasInitializer: 'randomNormal' });

function base(name: string): tf.LayersModel {
  const input = tf.input({ shape: [8, 8, 3], name: `${name}_input` });
  const x = conv(`${name}_1`, 4).apply(input) as tf.SymbolicTensor;
  const y = conv(`${name}_2`, 4).apply(x) as tf.SymbolicTensor;
  const sum = tf.layers.add({ name: `${name}_sum` }).apply([x, y]) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: sum, name });
}

/** As Teachable Machine saves: models in a Sequential model, one of them a head. */
function teachable(): tf.LayersModel {
  const head = tf.sequential({ name: 'head' });
  head.add(tf.layers.dense({ units: 3, activation: 'softmax', inputShape: [4], name: 'scores' }));
  const features = tf.sequential({ name: 'features' });
  features.add(base('inner'));
  features.add(tf.layers.globalAveragePooling2d({ name: 'pool' }));
  const whole = tf.sequential({ name: 'whole' });
  whole.add(features);
  whole.add(head);
  return whole;
}

/** A model that is applied twice, and a layer too. */
function twice(): tf.LayersModel {
  const input = tf.input({ shape: [8, 8, 3], name: 'pictures' });
  const [inner, last] = [base('shared'), conv('last', 3)];
  const [a, b] = [input, tf.layers.reLU({ name: 'positive' }).apply(input)].map(
    (x) => last.apply(inner.apply(x as tf.SymbolicTensor)) as tf.SymbolicTensor,
  );
  const outputs = tf.layers.concatenate({ name: 'both' }).apply([a, b] as tf.SymbolicTensor[]);
  return tf.model({ inputs: input, outputs: outputs as tf.SymbolicTensor, name: 'twice' });
}

for (const [name, make] of Object.entries({ teachable, twice }))
  test(`${name}: models within a model.json are dissolved, with TensorFlow.js's numbers`, async () => {
    const model = make();
    const file = await saved(model);
    const before = tf.memory().numTensors;
    const { model: read } = await readModel(file);
    assert.ok(!read.layers.some((layer) => layer instanceof tf.LayersModel));
    tf.tidy(() => {
      const pictures = tf.randomNormal([2, 8, 8, 3], 0, 1, 'float32', 7);
      const [expected, found] = [model, read].map((one) => (one.predict(pictures) as tf.Tensor).dataSync());
      assert.deepEqual(found, expected);
    });
    disposeModel(read);
    assert.equal(tf.memory().numTensors, before);
    disposeModel(model);
  });

test('the base is cut at the last map that every path runs through', async () => {
  const model = teachable();
  const file = await saved(model);
  const cut = await loadBase(file);
  assert.deepEqual(cut.outputs[0]?.shape, [null, 8, 8, 4]);
  assert.equal(cut.outputs[0].sourceLayer.name, 'inner_sum');
  disposeModel(cut);
  disposeModel(model);

  // Not at a side branch, whose map is the last one that is made.
  const input = tf.input({ shape: [8, 8, 3], name: 'pictures' });
  const on = (layer: tf.layers.Layer, x: tf.SymbolicTensor) => layer.apply(x) as tf.SymbolicTensor;
  const trunk = on(conv('trunk', 4), input);
  const pooled = on(tf.layers.globalAveragePooling2d({ name: 'pool' }), trunk);
  const side = on(tf.layers.flatten({ name: 'flat' }), on(conv('side', 2), trunk));
  const both = tf.layers.concatenate({ name: 'joined' }).apply([pooled, side]) as tf.SymbolicTensor;
  const outputs = on(tf.layers.dense({ units: 3, activation: 'softmax', name: 'scores' }), both);
  const branched = tf.model({ inputs: input, outputs, name: 'branched' });
  const trunkOnly = await loadBase(await saved(branched));
  assert.equal(trunkOnly.outputs[0]?.sourceLayer.name, 'trunk');
  disposeModel(trunkOnly);
  disposeModel(branched);
});

const strided = (name: string) => tf.layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', name });
const place = () => tf.layers.reshape({ targetShape: [1, 1, 4], name: 'place' });
const pool = () => tf.layers.globalAveragePooling2d({ name: 'pool' });
const scores = () => tf.layers.dense({ units: 3, activation: 'softmax', name: 'scores' });
const by = (kernelSize: number) => tf.layers.conv2d({ filters: 3, kernelSize, name: 'convolution' });
const flat = () => tf.layers.flatten({ name: 'flat' });

const ends: Record<string, { readonly after: () => tf.layers.Layer[]; readonly cut: string; readonly size: number }> = {
  'a map of one place': { after: () => [strided('b'), strided('c'), pool(), scores()], cut: 'c', size: 1 },
  'its mean, as a map, and a convolution': {
    after: () => [strided('b'), pool(), place(), by(1), flat()],
    cut: 'b',
    size: 2,
  },
  'a convolution as large as the map': { after: () => [strided('b'), by(2), flat(), scores()], cut: 'b', size: 2 },
  'a mean kept as a map': {
    after: () => [strided('b'), tf.layers.averagePooling2d({ poolSize: 2, name: 'mean' }), flat(), scores()],
    cut: 'b',
    size: 2,
  },
};

for (const [name, { after, cut, size }] of Object.entries(ends))
  test(`the base ends where the picture is a map yet: ${name}`, async () => {
    const layers = [tf.layers.inputLayer({ inputShape: [8, 8, 3], name: 'pictures' }), strided('a'), ...after()];
    const model = tf.sequential({ layers, name: 'small' });
    const found = await loadBase(await saved(model));
    assert.deepEqual([found.outputs[0]?.sourceLayer.name, found.outputs[0]?.shape], [cut, [null, size, size, 4]]);
    disposeModel(found);
    disposeModel(model);
  });
