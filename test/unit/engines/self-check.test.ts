import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openRunner } from '../../../src/runtime/engines/onnxruntime.js';
import { checkedRunner, type Verdict } from '../../../src/runtime/engines/self-check.js';
import type { Engine } from '../../../src/runtime/engines/types.js';
import { GraftError } from '../../../src/common/errors.js';
import { forwardGraph, programOf, tapInputs, type Graph } from '../../../src/runtime/graph/index.js';
import { tf } from '../../../src/runtime/tf.js';

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
