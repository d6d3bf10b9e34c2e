import assert from 'node:assert/strict';
import { test } from 'node:test';

import { dataKinds } from '../../../src/runtime/data/index.js';
import { programHash, runnerOf } from '../../../src/runtime/engines/index.js';
import { trainingGraph } from '../../../src/runtime/engines/training-graph.js';
import {
  inputsOf,
  layersOf,
  continuationOf,
  shapeOf,
  splitPrefix,
  tapInputs,
} from '../../../src/runtime/graph/index.js';
import { tf } from '../../../src/runtime/tf.js';
import { freeze } from '../../../src/runtime/train/freeze.js';
import { pixelRunner } from '../../support/engines.js';
import { pixels, poolsAfterZeros, relativeDifference, tinyModel } from '../../support/made-up.js';

/** What is frozen → layers of the prefix, layers of the suffix, number of taps. */
const cases: readonly { frozen: readonly string[]; prefix: readonly string[]; taps: number }[] = [
  { frozen: [], prefix: [], taps: 1 },
  { frozen: ['conv'], prefix: ['conv'], taps: 1 },
  // relu feeds both the depthwise branch and the sum: one tap, used twice.
  { frozen: ['conv', 'bn'], prefix: ['conv', 'bn', 'relu'], taps: 1 },
  // Everything below the classifier: pooling has no weights, so it runs once too. The dropout does not.
  { frozen: ['conv', 'bn', 'depthwise'], prefix: ['conv', 'bn', 'relu', 'depthwise', 'swish', 'add', 'pool'], taps: 1 },
  // A trainable layer below a frozen one: nothing above it can be computed beforehand.
  { frozen: ['bn', 'depthwise', 'dense'], prefix: [], taps: 1 },
];

for (const { frozen, prefix, taps } of cases) {
  test(`frozen ${frozen.join(', ') || 'nothing'}: the prefix is ${prefix.join(', ') || 'nothing'}`, () => {
    const model = tinyModel(0.5);
    for (const name of frozen) model.getLayer(name).trainable = false;
    const split = splitPrefix(model);
    assert.deepEqual(
      split.prefix === undefined
        ? []
        : layersOf(split.prefix)
            .map(({ name }) => name)
            .sort(),
      [...prefix].sort(),
    );
    assert.equal(split.suffix.inputs.length, taps);
    model.dispose();
  });
}

test('a branch that crosses the border gives several taps', () => {
  const input = tf.input({ shape: [8, 8, 3] });
  const conv = (name: string, trainable: boolean) =>
    tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', name, trainable });
  const a = conv('a', false).apply(input) as tf.SymbolicTensor;
  const b = conv('b', false).apply(a) as tf.SymbolicTensor;
  const c = conv('c', true).apply(b) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: tf.layers.add().apply([a, c]) as tf.SymbolicTensor });
  const { prefix, suffix } = splitPrefix(model);
  assert.equal(suffix.inputs.length, 2);
  assert.deepEqual(prefix?.outputs, suffix.inputs);
  model.dispose();
});

test('noise within what is frozen is none, and is computed once with it', () => {
  const build = () => {
    const input = tf.input({ shape: [8, 8, 3] });
    const dense = (name: string, units: number) => tf.layers.dense({ units, name });
    const layers = [
      dense('a', 4),
      tf.layers.dropout({ rate: 0.5, name: 'between' }),
      dense('b', 4),
      tf.layers.dropout({ rate: 0.5, name: 'border' }),
      dense('c', 4),
      tf.layers.dropout({ rate: 0.5, name: 'head' }),
      tf.layers.globalAveragePooling2d({ name: 'pool' }),
      dense('d', 2),
    ];
    const output = layers.reduce<tf.SymbolicTensor>((x, layer) => layer.apply(x) as tf.SymbolicTensor, input);
    return tf.model({ inputs: input, outputs: output });
  };
  const noiseIn = (model: tf.LayersModel) => {
    const { prefix, suffix } = splitPrefix(model);
    const loss = { kind: 'categoricalCrossentropy', labelSmoothing: 0 } as const;
    const noise = trainingGraph(suffix, loss).masks.length;
    const last = prefix?.steps.at(-1)?.layer.name;
    model.dispose();
    return [last, noise];
  };
  assert.deepEqual(noiseIn(build()), [undefined, 3]);
  // Those with weights alone: the dropout between them belongs to them, the one behind them to what trains.
  const some = build();
  for (const name of ['a', 'b']) some.getLayer(name).trainable = false;
  assert.deepEqual(noiseIn(some), ['b', 2]);
  const all = build();
  freeze(all, { upTo: 'border' });
  assert.deepEqual(noiseIn(all), ['border', 1]);
});

