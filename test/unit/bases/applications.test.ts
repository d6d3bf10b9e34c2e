import assert from 'node:assert/strict';
import { test } from 'node:test';

import { knownBases } from '../../../src/runtime/bases/known.js';
import { disposeModel } from '../../../src/runtime/bases/dispose.js';
import { programOf } from '../../../src/runtime/graph/index.js';
import { digestsOf, fill, kerasApplications } from '../../support/applications.js';
import { pixelRunner } from '../../support/engines.js';
import { pixels, pooled } from '../../support/made-up.js';

const tolerance = 1e-4;

/** Larger ones are of the same blocks as a smaller one of their family, and their layers are compared with Keras's anyway. */
const large = 25e6;
const every = process.env['GRAFT_TEST_EVERY_NETWORK'] === '1';

for (const base of knownBases.filter(({ name, weights }) => weights !== 'bundled' && name !== 'squeezenet')) {
  const { name, preprocessing, weights } = base;
  const keras = kerasApplications()[name];

  test(`${name} has the layers of Keras's, with and without its classifier`, async () => {
    assert.ok(keras && weights !== 'bundled');
    assert.equal(weights.fingerprint, keras.notop.weights);
    for (const includeTop of [true, false]) {
      const model = await base.outline({ includeTop });
      assert.deepEqual(digestsOf(model), includeTop ? keras.top : keras.notop);
      if (!includeTop) assert.equal(model.countParams(), keras.parameters);
      disposeModel(model);
    }
  });

  const skip =
    base.parameters > large && !every && 'a large network: GRAFT_TEST_EVERY_NETWORK=1 compares its features too';
  test(`${name} gives Keras's features`, { skip }, async () => {
    assert.ok(keras);
    const { side } = keras;
    const model = fill(await base.outline({ inputShape: [side, side, 3] }));
    const runner = pixelRunner(programOf(model), { preprocessing, size: [side, side] });
    const [map = new Float32Array()] = await runner.run(pixels(side, side), 1);
    await runner.dispose();
    const means = pooled(map, Number(model.outputs[0]?.shape.at(-1)));
    disposeModel(model);
    const shown = means.filter((_, channel) => channel % keras.step === 0);
    assert.equal(shown.length, keras.pooled.length);
    const difference = Math.max(...shown.map((value, i) => Math.abs(value - (keras.pooled[i] ?? NaN)))) / keras.largest;
    assert.ok(difference < tolerance, String(difference));
  });
}
