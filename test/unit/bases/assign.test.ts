import assert from 'node:assert/strict';
import { test } from 'node:test';

import { knownBase } from '../../../src/runtime/bases/known.js';
import { disposeModel } from '../../../src/runtime/bases/dispose.js';
import { assignWeights } from '../../../src/runtime/bases/files/assign.js';
import type { LayerWeights } from '../../../src/runtime/bases/files/h5-file.js';
import { tf } from '../../../src/runtime/tf.js';

async function outline(): Promise<tf.LayersModel> {
  const model = await knownBase('mobilenet-v3-small')?.outline({ inputShape: [32, 32, 3] });
  assert.ok(model);
  return model;
}

/** Weights for each layer of a model, the i-th layer's all i + 1, under other names. */
function weightsFor(model: tf.LayersModel, rename: (layer: string, i: number) => string): LayerWeights[] {
  return model.layers
    .filter(({ weights }) => weights.length > 0)
    .map((layer, i) => ({
      layer: rename(layer.name, i),
      weights: layer.weights.map(({ originalName, shape }) => ({
        name: originalName,
        shape: shape.map(Number),
        data: new Float32Array(shape.reduce((product: number, side) => product * Number(side), 1)).fill(i + 1),
      })),
    }));
}

const firstOf = (model: tf.LayersModel) =>
  model.layers.filter(({ weights }) => weights.length > 0).map(({ weights }) => weights[0]?.read().dataSync()[0]);

/** As the Keras that made the published file called them. */
const once = (layer: string) =>
  layer
    .replace(/_bn$/, '/BatchNorm')
    .replace('_squeeze_excite_conv', '/squeeze_excite/Conv')
    .replace(/^conv/, 'Conv')
    .replace(/^(expanded_conv(_\d+)?)_/, '$1/');

test('layers that are called otherwise in a file get their weights in order, as in Keras', async () => {
  const model = await outline();
  const source = weightsFor(model, once);
  assert.equal(source[1]?.layer, 'Conv/BatchNorm');
  assignWeights(model, source, 'old.h5');
  assert.deepEqual(
    firstOf(model),
    source.map((_, i) => i + 1),
  );
  disposeModel(model);
});

test('names come before the order', async () => {
  const model = await outline();
  const source = weightsFor(model, (layer) => layer);
  assignWeights(model, source.toReversed(), 'turned.h5');
  assert.deepEqual(
    firstOf(model),
    source.map((_, i) => i + 1),
  );
  disposeModel(model);
});

test('what fits neither by name nor in order is refused, and nothing is copied', async () => {
  const model = await outline();
  const source = weightsFor(model, once);
  const swapped = [...source.slice(2), ...source.slice(0, 2)];
  for (const wrong of [swapped, source.slice(1)])
    assert.throws(() => {
      assignWeights(model, wrong, 'wrong.h5');
    }, /wrong\.h5 does not fit mobilenet-v3-small: it has no weights for the layer conv/);
  assert.deepEqual(new Set(firstOf(model).slice(0, 1)), new Set([0]));
  disposeModel(model);
});
