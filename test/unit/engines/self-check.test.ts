import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OnnxRuntimeTrainer } from '../../../src/runtime/engines/onnxruntime-trainer.js';
import { onnxRuntimeEngine, openRunner } from '../../../src/runtime/engines/onnxruntime.js';
import { checkedRunner, type Verdict } from '../../../src/runtime/engines/self-check.js';
import { inferenceGraph, trainingGraph } from '../../../src/runtime/engines/training-graph.js';
import { checkTrainer } from '../../../src/runtime/engines/trainer-check.js';
import type { Engine, TrainerOptions } from '../../../src/runtime/engines/types.js';
import { GraftError } from '../../../src/common/errors.js';
import { forwardGraph, programOf, tapInputs, type Graph } from '../../../src/runtime/graph/index.js';
import { tf } from '../../../src/runtime/tf.js';
import { adamW } from '../../../src/runtime/train/optimizers.js';
import { noise, tinyModel } from '../../support/made-up.js';

/** The lowering without what stands between zeros and a max pool. */
function withoutWorkaround(graph: Graph): Graph {
  const pads = new Set(graph.nodes.flatMap(({ op, outputs }) => (op === 'Pad' ? outputs : [])));
  const between = new Map(
    graph.nodes.flatMap(({ op, inputs: [from = ''], outputs: [to = ''] }) =>
      op === 'Max' && pads.has(from) ? [[to, from] as const] : [],
    ),
  );
  const nodes = graph.nodes
    .filter(({ outputs: [to = ''] }) => !between.has(to))
    .map((node) => ({ ...node, inputs: node.inputs.map((name) => between.get(name) ?? name) }));
  return { ...graph, nodes };
}

const compile =
  (change: (graph: Graph) => Graph): Engine['compile'] =>
  (program, inputs) => ({ open: () => openRunner(change(forwardGraph(program, inputs))) });

function verdict(): Verdict & { kept: number; found: boolean } {
  return {
    kept: 0,
    found: false,
    known() {
      return Promise.resolve(this.found);
    },
    keep() {
      this.kept++;
      this.found = true;
      return Promise.resolve();
    },
  };
}

const never = () => assert.fail('refused');

function model() {
  const input = tf.input({ shape: [8, 8, 3] });
  const on = (layer: tf.layers.Layer, ...x: tf.SymbolicTensor[]) =>
    layer.apply(x.length === 1 && x[0] ? x[0] : x) as tf.SymbolicTensor;
  // All below zero at the borders, where zeros are the largest.
  const below = on(tf.layers.conv2d({ filters: 4, kernelSize: 1, name: 'conv', kernelInitializer: 'ones' }), input);
  const wide = on(tf.layers.zeroPadding2d({ padding: 1, name: 'zeros' }), below);
  const pool = on(tf.layers.maxPooling2d({ poolSize: 3, strides: 2, name: 'pool' }), wide);
  const left = on(tf.layers.conv2d({ filters: 4, kernelSize: 1, name: 'left' }), pool);
  const right = on(tf.layers.conv2d({ filters: 4, kernelSize: 1, name: 'right' }), pool);
  return tf.model({ inputs: input, outputs: on(tf.layers.add({ name: 'sum' }), left, right) });
}

test('the first layer with other numbers is named, and nothing goes on with them', async () => {
  const program = programOf(model());
  const inputs = tapInputs(program);
  const given = { tap_0: { data: new Float32Array(2 * 8 * 8 * 3).fill(-1), shape: [2, 8, 8, 3] } };

  const wrong = verdict();
  const faulty = checkedRunner(program, inputs, wrong, never, compile(withoutWorkaround));
  await assert.rejects(faulty.run(given), (error) => {
    assert.ok(error instanceof GraftError);
    assert.match(error.message, /from the layer "pool" \(MaxPooling2D\) on/);
    return true;
  });
  await faulty.dispose();
  assert.equal(wrong.kept, 0);

  const right = verdict();
  const sound = checkedRunner(
    program,
    inputs,
    right,
    never,
    compile((graph) => graph),
  );
  await sound.run(given);
  await sound.run(given);
  await sound.dispose();
  assert.equal(right.kept, 1);

  // What was found right before is not computed twice.
  const known = checkedRunner(program, inputs, right, never, compile(withoutWorkaround));
  await known.run(given);
  await known.dispose();
  assert.equal(right.kept, 1);
});

