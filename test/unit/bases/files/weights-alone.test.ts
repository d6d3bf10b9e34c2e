import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import type * as h5 from 'h5wasm/node';

import { disposeModel } from '../../../../src/runtime/bases/dispose.js';
import { assignWeights } from '../../../../src/runtime/bases/files/assign.js';
import { readH5 } from '../../../../src/runtime/bases/files/h5-file.js';
import { loadBase } from '../../../../src/runtime/bases/load-base.js';
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
