import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { mobileNetV2, resNet50 } from '../../../src/runtime/bases/definitions/index.js';
import { programOf } from '../../../src/runtime/graph/index.js';
import type { FloatTensor } from '../../../src/common/tensor.js';
import { tf } from '../../../src/runtime/tf.js';
import { freeze } from '../../../src/runtime/train/freeze.js';
import { sgd } from '../../../src/runtime/train/optimizers.js';
import { snapshot, restore } from '../../../src/runtime/train/weights.js';
import { openTrainer } from '../../support/engines.js';
import { fill, fixtures, noise, relativeDifference } from '../../support/made-up.js';

/** Losses of fine-tuning, against those of Keras: test/fixtures/keras/make_training.py. */
const golden = JSON.parse(readFileSync(path.join(fixtures, 'golden-training.json'), 'utf8')) as Record<
  string,
  number[]
>;

function network(base: tf.LayersModel, frozen?: string): tf.LayersModel {
  const x = tf.layers.globalAveragePooling2d({ name: 'pool' }).apply(base.outputs) as tf.SymbolicTensor;
  const y = tf.layers.dense({ units: 4, activation: 'softmax', name: 'head' }).apply(x) as tf.SymbolicTensor;
  const model = fill(tf.model({ inputs: base.inputs, outputs: y }));
  if (frozen !== undefined) freeze(model, { upTo: frozen });
  return model;
}

function encoder(): tf.LayersModel {
  const input = tf.input({ shape: [6], name: 'tokens' });
  const on = (layer: tf.layers.Layer, ...values: tf.SymbolicTensor[]) => layer.apply(values) as tf.SymbolicTensor;
  const dense = (name: string, units: number, activation: 'linear' | 'relu' | 'softmax' = 'linear') =>
    tf.layers.dense({ units, activation, name });
  let x = tf.layers.embedding({ inputDim: 20, outputDim: 8, name: 'embedding' }).apply(input) as tf.SymbolicTensor;
  let y = on(tf.layers.layerNormalization({ name: 'norm1' }), x);
  const [q, k, v] = ['query', 'key', 'value'].map((name) => on(dense(name, 8), y)) as [
    tf.SymbolicTensor,
    tf.SymbolicTensor,
    tf.SymbolicTensor,
  ];
  const scores = on(
    tf.layers.softmax({ axis: -1, name: 'attention' }),
    on(tf.layers.dot({ axes: [2, 2], name: 'scores' }), q, k),
  );
  y = on(dense('output', 8), on(tf.layers.dot({ axes: [2, 1], name: 'mixed' }), scores, v));
  x = on(tf.layers.add({ name: 'add1' }), x, y);
  y = on(tf.layers.layerNormalization({ name: 'norm2' }), x);
  y = on(dense('narrow', 8), on(dense('wide', 16, 'relu'), y));
  x = on(tf.layers.globalAveragePooling1d({ name: 'pool' }), on(tf.layers.add({ name: 'add2' }), x, y));
  return fill(tf.model({ inputs: input, outputs: on(dense('head', 4, 'softmax'), x) }));
}

const pictures = (step: number): FloatTensor => ({
  data: Float32Array.from(noise(4 * 64 * 64 * 3, 300 + step), (value) => Math.fround(value) * 2),
  shape: [4, 64, 64, 3],
});
const tokens = (step: number): FloatTensor => ({
  data: Float32Array.from(noise(4 * 6, 400 + step), (value) => Math.floor((value + 0.5) * 20)),
  shape: [4, 6],
});
const bare = { weights: null, includeTop: false } as const;

const cases = {
  resnet50: {
    make: async () => network(await resNet50({ ...bare, inputShape: [64, 64, 3] }), 'conv4_block6_out'),
    inputs: pictures,
    rate: 2e-7,
    fixed: true,
    // A whole network of this size is too slow a test in WebAssembly.
    engines: ['onnxruntime'],
  },
  'mobilenet-v2': {
    make: async () => network(await mobileNetV2({ ...bare, inputShape: [64, 64, 3] })),
    inputs: pictures,
    rate: 1e-3,
    fixed: true,
    engines: ['onnxruntime'],
  },
  transformer: {
    make: () => Promise.resolve(encoder()),
    inputs: tokens,
    rate: 0.1,
    fixed: false,
    engines: ['onnxruntime', 'wasm'],
  },
} as const;

for (const [name, { make, inputs, rate, fixed, engines }] of Object.entries(cases)) {
  test(`${name}: fine-tuning gives Keras's losses`, async () => {
    const expected = golden[name] ?? [];
    const model = await make();
    const start = await snapshot(model.layers);
    for (const engine of engines) {
      restore(model.layers, start);
      const trainer = await openTrainer(engine, programOf(model), {
        loss: { kind: 'categoricalCrossentropy', labelSmoothing: 0 },
        optimizer: sgd(),
        globalClipnorm: undefined,
        inference: new Set(fixed ? model.layers : []),
        batchSize: 4,
      });
      const labels = { data: Float32Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : 0)), shape: [4, 4] };
      const losses: number[] = [];
      for (let step = 0; step < expected.length; step++) {
        const batch = { inputs: [inputs(step)], labels, weights: new Float32Array(4).fill(1) };
        losses.push((await trainer.step(batch, { learningRate: rate, seed: step })).loss);
      }
      await trainer.dispose();
      const message = `${engine}: ${losses.join(' ')} instead of ${expected.join(' ')}`;
      assert.ok(relativeDifference(losses, expected) < 1e-4, message);
    }
    model.dispose();
  });
}