test('a model used as a layer is looked into', () => {
  const inner = tinyModel();
  for (const layer of inner.layers) layer.trainable = false;
  const input = tf.input({ shape: [16, 16, 3] });
  const features = inner.apply(input) as tf.SymbolicTensor;
  const model = tf.model({
    inputs: input,
    outputs: tf.layers.dense({ units: 2 }).apply(features) as tf.SymbolicTensor,
  });
  const { prefix, suffix } = splitPrefix(model);
  assert.equal(prefix?.steps.at(-1)?.layer.name, 'dense');
  assert.equal(suffix.steps.length, 1);
});

/** The prefixes of a model with these layers frozen. */
function prefixOf(model: tf.LayersModel, frozen: readonly string[]) {
  for (const layer of model.layers) layer.trainable = !frozen.includes(layer.name);
  const { prefix } = splitPrefix(model);
  assert.ok(prefix);
  return prefix;
}

for (const engine of ['ONNX Runtime', 'TensorFlow.js'] as const) {
  test(`the rest of a longer prefix, on ${engine}: the same taps as from the pixels`, async () => {
    const tiny = tinyModel();
    const end = tiny.getLayer('add').output as tf.SymbolicTensor;
    // Normalization of images along the channels has no lowering.
    const last = engine === 'ONNX Runtime' ? tf.layers.reLU() : tf.layers.layerNormalization();
    const frozen = last.apply(end) as tf.SymbolicTensor;
    const outputs = tf.layers.dense({ units: 2, name: 'head' }).apply(frozen) as tf.SymbolicTensor;
    const model = tf.model({ inputs: tiny.inputs, outputs });
    const earlier = prefixOf(model, ['conv', 'bn']);
    const longer = prefixOf(model, ['conv', 'bn', 'depthwise', last.name]);
    const rest = continuationOf(longer, earlier);
    assert.ok(rest);
    assert.equal(layersOf(rest).at(0)?.name, 'depthwise');
    const options = { preprocessing: 'tf', size: [16, 16] } as const;
    const [whole, before, after] = [
      pixelRunner(longer, options),
      pixelRunner(earlier, options),
      runnerOf(rest, tapInputs(rest)),
    ];
    const image = pixels(16, 16, 3);
    const [expected] = await whole.run(image, 3);
    const [given = new Float32Array()] = await before.run(image, 3);
    const shape = [3, ...shapeOf(earlier, earlier.outputs[0] ?? -1)];
    const [tap] = await after.run({ tap_0: { data: given, shape } });
    await Promise.all([whole.dispose(), before.dispose(), after.dispose()]);
    assert.ok(relativeDifference(tap?.data ?? [], expected ?? []) < 1e-6);
  });
}

test('a prefix that needs more than the earlier one gives has no rest', () => {
  const model = tinyModel();
  const earlier = prefixOf(model, ['conv', 'bn']);
  const longer = prefixOf(model, ['conv', 'bn', 'depthwise']);
  assert.equal(continuationOf(longer, { ...earlier, outputs: [] }), undefined);
  assert.equal(continuationOf(earlier, earlier), undefined);
});

test('the hash of a prefix follows weights, preprocessing and size, and not names or what comes after', () => {
  const hash = (change: (model: tf.LayersModel) => void, preprocessing: 'tf' | 'unit' = 'tf') => {
    const model = tinyModel();
    for (const layer of model.layers.slice(0, -1)) layer.trainable = false;
    change(model);
    const { prefix } = splitPrefix(model);
    assert.ok(prefix);
    return programHash(prefix, inputsOf(dataKinds.image, { size: [16, 16], resize: 'crop' }, preprocessing));
  };
  const plain = hash(() => undefined);
  const set = (layer: string) => (model: tf.LayersModel) => {
    tf.tidy(() => {
      model.getLayer(layer).setWeights(
        model
          .getLayer(layer)
          .getWeights()
          .map((weight) => tf.add(weight, 1)),
      );
    });
  };
  assert.equal(hash(set('dense')), plain);
  assert.notEqual(hash(set('conv')), plain);
  assert.notEqual(
    hash(() => undefined, 'unit'),
    plain,
  );
});

