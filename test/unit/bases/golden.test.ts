import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { baseOf } from '../../../src/runtime/bases/base.js';
import * as applications from '../../../src/runtime/bases/definitions/index.js';
import { loadBase } from '../../../src/runtime/bases/load-base.js';
import { preprocess, type Preprocessing } from '../../../src/runtime/data/preprocessing.js';
import { programOf } from '../../../src/runtime/graph/index.js';
import { tf } from '../../../src/runtime/tf.js';
import { pixelRunner } from '../../support/engines.js';
import { fill, fixtures, golden, pixels, relativeDifference } from '../../support/made-up.js';
import { sharedData } from '../../support/shared-data.js';

const tolerance = 1e-4;

/** [height, width, channels] → mean over the picture. */
function pooled(map: Float32Array, channels: number): number[] {
  const positions = map.length / channels;
  return Array.from({ length: channels }, (_, c) => {
    let sum = 0;
    for (let i = 0; i < positions; i++) sum += map[i * channels + c] ?? 0;
    return sum / positions;
  });
}

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
    const input = tf.tensor(preprocess(pixels(size, size, n), preprocessing), [n, size, size, 3]);
    return Float32Array.from((model.predict(input) as tf.Tensor).dataSync());
  });
}

const base = { weights: null, includeTop: false } as const;
/** The side of the fixture's pictures, where it is not 64. */
const sides: Readonly<Record<string, number>> = { squeezenet: 67 };
const networks = Object.values(applications).flatMap((build) => {
  const { name, weights, preprocessing } = build.definition;
  const size = sides[name] ?? 64;
  const options = { ...base, inputShape: [size, size, 3] } as const;
  return weights === 'bundled' ? [] : [{ name, size, preprocessing, build: () => build(options) }];
});
const cases = [
  ...networks,
  {
    ...({ name: 'mobilenet-v2-0.5', size: 96, preprocessing: 'tf' } as const),
    build: () => applications.mobileNetV2({ ...base, inputShape: [96, 96, 3], alpha: 0.5 }),
  },
] as const;

for (const { name, size, preprocessing, build } of cases) {
  test(`${name} equals Keras`, async () => {
    const expected = golden()[name];
    assert.ok(expected);
    const model = fill(await build());
    assert.equal(model.countParams(), expected.parameters);
    assert.equal(baseOf(model)?.info.preprocessing, preprocessing);
    if (name !== 'squeezenet') {
      // Keras numbers its input layers; every other name is part of the contract.
      assert.deepEqual(new Set(model.layers.slice(1).map((layer) => layer.name)), new Set(expected.layers.slice(1)));
    }
    const channels = expected.pooled.length;
    for (const [engine, output] of [
      ['ONNX Runtime', await onnxOutput(model, preprocessing, size)],
      ['TensorFlow.js', tfOutput(model, preprocessing, size)],
    ] as const) {
      const difference = relativeDifference(pooled(output, channels), expected.pooled);
      assert.ok(difference < tolerance, `${engine}: ${difference}`);
    }
    model.dispose();
  });
}

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
