import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { baseOf } from '../../../src/runtime/bases/base.js';
import * as applications from '../../../src/runtime/bases/definitions/index.js';
import { loadBase } from '../../../src/runtime/bases/load-base.js';
import { channelTransform, transformed, type Preprocessing } from '../../../src/runtime/data/preprocessing.js';
import { programOf } from '../../../src/runtime/graph/index.js';
import { tf } from '../../../src/runtime/tf.js';
import { digestsOf } from '../../support/applications.js';
import { pixelRunner } from '../../support/engines.js';
import { fill, fixtures, golden, pixels, pooled, relativeDifference } from '../../support/made-up.js';
import { sharedData } from '../../support/shared-data.js';

const tolerance = 1e-4;

async function onnxOutput(
  model: tf.LayersModel,
  preprocessing: Preprocessing,
  size: number,
  n = 1,
): Promise<Float32Array> {
  const runner = pixelRunner(programOf(model), { preprocessing, size: [size, size] });
  const [tap] = await runner.run(pixels(size, size, n), n);
  await runner.dispose();
  return tap ?? new Float32Array();
}

function tfOutput(model: tf.LayersModel, preprocessing: Preprocessing, size: number, n = 1): Float32Array {
  return tf.tidy(() => {
    const input = tf.tensor(transformed(pixels(size, size, n), channelTransform(preprocessing)), [n, size, size, 3]);
    return Float32Array.from((model.predict(input) as tf.Tensor).dataSync());
  });
}

test('squeezenet equals Keras', async () => {
  const expected = golden()['squeezenet'];
  assert.ok(expected);
  const model = fill(await applications.squeezeNet({ weights: null, includeTop: false, inputShape: [67, 67, 3] }));
  assert.equal(model.countParams(), expected.parameters);
  assert.equal(baseOf(model)?.info.preprocessing, 'caffe');
  assert.equal(baseOf(model)?.info.why, 'The network of this name was trained so.');
  const [definition] = applications.squeezeNet.definitions;
  assert.ok(definition !== undefined && definition.weights !== 'bundled');
  assert.equal(digestsOf(model).weights, definition.weights.fingerprint);
  const difference = relativeDifference(
    pooled(await onnxOutput(model, 'caffe', 67), expected.pooled.length),
    expected.pooled,
  );
  assert.ok(difference < tolerance, String(difference));
  model.dispose();
});

for (const file of ['tiny.h5', 'tiny.keras']) {
  test(`${file} loads as Keras saved it`, async () => {
    const model = await loadBase(path.join(fixtures, file), { cutAt: 'dense', preprocessing: 'tf' });
    const difference = relativeDifference(await onnxOutput(model, 'tf', 16, 2), golden()['tiny']?.probabilities ?? []);
    assert.ok(difference < tolerance, String(difference));
    model.dispose();
  });
}

test('a whole model is cut at its last feature map', async () => {
  const model = await loadBase(path.join(fixtures, 'tiny.h5'));
  assert.deepEqual(model.outputs[0]?.shape, [null, 8, 8, 8]);
  assert.equal(model.layers.at(-1)?.name, 'add');
  model.dispose();
});

const tinyModels = sharedData('mlperf-tiny');
for (const [name, size, preprocessing, cutAt] of [
  ['vww_96', 96, 'unit', 'dense'],
  ['pretrainedResnet_cifar10', 32, 'none', 'dense'],
] as const) {
  test(`${name}.h5, real weights, equals Keras`, tinyModels.options, async () => {
    const file = path.join(tinyModels.path, `${name}.h5`);
    const whole = await loadBase(file, { cutAt, preprocessing });
    const difference = relativeDifference(
      await onnxOutput(whole, preprocessing, size),
      golden('golden-real.json')[name]?.probabilities ?? [],
    );
    assert.ok(difference < tolerance, String(difference));
    whole.dispose();
  });
}

const squeezenet = sharedData('keras-squeezenet-notop/squeezenet_weights_tf_dim_ordering_tf_kernels_notop.h5');
test('SqueezeNet, real weights, equals Keras', squeezenet.options, async () => {
  const model = await applications.squeezeNet({ weights: squeezenet.path, includeTop: false, inputShape: [67, 67, 3] });
  const expected = golden('golden-real.json')['squeezenet']?.pooled ?? [];
  const difference = relativeDifference(pooled(await onnxOutput(model, 'caffe', 67), expected.length), expected);
  assert.ok(difference < tolerance, String(difference));
  model.dispose();
});

for (const [folder, size] of [
  ['tfjs-mobilenet-converted/mobilenet_v2_1.0_224', 224],
  ['tfjs-mobilenet-converted/mobilenet_v1_0.25_128', 128],
  ['tfjs-darknet-tiny-imagenet', 224],
] as const) {
  const data = sharedData(folder);
  test(`${folder}: ONNX Runtime computes what TensorFlow.js does`, data.options, async () => {
    const model = await loadBase(data.path, { preprocessing: 'tf' });
    const difference = relativeDifference(await onnxOutput(model, 'tf', size), tfOutput(model, 'tf', size));
    assert.ok(difference < tolerance, String(difference));
    model.dispose();
  });
}
