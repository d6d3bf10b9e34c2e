import assert from 'node:assert/strict';
import { test } from 'node:test';

import { present } from '../../../src/common/errors.js';
import * as layers from '../../../src/runtime/bases/build/layers.js';
import { efficientNet } from '../../../src/runtime/bases/definitions/efficientnet.js';
import { disposeModel } from '../../../src/runtime/bases/dispose.js';
import { defaultFreezePoint, knownBases } from '../../../src/runtime/bases/known.js';
import { programOf, shapeOf, splitPrefix } from '../../../src/runtime/graph/index.js';
import { tf } from '../../../src/runtime/tf.js';
import { freeze } from '../../../src/runtime/train/freeze.js';
import { sgd } from '../../../src/runtime/train/optimizers.js';
import { digestsOf, fill, kerasApplications, type LayerDigests } from '../../support/applications.js';
import { compiled, pixelRunner } from '../../support/engines.js';
import { noise, pixels, pooled } from '../../support/made-up.js';

const tolerance = 1e-4;

/** Larger ones are of the same blocks as a smaller one of their family, and their layers are compared with Keras's anyway. */
const large = 25e6;
const product = (sizes: readonly number[]) => sizes.reduce((total, size) => total * size, 1);
const every = process.env['GRAFT_TEST_EVERY_NETWORK'] === '1';

for (const base of knownBases.filter(({ name, weights }) => weights !== 'bundled' && name !== 'squeezenet')) {
  const { name, preprocessing, weights } = base;
  const keras = kerasApplications()[name];

  test(`${name} has the layers of Keras's, with and without its classifier`, async () => {
    assert.ok(keras && weights !== 'bundled');
    assert.equal(weights.fingerprint, keras.notop.weights);
    for (const includeTop of [true, false]) {
      const model = await base.outline({ includeTop });
      const { order, ...layers } = digestsOf(model);
      const said: LayerDigests = includeTop ? keras.top : keras.notop;
      const { order: inKeras, ...expected } = said;
      assert.deepEqual(layers, expected);
      if (inKeras !== undefined) assert.equal(order, inKeras);
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

  test(`${name} can be frozen at its default and trained from there`, { skip }, async () => {
    const side = keras?.side ?? 64;
    const body = await base.outline({ inputShape: [side, side, 3], pooling: 'avg' });
    const end = present(body.outputs[0], 'The output');
    const outputs = tf.layers.dense({ units: 2, activation: 'softmax' }).apply(end);
    const model = tf.model({ inputs: body.inputs, outputs: outputs as tf.SymbolicTensor });
    freeze(model, { upTo: defaultFreezePoint(base) });
    const { prefix, suffix } = splitPrefix(model);
    assert.ok(prefix);
    const optimizer = sgd();
    const loss = { kind: 'categoricalCrossentropy', labelSmoothing: 0 } as const;
    const options = { loss, optimizer, globalClipnorm: undefined, batchSize: 2 };
    for (const engine of ['onnxruntime', 'wasm'] as const) {
      const training = compiled(engine, suffix, options);
      // Opening one takes seconds: it is done where all networks are.
      if (!every) continue;
      const trainer = await training.open();
      const inputs = suffix.inputs.map((value) => {
        const shape = [2, ...shapeOf(suffix, value)];
        return { data: Float32Array.from(noise(product(shape), 7)), shape };
      });
      const labels = { data: Float32Array.of(1, 0, 0, 1), shape: [2, 2] };
      const step = { inputs, labels, weights: Float32Array.of(1, 1) };
      assert.ok(Number.isFinite((await trainer.step(step, { learningRate: 0.01, seed: 1 })).loss));
      await trainer.dispose();
    }
    disposeModel(model);
  });
}

test('with the weights that were published, EfficientNet scales its pixels once more', async () => {
  const keras = kerasApplications()['efficientnet-b0 as published'];
  assert.ok(keras);
  const { side } = keras;
  const input = tf.input({ shape: [side, side, 3] });
  const options = { includeTop: false, pooling: 'avg', classes: 1000, alpha: 1, minimalistic: false, imagenet: true };
  const model = fill(tf.model({ inputs: input, outputs: efficientNet(1, 1, 0.2)(layers, input, options as never) }));
  const runner = pixelRunner(programOf(model), { preprocessing: 'none', size: [side, side] });
  const [means = new Float32Array()] = await runner.run(pixels(side, side), 1);
  await runner.dispose();
  disposeModel(model);
  const shown = means.filter((_, channel) => channel % keras.step === 0);
  const difference = Math.max(...keras.pooled.map((value, i) => Math.abs(value - (shown[i] ?? NaN)))) / keras.largest;
  assert.ok(difference < tolerance, String(difference));
});
