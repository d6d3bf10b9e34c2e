import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { loadBase, openBase } from '../../../../src/runtime/bases/load-base.js';
import { baseOf } from '../../../../src/runtime/bases/base.js';
import { familyOf } from '../../../../src/runtime/bases/preprocessing/families.js';
import { applications } from '../../../../src/runtime/index.js';
import { layersModelFiles } from '../../../../src/runtime/export/saved-model.js';
import { isOwnLayer } from '../../../../src/runtime/layers/index.js';
import { tf } from '../../../../src/runtime/tf.js';
import { failure } from '../../../support/model-files.js';
import { temporaryFolder } from '../../../support/pictures.js';

/** A model.json whose folder is called `flowers`, whatever is in it. */
async function saved(model: tf.LayersModel, besides: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = temporaryFolder();
  const { topology, weights } = await layersModelFiles(model);
  model.dispose();
  for (const [name, content] of Object.entries({ 'model.json': topology, 'weights.bin': weights, ...besides }))
    writeFileSync(path.join(folder, name), content);
  return path.join(folder, 'model.json');
}

type Apply = (x: tf.SymbolicTensor) => tf.SymbolicTensor;
const own =
  (className: string, config: object): Apply =>
  (x) => {
    const [make] = tf.serialization.SerializationMap.getMap().classNameMap[className] ?? [];
    assert.ok(make);
    const layer: unknown = new make({ ...config, name: className.toLowerCase() });
    assert.ok(layer instanceof tf.layers.Layer && (isOwnLayer(layer) || className === 'Rescaling'));
    return layer.apply(x) as tf.SymbolicTensor;
  };
const seenPixels =
  (mean: number, variance: number): Apply =>
  (x) => {
    const layer = tf.layers.batchNormalization({ name: 'bn' });
    const output = layer.apply(x) as tf.SymbolicTensor;
    layer.setWeights([1, 0, mean, variance].map((value) => tf.fill([3], value)));
    return output;
  };

/** Those layers at the input of a network that nobody knows. */
function unknown(...first: readonly Apply[]): tf.LayersModel {
  const input = tf.input({ shape: [16, 16, 3] });
  const x = first.reduce((y, layer) => layer(y), input);
  const output = tf.layers.conv2d({ filters: 4, kernelSize: 3, name: 'features' }).apply(x) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: output });
}

const rescaling = (scale: number | readonly number[], offset: number | readonly number[] = 0) =>
  own('Rescaling', { scale, offset });
const operator = (name: string, second: unknown) => own('Operator', { operator: name, second });
const byPixels = own('Normalization', { axes: [3], mean: [120, 115, 100], variance: [3600, 3500, 3700] });
const byFractions = own('Normalization', { axes: [3], mean: [0.48, 0.45, 0.4], variance: [0.05, 0.06, 0.05] });

const shown: readonly (readonly [string, readonly Apply[], string | undefined, RegExp?])[] = [
  ['x / 255', [rescaling(1 / 255)], 'none', /scales its pixels itself \("rescaling"\)\.$/],
  ['x / 127.5 − 1', [rescaling(1 / 127.5, -1)], 'none'],
  ['2x − 1', [rescaling(2, -1)], 'unit', /takes them from 0 to 1\.$/],
  ['255x', [rescaling(255)], 'unit'],
  ['x', [rescaling(1)], undefined],
  ['Normalization of pixels', [byPixels], 'none'],
  ['Normalization of fractions', [byFractions], 'unit'],
  ['Normalization of fractions after x / 255', [rescaling(1 / 255), byFractions], 'none'],
  ['an operator', [operator('divide', 255)], 'none'],
  ['the mean of each channel', [operator('subtract', [103.939, 116.779, 123.68])], 'none'],
  [
    'padding before it',
    [(x) => tf.layers.zeroPadding2d({ padding: [1, 1] }).apply(x) as tf.SymbolicTensor, rescaling(1 / 255)],
    'none',
  ],
  ['BatchNormalization of pixels', [seenPixels(118, 3900)], 'none', /"bn" at its input has seen pixels from 0 to 255/],
  ['BatchNormalization of fractions', [seenPixels(0.46, 0.07)], 'unit'],
  ['BatchNormalization of numbers around 0', [seenPixels(-0.1, 0.3)], undefined],
  ['nothing', [], undefined],
];

for (const [what, first, expected, why = /./] of shown)
  test(`first layers: ${what} → ${expected ?? 'nobody knows'}`, async () => {
    const { base, decision } = await openBase(await saved(unknown(...first)));
    base.dispose();
    assert.equal(decision?.preprocessing, expected);
    if (decision !== undefined) assert.match(decision.why, why);
  });

for (const [label, make, expected] of [
  ['ResNet50', applications.resNet50, 'caffe'],
  ['MobileNetV2', applications.mobileNetV2, 'tf'],
  ['SqueezeNet 1.1', applications.squeezeNet, 'caffe'],
] as const)
  test(`a file that holds a ${label} is known by its layers, with a network of the user's around it too`, async () => {
    const network = await make({ weights: null, includeTop: false, inputShape: [64, 64, 3] });
    const output = tf.layers
      .conv2d({ filters: 2, kernelSize: 1, name: 'mine' })
      .apply(network.outputs) as tf.SymbolicTensor;
    const { base, decision } = await openBase(await saved(tf.model({ inputs: network.inputs, outputs: output })));
    base.dispose();
    assert.equal(decision?.preprocessing, expected);
    assert.match(decision.why, new RegExp(`^Its layers are those of ${label}( or .*)?\\.$`));
  });

