import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { loadBase } from '../../../src/runtime/bases/load-base.js';
import { describeBase } from '../../../src/runtime/scaffold/describe-base.js';
import { fixtures } from '../../support/made-up.js';
import { failure, formats, kerasFile, type Config, type Layer } from '../../support/model-files.js';
import { temporaryFolder } from '../../support/pictures.js';

function layer({ config }: Config, name: string): Layer {
  const found = config.layers.find((entry) => entry.config['name'] === name);
  assert.ok(found, name);
  return found;
}

/** What a file of Keras may have that is not known here: each is named by layer, class and key, and never taken for its default. */
const unknown: readonly [string, (config: Config) => unknown, RegExp][] = [
  [
    'a key',
    (c) => (layer(c, 'conv').config['sparsity'] = 0.5),
    /the layer "conv" \(Conv2D\) has sparsity 0\.5, which is not known here/,
  ],
  [
    'a value',
    (c) => (layer(c, 'depthwise').config['padding'] = 'reflect'),
    /the layer "depthwise" \(DepthwiseConv2D\) has padding "reflect", which is not known here/,
  ],
  [
    'an activation',
    (c) => (layer(c, 'dense').config['activation'] = 'sparsemax'),
    /the layer "dense" \(Dense\) has activation "sparsemax", which is not known here/,
  ],
  [
    'renormalization',
    (c) => (layer(c, 'bn').config['renorm'] = true),
    /the layer "bn" \(BatchNormalization\) has renorm true, which is not known here/,
  ],
  [
    'a quantised policy',
    (c) =>
      (layer(c, 'conv').config['dtype'] = {
        module: 'keras',
        class_name: 'QuantizedDTypePolicy',
        config: { name: 'int8_from_float32' },
      }),
    /the layer "conv" \(Conv2D\) computes with int8_from_float32: it is quantised/,
  ],
  [
    'a class',
    (c) => (layer(c, 'relu').class_name = 'Discretization'),
    /the layer "relu" \(Discretization\) is not known here/,
  ],
  [
    'code of Python',
    (c) => (layer(c, 'relu').class_name = 'Lambda'),
    /the layer "relu" \(Lambda\) holds code of Python, which cannot be run here/,
  ],
  [
    'a class of somebody’s own',
    (c) => Object.assign(layer(c, 'relu'), { class_name: 'mine>Swirl', module: 'mine' }),
    /the layer "relu" \(mine>Swirl\) is a class of somebody’s own, whose code is not in the file/,
  ],
  [
    'a class of somebody’s own that is called like one of Keras',
    (c) => Object.assign(layer(c, 'bn'), { module: 'mine.layers', registered_name: 'mine>BatchNormalization' }),
    /the layer "bn" \(mine>BatchNormalization\) is a class of somebody’s own, whose code is not in the file/,
  ],
  [
    'the same, as Keras 2 writes it',
    (c) => (layer(c, 'relu').class_name = 'Custom>ReLU'),
    /the layer "relu" \(Custom>ReLU\) is a class of somebody’s own/,
  ],
  [
    'a function of somebody’s own that is called like one of Keras',
    (c) =>
      (layer(c, 'dense').config['activation'] = {
        module: '__main__',
        class_name: 'function',
        config: 'swish',
        registered_name: 'swish',
      }),
    /the layer "dense" \(Dense\) has activation .*"swish".*, which is not known here/,
  ],
  [
    'axes of a softmax',
    (c) => Object.assign(layer(c, 'relu'), { class_name: 'Softmax', config: { name: 'relu', axis: [1, 2] } }),
    /the layer "relu" \(Softmax\) has axis \[1,2\], which is not known here/,
  ],
  [
    'axes of a normalization',
    (c) => (layer(c, 'bn').config['axis'] = [1, 2]),
    /the layer "bn" \(BatchNormalization\) has axis \[1,2\], which is not known here/,
  ],
  [
    'numbers that are none',
    (c) =>
      Object.assign(layer(c, 'relu'), { class_name: 'Rescaling', config: { name: 'relu', scale: { of: 'somebody' } } }),
    /the layer "relu" \(Rescaling\) has scale \{"of":"somebody"\}, which is not known here/,
  ],
  [
    'a sequence that is padded on one side',
    (c) =>
      Object.assign(layer(c, 'relu'), {
        class_name: 'Conv1D',
        config: { name: 'relu', filters: 2, kernel_size: 3, padding: 'causal' },
      }),
    /the layer "relu" \(Conv1D\) has padding "causal", which is not known here/,
  ],
  [
    'channels first',
    (c) => (layer(c, 'conv').config['data_format'] = 'channels_first'),
    /the layer "conv" \(Conv2D\) has its channels first .*channels_last/,
  ],
  [
    'channels first of a layer that is known otherwise alone',
    (c) =>
      Object.assign(layer(c, 'relu'), {
        class_name: 'Resizing',
        config: { name: 'relu', height: 8, width: 8, data_format: 'channels_first' },
      }),
    /the layer "relu" \(Resizing\) has its channels first/,
  ],
  [
    'a resizing that is not known',
    (c) =>
      Object.assign(layer(c, 'relu'), {
        class_name: 'Resizing',
        config: { name: 'relu', height: 8, width: 8, interpolation: 'cubic' },
      }),
    /the layer "relu" \(Resizing\) has interpolation "cubic", which is not known here/,
  ],
  [
    'a product over other axes than the last',
    (c) =>
      Object.assign(layer(c, 'relu'), {
        class_name: 'EinsumDense',
        config: { name: 'relu', equation: 'abcd,be->aecd', output_shape: [8, null, 8] },
      }),
    /the layer "relu" \(EinsumDense\) has equation "abcd,be->aecd", which is not known here/,
  ],
  [
    'attention over pictures',
    (c) =>
      Object.assign(layer(c, 'add'), {
        class_name: 'MultiHeadAttention',
        config: { name: 'add', num_heads: 2, key_dim: 4 },
      }),
    /the layer "add" \(MultiHeadAttention\) (takes values of rank 4|is not given a query and a value)/,
  ],
];

