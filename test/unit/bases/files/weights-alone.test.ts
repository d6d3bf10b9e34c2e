import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import type * as h5 from 'h5wasm/node';

import { disposeModel } from '../../../../src/runtime/bases/dispose.js';
import { assignWeights } from '../../../../src/runtime/bases/files/assign.js';
import { readH5, type LayerWeights } from '../../../../src/runtime/bases/files/h5-file.js';
import { knownBase } from '../../../../src/runtime/bases/known.js';
import { loadBase } from '../../../../src/runtime/bases/load-base.js';
import { recognize } from '../../../../src/runtime/bases/recognize.js';
import { describeModel } from '../../../../src/runtime/service/describe-model.js';
import { fill, tinyModel } from '../../../support/made-up.js';
import { editH5, failure, tinyWeights } from '../../../support/model-files.js';
import { temporaryFolder } from '../../../support/pictures.js';

/** As `model.save_weights("x.weights.h5")` of Keras 3 writes it. */
async function weightsFile(edit?: (opened: h5.File) => void): Promise<string> {
  const file = path.join(temporaryFolder(), 'x.weights.h5');
  writeFileSync(file, tinyWeights());
  return edit === undefined ? file : await editH5(file, edit);
}

test('weights alone of Keras 3 go to the layers whose names they say', async () => {
  const file = await weightsFile();
  const { config, layers } = await readH5(file);
  assert.equal(config, undefined);
  const [model, expected] = [tinyModel(), fill(tinyModel())];
  for (const layer of model.layers) layer.setWeights(layer.getWeights().map((weight) => weight.mul(0)));
  assignWeights(model, layers, file);
  for (const [i, weight] of model.getWeights().entries())
    assert.deepEqual(await weight.data(), await expected.getWeights()[i]?.data());
  assert.deepEqual(
    (await describeModel(file)).layers.map(({ name }) => name),
    layers.flatMap(({ layer, weights }) => (weights.length > 0 ? [layer] : [])),
  );
  assert.match(
    await failure(loadBase(file)),
    /holds weights alone, not the model they belong to\. Save the whole model: .* Or name the architecture/,
  );
  for (const one of [model, expected]) disposeModel(one);
});

test('two layers of one name, and weights without names, are refused', async () => {
  const twice = await weightsFile((opened) => {
    const group = opened.get('layers/batch_normalization/vars');
    assert.ok(group !== null && 'keys' in group);
    group.delete_attribute('name');
    group.create_attribute('name', 'conv');
  });
  const { layers } = await readH5(twice);
  const model = tinyModel();
  assert.throws(() => {
    assignWeights(model, layers, twice);
  }, /it has weights for the layer conv twice/);
  disposeModel(model);
  const nameless = await weightsFile((opened) => {
    const visit = (group: h5.Group): void => {
      for (const key of group.keys()) {
        const child = group.get(key);
        if (child === null || !('keys' in child)) continue;
        if (key === 'vars') child.delete_attribute('name');
        visit(child);
      }
    };
    visit(opened);
  });
  assert.match(
    await failure(readH5(nameless)),
    /holds weights alone .* without the names of their layers\. Save the whole model/,
  );
});

/** The layers of a network as a file of its weights has them. */
async function layersOf(name: string): Promise<LayerWeights[]> {
  const base = knownBase(name);
  assert.ok(base);
  const model = await base.outline();
  const layers = model.layers.map(({ name: layer, weights }) => ({
    layer,
    weights: weights.map(({ shape }) => ({ shape: shape.map(Number), data: undefined })),
  }));
  disposeModel(model);
  return layers;
}

test('a network is known by its weights, whatever Keras had counted before', async () => {
  for (const name of ['inception-v3', 'xception', 'efficientnet-b0', 'nasnet-mobile']) {
    const layers = await layersOf(name);
    assert.equal(recognize(layers)?.name, name);
    // The published file of InceptionV3 begins with conv2d_1; another's may go on from whatever was there.
    const counted = (by: number) =>
      layers.map(({ layer, weights }) => {
        const [, kind = '', end] = /^(conv2d|batch_normalization|normalization)(_\d+)?$/.exec(layer) ?? [];
        return { layer: kind === '' ? layer : `${kind}_${Number(end?.slice(1) ?? 0) + by}`, weights };
      });
    for (const by of [1, 95]) assert.equal(recognize(counted(by))?.name, name, `${name}, ${by}`);
    // One layer less is another network.
    const last = layers.findLastIndex(({ weights }) => weights.length > 0);
    assert.equal(recognize(layers.toSpliced(last, 1)), undefined);
  }
});

test('the models within ConvNeXt, one list of weights each in files of Keras 2, are its layers', async () => {
  const layers = await layersOf('convnext-tiny');
  const within = (layer: string) =>
    layer
      .replace(/_stem_(conv|layernorm)$/, '_stem')
      .replace(/_downsampling_(?:conv|layernorm)_(\d)$/, '_downsampling_block_$1');
  const lists = new Map<string, LayerWeights['weights']>();
  for (const { layer, weights } of layers) lists.set(within(layer), [...(lists.get(within(layer)) ?? []), ...weights]);
  const folded = [...lists].map(([layer, weights]) => ({ layer, weights }));
  assert.ok(folded.some(({ layer }) => layer === 'convnext_tiny_downsampling_block_2'));
  assert.equal(recognize(folded)?.name, 'convnext-tiny');
});