const stem = (side: number, filters: number) => [side, side, 3, filters];
/** First layers as Keras 2 and 3 name them, "/" as "_". */
const families: readonly (readonly [string, string | undefined, Readonly<Record<string, readonly number[]>>])[] = [
  ['ResNet', 'caffe', { conv1_conv: stem(7, 64), conv2_block1_1_bn: [64], conv2_block1_out: [] }],
  [
    'ResNetV2',
    'tf',
    { conv1_conv: stem(7, 64), conv2_block1_preact_bn: [64], conv2_block1_1_bn: [64], conv2_block1_out: [] },
  ],
  ['ResNet50 of Keras 2.2', 'caffe', { conv1: stem(7, 64), bn_conv1: [64], res2a_branch2a: [1, 1, 64, 64] }],
  ['DenseNet', 'torch', { conv1_conv: stem(7, 64), conv2_block1_1_bn: [128], conv2_block1_concat: [] }],
  ['VGG', 'caffe', { block1_conv1: stem(3, 64), block1_conv2: [3, 3, 64, 64], block2_conv1: [3, 3, 64, 128] }],
  ['Xception', 'tf', { block1_conv1: stem(3, 32), block2_sepconv1: [3, 3, 64, 1] }],
  ['MobileNet', 'tf', { conv1: stem(3, 8), conv_dw_1: [3, 3, 8, 1], conv_pw_1: [1, 1, 8, 16] }],
  ['MobileNetV2', 'tf', { Conv1: stem(3, 16), expanded_conv_depthwise: [3, 3, 16, 1], block_1_expand: [1, 1, 8, 48] }],
  [
    'MobileNetV3',
    'tf',
    { conv: stem(3, 16), expanded_conv_depthwise: [3, 3, 16, 1], expanded_conv_1_expand: [1, 1, 16, 72] },
  ],
  ['InceptionV3', 'tf', { conv2d_94: stem(3, 32), mixed0: [], mixed1: [] }],
  ['InceptionResNetV2', 'tf', { conv2d: stem(3, 32), mixed_5b: [], block35_1_conv: [1, 1, 128, 320] }],
  ['NASNet', 'tf', { stem_conv1: stem(3, 32), stem_bn1: [32], adjust_conv_1_5: [] }],
  ['EfficientNet without its scaling', 'torch', { stem_conv: stem(3, 32), block1a_dwconv: [3, 3, 32, 1] }],
  [
    'EfficientNetV2 without its scaling',
    'tf',
    { stem_conv: stem(3, 32), block1a_project_conv: [3, 3, 32, 16], block2a_expand_conv: [3, 3, 16, 64] },
  ],
  [
    'ConvNeXt without its scaling',
    'torch',
    { convnext_tiny_stem_conv: stem(4, 96), convnext_tiny_stage_0_block_0_depthwise_conv: [7, 7, 1, 96] },
  ],
  [
    'a VGG by name alone',
    undefined,
    { block1_conv1: stem(3, 16), block1_conv2: [3, 3, 16, 16], block2_conv1: [3, 3, 16, 32] },
  ],
];

for (const [what, expected, layers] of families)
  test(`family: ${what} → ${expected ?? 'nobody knows'}`, () => {
    assert.equal(familyOf(new Map(Object.entries(layers)))?.preprocessing, expected);
  });

test('Teachable Machine says so itself', async () => {
  const metadata = { tmVersion: '2.4.5', packageName: '@teachablemachine/image', labels: ['a', 'b'], imageSize: 224 };
  const file = await saved(unknown(), { 'metadata.json': JSON.stringify(metadata) });
  const { base, decision } = await openBase(file);
  base.dispose();
  assert.equal(decision?.preprocessing, 'tf');
  for (const other of ['{', '{"labels":["a"]}', '[]', '{"packageName":"@teachablemachine/image","labels":[1]}']) {
    const opened = await openBase(await saved(unknown(), { 'metadata.json': other }));
    opened.base.dispose();
    assert.equal(opened.decision, undefined, other);
  }
});

test('what is given holds, and what the network shows is said beside it', async () => {
  const file = await saved(unknown(rescaling(1 / 255)));
  const base = await loadBase(file, { preprocessing: { mean: [127.5], std: [127.5] } });
  const info = baseOf(base)?.info;
  assert.deepEqual(info?.preprocessing, { mean: [127.5], std: [127.5] });
  assert.match(info.why ?? '', /^As given\. The network scales its pixels itself .* For that it would be none\.$/);
  base.dispose();
  for (const wrong of ['TF', { mean: [1] }, { mean: [1], std: [0] }, { mean: [1, 2], std: [1] }])
    assert.match(
      await failure(loadBase(file, { preprocessing: wrong as 'tf' })),
      /loadBase: preprocessing is .* It must be tf, caffe, torch, unit, none, or \{ mean: \[…\], std: \[…\] \}/,
    );
});

test('a grey base takes no preprocessing of colours', async () => {
  const input = tf.input({ shape: [16, 16, 1] });
  const output = tf.layers.conv2d({ filters: 4, kernelSize: 3 }).apply(input) as tf.SymbolicTensor;
  const file = await saved(tf.model({ inputs: input, outputs: output }));
  assert.match(
    await failure(loadBase(file, { preprocessing: 'caffe' })),
    /takes grey pictures, and the preprocessing caffe is for three/,
  );
  (await loadBase(file, { preprocessing: 'tf' })).dispose();
});
