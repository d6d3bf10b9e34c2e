import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import type * as h5 from 'h5wasm/node';

import { mobileNetV3Small } from '../../../../src/runtime/bases/definitions/index.js';
import { disposeModel } from '../../../../src/runtime/bases/dispose.js';
import { loadBase } from '../../../../src/runtime/bases/load-base.js';
import { describeBase } from '../../../../src/runtime/scaffold/describe-base.js';
import type { tf } from '../../../../src/runtime/tf.js';
import { fill } from '../../../support/made-up.js';
import { editH5, failure } from '../../../support/model-files.js';
import { temporaryFolder } from '../../../support/pictures.js';

/** As Keras 2 calls a layer of MobileNetV3, and its published files with it: `expanded_conv_1/depthwise/BatchNorm`. */
function oldName(name: string): string {
  const parts = /^(?:(expanded_conv(?:_\d+)?)_)?(?:(squeeze_excite)_)?(.+?)(_bn)?$/.exec(name);
  assert.ok(parts !== null, name);
  const [, block, squeeze, own = '', normalized] = parts;
  const isCapital = block === undefined || squeeze !== undefined;
  const called = isCapital ? own.charAt(0).toUpperCase() + own.slice(1) : own;
  return [block, squeeze, called, normalized && 'BatchNorm'].filter((part) => part !== undefined).join('/');
}

/** As `save_weights` of Keras 2 writes it: a layer's group lies in that of the name before its slash. */
async function published(model: tf.LayersModel): Promise<string> {
  const layers = model.layers.filter(({ weights }) => weights.length > 0);
  return await editH5(
    path.join(temporaryFolder(), 'weights.h5'),
    (file) => {
      file.create_attribute(
        'layer_names',
        layers.map(({ name }) => oldName(name)),
      );
      for (const layer of layers) {
        const name = oldName(layer.name);
        const names = layer.weights.map(({ originalName }) => `${name}/${originalName.split('/').at(-1) ?? ''}:0`);
        const group = groupAt(file, name);
        group.create_attribute('weight_names', names);
        layer.weights.forEach((weight, i) => {
          const [place, own] = [(names[i] ?? '').split('/').slice(0, -1).join('/'), (names[i] ?? '').split('/').at(-1)];
          const data = weight.read().dataSync() as Float32Array;
          groupAt(group, place).create_dataset({ name: own ?? '', data, shape: weight.shape.map(Number) });
        });
      }
    },
    'w',
  );
}

function groupAt(parent: h5.Group, name: string): h5.Group {
  return name.split('/').reduce((group, part) => {
    const there = group.keys().includes(part) ? group.get(part) : group.create_group(part);
    assert.ok(there !== null && 'keys' in there, name);
    return there;
  }, parent);
}

for (const minimalistic of [false, true])
  test(`weights of MobileNetV3 by Keras 2's names go to their places${minimalistic ? ', minimalistic too' : ''}`, async () => {
    const options = { includeTop: false, minimalistic, inputShape: [32, 32, 3] } as const;
    const model = fill(await mobileNetV3Small({ ...options, weights: null }));
    assert.equal(oldName('conv_bn'), 'Conv/BatchNorm');
    assert.equal(oldName('expanded_conv_10_depthwise_bn'), 'expanded_conv_10/depthwise/BatchNorm');
    assert.equal(oldName('expanded_conv_squeeze_excite_conv_1'), 'expanded_conv/squeeze_excite/Conv_1');
    const file = await published(model);
    const loaded = await mobileNetV3Small({ ...options, weights: file });
    const [given, found] = [model, loaded].map((one) => one.getWeights().map((weight) => weight.dataSync()));
    assert.ok(given !== undefined && given.length > 100);
    assert.deepEqual(found, given);

    // And they are told by their names and shapes.
    const label = minimalistic ? 'MobileNetV3 Small (minimalistic)' : 'MobileNetV3 Small';
    assert.equal((await describeBase(file)).label, `${label} (weights.h5)`);
    assert.match(
      await failure(loadBase(file)),
      /They are those of MobileNetV3 Small.*applications\.mobileNetV3Small\(/,
    );
    for (const one of [model, loaded]) disposeModel(one);
  });

test('a file with the classifier serves without it', async () => {
  const options = { inputShape: [32, 32, 3] } as const;
  const whole = fill(await mobileNetV3Small({ ...options, classes: 3, weights: null }));
  const loaded = await mobileNetV3Small({ ...options, includeTop: false, weights: await published(whole) });
  const found = loaded.getWeights().map((weight) => weight.dataSync());
  const given = loaded.layers.flatMap(({ name }) =>
    whole
      .getLayer(name)
      .getWeights()
      .map((weight) => weight.dataSync()),
  );
  assert.equal(found.length, given.length);
  const ofLayers = loaded.layers.flatMap((layer) => layer.getWeights().map((weight) => weight.dataSync()));
  assert.deepEqual(ofLayers, given);
  for (const one of [whole, loaded]) disposeModel(one);
});
