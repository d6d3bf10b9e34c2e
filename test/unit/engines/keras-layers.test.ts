import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { baseOf } from '../../../src/runtime/bases/base.js';
import { disposeModel } from '../../../src/runtime/bases/dispose.js';
import { loadBase, readModel } from '../../../src/runtime/bases/load-base.js';
import { chooseEngine } from '../../../src/runtime/engines/index.js';
import { programOf, tapInputs, type Program } from '../../../src/runtime/graph/index.js';
import { trainingGraph } from '../../../src/runtime/engines/training-graph.js';
import { present } from '../../../src/common/errors.js';
import { tf } from '../../../src/runtime/tf.js';
import { sgd } from '../../../src/runtime/train/optimizers.js';
import { openTrainer } from '../../support/engines.js';
import { fixtures, noise, relativeDifference } from '../../support/made-up.js';

/** Outputs of models of Keras 3 and Keras 2, of the bases cut out of them, and losses: test/fixtures/keras/make_layers.py. */
const file = readFileSync(path.join(fixtures, 'golden-layers.json'), 'utf8');
const golden = JSON.parse(file) as Record<string, readonly (readonly number[])[]>;
const losses = JSON.parse(file) as Record<string, readonly number[]>;
const folder = path.join(fixtures, 'layers');
const shape = [2, 6, 6, 3];
const pictures = {
  data: Float32Array.from(noise(2 * 6 * 6 * 3, 5), (value) => Math.floor((value + 0.5) * 256) / 64 - 2),
  shape,
};

for (const file of readdirSync(folder)) {
  test(`${file} gives Keras's numbers in each engine`, async () => {
    const expected = golden[path.parse(file).name] ?? [];
    const { model } = await readModel(path.join(folder, file));
    const program = programOf(model);
    assert.equal(program.outputs.length, expected.length);
    const wrong: string[] = [];
    for (const engine of ['onnxruntime', 'wasm'] as const) {
      for (const [i, output] of program.outputs.entries()) {
        const one: Program = { ...program, outputs: [output] };
        const step = program.steps.find(({ outputs }) => outputs.includes(output));
        const what = `${engine} ${i} ${step?.layer.name ?? ''} ${step?.layer.getClassName() ?? ''}`;
        const compiled = chooseEngine(engine).compile(one, tapInputs(one));
        if (compiled.refusal !== undefined) {
          wrong.push(`${what}: ${compiled.refusal}`);
          continue;
        }
        try {
          const runner = await compiled.open();
          const [result] = await runner.run({ tap_0: pictures });
          await runner.dispose();
          const difference = relativeDifference(present(result, 'A result').data, expected[i] ?? []);
          if (!(difference < 1e-4)) wrong.push(`${what}: ${difference}`);
        } catch (error) {
          wrong.push(`${what}: ${String(error).slice(0, 200)}`);
        }
      }
    }
    disposeModel(model);
    assert.deepEqual(wrong, []);
  });
}

for (const name of ['tutorial', 'thawed']) {
  for (const file of [`${name}.keras`, `${name}.h5`, `${name}-2.h5`])
    test(`${file}: the base within is cut out, its preprocessing with it`, async () => {
      const base = await loadBase(path.join(folder, file));
      const info = baseOf(base)?.info;
      assert.equal(info?.preprocessing, 'none');
      assert.deepEqual(
        base.layers.filter((layer) => layer.weights.length > 0).map((layer) => layer.name),
        ['conv1', 'bn1', 'conv2', 'bn2'],
      );
      const output = base.predict(tf.tensor(pictures.data, shape)) as tf.Tensor;
      const [expected = []] = golden[`${path.parse(file).name} base`] ?? [];
      assert.ok(relativeDifference(output.dataSync(), expected) < 1e-4);
      disposeModel(base);
    });
}

for (const file of ['trained.keras', 'trained-2.h5'])
  for (const engine of ['onnxruntime', 'wasm'] as const)
    test(`${file}: training all layers in ${engine} gives Keras's losses`, async () => {
      const expected = losses[`${path.parse(file).name} losses`] ?? [];
      const { model } = await readModel(path.join(folder, file));
      const trainer = await openTrainer(engine, programOf(model), {
        loss: { kind: 'categoricalCrossentropy', labelSmoothing: 0 },
        optimizer: sgd(),
        globalClipnorm: undefined,
        batchSize: 2,
      });
      const labels = { data: Float32Array.of(1, 0, 0, 0, 0, 0, 1, 0), shape: [2, 4] };
      const found: number[] = [];
      for (let step = 0; step < expected.length; step++) {
        const batch = { inputs: [pictures], labels, weights: new Float32Array(2).fill(1) };
        found.push((await trainer.step(batch, { learningRate: 0.05, seed: step })).loss);
      }
      await trainer.dispose();
      disposeModel(model);
      assert.ok(relativeDifference(found, expected) < 1e-4, `${found.join(' ')} instead of ${expected.join(' ')}`);
    });

test('what drops whole channels, or whole pictures, has one number for each', () => {
  const masks = { SpatialDropout2D: [4, 1, 1], StochasticDepth: [1, 1, 1] };
  for (const [className, expected] of Object.entries(masks)) {
    const [make, fromConfig] = tf.serialization.SerializationMap.getMap().classNameMap[className] ?? [];
    assert.ok(make && fromConfig);
    const noise = fromConfig(make, { rate: 0.5 });
    assert.ok(noise instanceof tf.layers.Layer);
    const input = tf.input({ shape: shape.slice(1) });
    const on = (layer: tf.layers.Layer, x: tf.SymbolicTensor) => layer.apply(x) as tf.SymbolicTensor;
    const map = on(tf.layers.conv2d({ filters: 4, kernelSize: 1 }), input);
    const pooled = on(tf.layers.globalAveragePooling2d({}), on(noise, map));
    const outputs = on(tf.layers.dense({ units: 2, activation: 'softmax' }), pooled);
    const model = tf.model({ inputs: input, outputs });
    const training = trainingGraph(programOf(model), { kind: 'categoricalCrossentropy', labelSmoothing: 0 });
    assert.deepEqual(
      training.masks.map(({ rate, shape: size }) => ({ rate, size })),
      [{ rate: 0.5, size: expected }],
    );
    disposeModel(model);
  }
});