/** Layers one by one: ONNX Runtime against TensorFlow.js, with odd sizes, strides and dilations. */
const layers: Record<string, () => tf.layers.Layer | readonly tf.layers.Layer[]> = {
  'conv same stride 2': () => tf.layers.conv2d({ filters: 5, kernelSize: 3, strides: 2, padding: 'same' }),
  'conv valid 5×3': () => tf.layers.conv2d({ filters: 4, kernelSize: [5, 3], strides: [1, 2], activation: 'relu' }),
  'conv dilated': () =>
    tf.layers.conv2d({ filters: 3, kernelSize: 3, dilationRate: 2, padding: 'same', activation: 'tanh' }),
  'depthwise multiplier 2': () =>
    tf.layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2, padding: 'same' }),
  separable: () => tf.layers.separableConv2d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'elu' }),
  'max pool same': () => tf.layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
  ...poolsAfterZeros,
  'average pool same': () => tf.layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
  'average pool valid': () => tf.layers.averagePooling2d({ poolSize: 2 }),
  'global max': () => tf.layers.globalMaxPooling2d({}),
  'batch norm': () => tf.layers.batchNormalization({ epsilon: 0.01 }),
  'batch norm without scale': () => tf.layers.batchNormalization({ scale: false }),
  'rescaling by channel': () =>
    tf.layers.rescaling({ scale: [0.5, 2, -1], offset: [1, 0, 3] } as unknown as { scale: number; offset: number }),
  'zero padding': () =>
    tf.layers.zeroPadding2d({
      padding: [
        [1, 2],
        [0, 3],
      ],
    }),
  'up sampling': () => tf.layers.upSampling2d({ size: [2, 3] }),
  'conv transpose same': () =>
    tf.layers.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }),
  'conv transpose valid': () => tf.layers.conv2dTranspose({ filters: 4, kernelSize: [2, 5], strides: [3, 2] }),
  permute: () => tf.layers.permute({ dims: [2, 3, 1] }),
  'conv 1-D same stride 3': () => [
    tf.layers.reshape({ targetShape: [77, 6] }),
    tf.layers.conv1d({ filters: 5, kernelSize: 4, strides: 3, padding: 'same', activation: 'relu' }),
  ],
  'conv 1-D dilated': () => [
    tf.layers.reshape({ targetShape: [77, 6] }),
    tf.layers.conv1d({ filters: 5, kernelSize: 3, dilationRate: 4 }),
  ],
  'global max of a sequence': () => [tf.layers.reshape({ targetShape: [77, 6] }), tf.layers.globalMaxPooling1d({})],
  flatten: () => tf.layers.flatten(),
  reshape: () => tf.layers.reshape({ targetShape: [77, 6] }),
  'dense on a map': () => tf.layers.dense({ units: 4, activation: 'sigmoid' }),
  'leaky relu': () => tf.layers.leakyReLU({ alpha: 0.2 }),
  hardSigmoid: () => tf.layers.activation({ activation: 'hardSigmoid' }),
  softplus: () => tf.layers.activation({ activation: 'softplus' }),
  selu: () => tf.layers.activation({ activation: 'selu' }),
  swish: () => tf.layers.activation({ activation: 'swish' }),
  mish: () => tf.layers.activation({ activation: 'mish' }),
};

for (const [name, make] of Object.entries(layers)) {
  test(`${name}: the same on ONNX Runtime and TensorFlow.js`, async () => {
    const input = tf.input({ shape: [11, 14, 3] });
    const model = tf.model({
      inputs: input,
      outputs: [make()].flat().reduce((x, layer) => layer.apply(x) as tf.SymbolicTensor, input),
    });
    for (const layer of model.layers) layer.trainable = false;
    const { prefix } = splitPrefix(model);
    assert.ok(prefix);
    const runner = pixelRunner(prefix, { preprocessing: 'tf', size: [11, 14] });
    const image = pixels(11, 14, 2);
    const [tap] = await runner.run(image, 2);
    await runner.dispose();
    const expected = tf.tidy(() => {
      const x = tf.tensor(
        Float32Array.from(image, (value) => value / 127.5 - 1),
        [2, 11, 14, 3],
      );
      return (model.predict(x) as tf.Tensor).dataSync();
    });
    assert.ok(relativeDifference(tap ?? [], expected) < 1e-5, String(relativeDifference(tap ?? [], expected)));
    model.dispose();
  });
}