for (const format of ['x.h5', 'x.keras'])
  test(`${format}: what Keras has and Graft has not is refused by layer, class and key`, async () => {
    const write = formats[format];
    assert.ok(write);
    for (const [what, change, expected] of unknown) {
      const text = await failure(loadBase(await write(change)), what);
      assert.match(text, expected, what);
      assert.doesNotMatch(text, /truncated|cut off|Custom layers/, what);
    }
  });

/** Of whole models, as Keras writes them (test/fixtures/keras/make_refused.py): the layer, its class, and what of it. */
const refused: Readonly<Record<string, RegExp>> = {
  'mask-of-embedding':
    /the layer "attention" \(MultiHeadAttention\) is given a mask by the layer "embedding" \(mask_zero\), .* without mask_zero/,
  'mask-within':
    /the layer "attention" \(MultiHeadAttention\) is given a mask by the layer "embedding" \(mask_zero\), .* without mask_zero/,
  'mask-of-masking': /the layer "masking" \(Masking\) is not known here/,
  'mask-given': /the layer "attention" \(MultiHeadAttention\) is given the argument attention_mask/,
  'mask-causal': /the layer "attention" \(MultiHeadAttention\) is applied with use_causal_mask/,
  scores: /the layer "attention" \(MultiHeadAttention\) is applied with return_attention_scores/,
  split: /the layer "(tf\.)?split" \((Split|TFOpLambda)\) is (the operator split, which is )?not known here/,
  registered: /the layer "own" \(mine>ReLU\) is a class of somebody’s own, whose code is not in the file/,
  'own-model':
    /the model is "Net2?", not a Functional or Sequential model: a class of somebody’s own, .* keras\.Model\(model/,
  int8: /the layer "dense" \(Dense\) computes with int8.*: it is quantised/,
  'in-training': /the model "base" in it is applied with training=True.*without that argument/,
};

test('models that cannot be had are refused by layer and class, and not as damaged', async () => {
  const folder = path.join(fixtures, 'refused');
  const files = readdirSync(folder);
  assert.equal(files.length, 31);
  for (const file of files) {
    const expected = refused[path.parse(file).name.replace(/-2$/, '')];
    assert.ok(expected, file);
    const text = await failure(loadBase(path.join(folder, file)), file);
    assert.match(text, expected, file);
    assert.doesNotMatch(text, /truncated|cut off|damaged|Custom layers/, file);
  }
});

test('float16 and mixed policies are float32 here', async () => {
  const write = formats['x.keras'];
  assert.ok(write);
  for (const name of ['float16', 'mixed_float16', 'mixed_bfloat16']) {
    const file = await write((c) => {
      for (const entry of c.config.layers) entry.config['dtype'] = name;
    });
    (await loadBase(file)).dispose();
  }
});

test('the architecture alone, as to_json of Keras writes it, says what is missing', async () => {
  for (const config of [
    { class_name: 'Functional', config: { layers: [] }, keras_version: '2.15.0', backend: 'tensorflow' },
  ]) {
    const file = path.join(temporaryFolder(), 'model.json');
    writeFileSync(file, JSON.stringify(config));
    assert.match(
      await failure(loadBase(file)),
      /is the architecture of a Keras model alone .* without its weights\. Save the whole model/,
    );
  }
});

test('what has no layers says which file to take instead', async () => {
  const folder = temporaryFolder();
  const lite = path.join(folder, 'model.tflite');
  writeFileSync(lite, Buffer.concat([Buffer.from([28, 0, 0, 0]), Buffer.from('TFL3'), Buffer.alloc(64)]));
  assert.match(await failure(loadBase(lite)), /is a model for TensorFlow Lite: .*model\.save\("model\.keras"\)/);
  const saved = path.join(folder, 'saved');
  mkdirSync(saved);
  writeFileSync(path.join(saved, 'saved_model.pb'), Buffer.from([8, 1, 0x12, 0]));
  assert.match(await failure(loadBase(saved)), /is a SavedModel of TensorFlow: .*model\.save\("model\.keras"\)/);
  assert.match(await failure(loadBase(path.join(saved, 'saved_model.pb'))), /is a SavedModel of TensorFlow/);
  writeFileSync(path.join(saved, 'keras_metadata.pb'), '');
  for (const given of [saved, path.join(saved, 'saved_model.pb')])
    assert.match(
      await failure(loadBase(given)),
      /is a SavedModel of TensorFlow, which Keras 2 alone can read back\. .*tf_keras\.models\.load_model\(".*saved"\)\.save\("model\.h5"\)/,
    );
});

test('a model in an archive says what to unpack', async () => {
  const bytes = Uint8Array.of(1);
  for (const [entries, expected] of [
    [{ 'labels.txt': bytes, 'keras_model.h5': bytes }, /is an archive with keras_model\.h5 in it\. Unpack it/],
    [{ 'weights.bin': bytes, 'model.json': bytes }, /is an archive with model\.json in it\. Unpack it/],
    [{ 'model.savedmodel/saved_model.pb': bytes }, /is an archive with model\.savedmodel\/saved_model\.pb in it/],
    [{ 'archive/data.pkl': bytes }, /is not a whole \.keras file: config\.json is missing in it/],
    [{ 'config.json': bytes }, /is not a whole \.keras file: model\.weights\.h5 is missing in it/],
  ] as const)
    assert.match(await failure(loadBase(kerasFile(entries))), expected);
});

test('pickers and new scripts tell a file by its content too', async () => {
  const folder = temporaryFolder();
  const [swapped, lite] = [path.join(folder, 'swapped.h5'), path.join(folder, 'lite.h5')];
  cpSync(path.join(fixtures, 'tiny.keras'), swapped);
  writeFileSync(lite, Buffer.concat([Buffer.from([28, 0, 0, 0]), Buffer.from('TFL3'), Buffer.alloc(64)]));
  assert.deepEqual((await describeBase(swapped)).size, (await describeBase(path.join(fixtures, 'tiny.keras'))).size);
  assert.match(await failure(describeBase(lite)), /is a model for TensorFlow Lite/);
});