const options: TrainerOptions = {
  loss: { kind: 'categoricalCrossentropy', labelSmoothing: 0.1 },
  optimizer: adamW(),
  globalClipnorm: undefined,
  batchSize: 4,
};

/** The model above with a head; what comes before the pool does not train. */
function classifier(): tf.LayersModel {
  const base = model();
  for (const name of ['conv', 'zeros', 'pool']) base.getLayer(name).trainable = false;
  const pooled = tf.layers.globalAveragePooling2d({}).apply(base.outputs[0] ?? []);
  const head = tf.layers.dense({ units: 3, activation: 'softmax', name: 'head' });
  return tf.model({ inputs: base.inputs, outputs: head.apply(pooled) as tf.SymbolicTensor });
}

const examplesOf = (size: number, scale: number, offset: number) =>
  Array.from({ length: 6 }, (_, i) => () => {
    const data = Float32Array.from(noise(size * size * 3, i), (value) => value * scale + offset);
    return Promise.resolve([{ data, shape: [1, size, size, 3] }]);
  });

test("a trainer's first wrong layer is named, in inference and where only its training is wrong", async () => {
  const suffix = programOf(classifier());
  const training = trainingGraph(suffix, options.loss);
  const below = examplesOf(8, 0.5, -1);
  const infer: typeof inferenceGraph = (part, loss) => {
    const { graph, parameters } = inferenceGraph(part, loss);
    return { graph: withoutWorkaround(graph), parameters };
  };
  const changed = { ...training, graph: withoutWorkaround(training.graph) };

  const wrong = await OnnxRuntimeTrainer.open(training, suffix, options, infer);
  await assert.rejects(wrong.check(below), (error) => {
    assert.ok(error instanceof GraftError);
    assert.match(error.message, /from the layer "pool" \(MaxPooling2D\) on.*They are not used\.$/);
    return true;
  });
  const unlike = await OnnxRuntimeTrainer.open(changed, suffix, options);
  await assert.rejects(unlike.check(below), /other numbers than TensorFlow\.js: they differ by .* They are not used/);
  const right = await OnnxRuntimeTrainer.open(training, suffix, options);
  assert.equal(await right.check(below), 'right');
  await Promise.all([wrong.dispose(), unlike.dispose(), right.dispose()]);
});

test('a trainer with dropout and BatchNormalization is right, and the check leaves no trace', async () => {
  for (const inference of [true, false]) {
    const model = tinyModel(0.5);
    const suffix = programOf(model);
    const layers = model.layers.filter((layer) => layer.getClassName() === 'BatchNormalization');
    const of = { ...options, inference: new Set(inference ? layers : []) };
    const step = async (check: boolean) => {
      const ready = onnxRuntimeEngine().compileTraining(suffix, of);
      assert.ok(ready.refusal === undefined);
      const trainer = await ready.open();
      if (check) assert.equal(await trainer.check(examplesOf(16, 2, 0)), 'right');
      const [[input] = []] = await Promise.all(examplesOf(16, 2, 0).map((example) => example()));
      assert.ok(input);
      const labels = { data: Float32Array.of(0, 1, 0, 0), shape: [1, 4] };
      const batch = { inputs: [input], labels, weights: Float32Array.of(1) };
      const losses = [];
      for (let i = 0; i < 3; i++) losses.push((await trainer.step(batch, { learningRate: 0.01, seed: i })).loss);
      await trainer.dispose();
      return losses;
    };
    assert.deepEqual(await step(true), await step(false));
    model.dispose();
  }
});

test('what TensorFlow.js would take too long for is not computed', async () => {
  const input = tf.input({ shape: [8000, 8000, 3] });
  const wide = tf.layers.conv2d({ filters: 6, kernelSize: 3, padding: 'same' }).apply(input);
  const pooled = tf.layers.globalAveragePooling2d({}).apply(wide);
  const head = tf.layers.dense({ units: 3, activation: 'softmax' }).apply(pooled) as tf.SymbolicTensor;
  const suffix = programOf(tf.model({ inputs: input, outputs: head }));
  assert.equal(await checkTrainer(suffix, options.loss, [never], never, inferenceGraph), 'too slow');
});
