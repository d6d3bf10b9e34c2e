import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { checkTopology } from '../../../../src/runtime/bases/files/check-topology.js';
import { loadBase } from '../../../../src/runtime/bases/load-base.js';
import { programOf } from '../../../../src/runtime/graph/index.js';
import { tf } from '../../../../src/runtime/tf.js';
import { fixtures } from '../../../support/made-up.js';
import { failure, formats, Text, type Config, type Layer } from '../../../support/model-files.js';
import { temporaryFolder } from '../../../support/pictures.js';

function layer({ config }: Config, name: string): Layer {
  const found = config.layers.find((entry) => entry.config['name'] === name);
  assert.ok(found, name);
  return found;
}

/** Changes what a layer takes, in whatever form its file writes that. */
function rewire(config: Config, name: string, from: string, to: string): void {
  const entry = layer(config, name);
  const text = JSON.stringify(entry.inbound_nodes);
  assert.ok(text.includes(from), text);
  entry.inbound_nodes = JSON.parse(text.replaceAll(from, to));
}

function rename(entry: Layer, name: string): void {
  if (entry.name !== undefined) entry.name = name;
  entry.config['name'] = name;
}

const damages: readonly [string, (config: Config) => unknown, RegExp][] = [
  ['no input', (c) => (layer(c, 'depthwise').inbound_nodes = []), /the layer "depthwise" takes its input from nowhere/],
  ['an empty input', (c) => (layer(c, 'bn').inbound_nodes = [[]]), /the layer "bn" takes its input from nowhere/],
  ['no list of inputs', (c) => (layer(c, 'bn').inbound_nodes = 'conv'), /the layer "bn" takes its input from nowhere/],
  [
    'itself',
    (c) => {
      rewire(c, 'depthwise', '"relu",0,0', '"depthwise",0,0');
    },
    /the layer "depthwise" takes its input, by whatever way, from itself/,
  ],
  [
    'a circle',
    (c) => {
      rewire(c, 'bn', '"conv",0,0', '"swish",0,0');
    },
    /the layer "(bn|relu|depthwise|swish)" takes its input, by whatever way, from itself/,
  ],
  [
    'a layer that is not there',
    (c) => {
      rewire(c, 'bn', '"conv",0,0', '"conw",0,0');
    },
    /the layer "bn" takes the output of a layer "conw", which does not exist/,
  ],
  [
    'an application that is not there',
    (c) => {
      rewire(c, 'bn', '"conv",0,0', '"conv",3,0');
    },
    /the layer "bn" takes application 3 of the layer "conv", which has 1/,
  ],
  [
    'an output that is not there',
    (c) => {
      rewire(c, 'bn', '"conv",0,0', '"conv",0,2');
    },
    /the layer "bn" takes output 2 of the layer "conv", which has 1/,
  ],
  [
    'an index that is none',
    (c) => {
      rewire(c, 'bn', '"conv",0,0', '"conv",-1,0');
    },
    /the layer "bn" names \["conv",-1,0.*where an output of a layer belongs/,
  ],
  [
    'an output layer that is not there',
    (c) => (c.config.output_layers = [['dens', 0, 0]]),
    /output_layers of the model names the output of a layer "dens", which does not exist/,
  ],
  ['no output layers', (c) => (c.config.output_layers = []), /the model has no output_layers/],
  [
    'one name twice',
    (c) => {
      rename(layer(c, 'bn'), 'conv');
    },
    /two layers of the model are called "conv"/,
  ],
  ['no class', (c) => delete layer(c, 'bn').class_name, /layer \d+ of the model has no class/],
  ['no layers', (c) => (c.config.layers = []), /the model has no layers/],
  ['no model', (c) => (c.class_name = 'Dense'), /the model is "Dense", not a Functional or Sequential model/],
  ['no configuration', () => new Text('{}'), /the model is nothing, not a Functional or Sequential model/],
  ['JSON too deep', () => new Text('['.repeat(100_000) + ']'.repeat(100_000)), /nested deeper than 256 levels/],
  ['no JSON', () => new Text('{"class_name": '), /is not valid JSON/],
  [
    'more units than weights',
    (c) => (layer(c, 'dense').config['units'] = 1e9),
    /the layer "dense" would have a weight of \[8, 1000000000\], more than the \d+ numbers that the file holds/,
  ],
  [
    'a negative number of filters',
    (c) => (layer(c, 'conv').config['filters'] = -8),
    /the layer "conv" (would have a weight of \[3, 3, 3, -8\], which no weight can have|)|cannot be built/,
  ],
  ['no number of filters', (c) => delete layer(c, 'conv').config['filters'], /the layer "conv" \(Conv2D\)/],
  [
    'another order of axes',
    (c) => (layer(c, 'depthwise').config['data_format'] = 'channels_least'),
    /the layer "depthwise" \(DepthwiseConv2D\)/,
  ],
  ['half a unit', (c) => (layer(c, 'dense').config['units'] = 1.5), /the layer "dense"|cannot be built/],
  ['text for a number', (c) => (layer(c, 'conv').config['kernel_size'] = 'three'), /conv|cannot be built/],
  [
    'a configuration that is a list',
    (c) => (layer(c, 'pool').config = [] as never),
    /the layer "pool" has no configuration|layer \d+ of the model .GlobalAveragePooling2D. has no name/,
  ],
  [
    'a ReLU with a number that is none',
    (c) => (layer(c, 'relu').config['threshold'] = 'later'),
    /the layer "relu" \(ReLU\) has threshold "later", which is not known here/,
  ],
  [
    'pictures that nobody has',
    (c) => {
      for (const key of ['batch_input_shape', 'batch_shape'])
        if (key in layer(c, 'input').config) layer(c, 'input').config[key] = [null, 1e6, 1e6, 3];
    },
    /the layer "input" makes \[1000000, 1000000, 3\] of one picture, which is more than memory can hold/,
  ],
];

for (const [format, write] of Object.entries(formats)) {
  test(`${format}: a topology that cannot be built is refused at once, by layer`, { timeout: 240_000 }, async () => {
    for (const [what, damage, expected] of damages) {
      const file = await write(damage);
      const text = await failure(loadBase(file), what);
      assert.match(text, expected, what);
      assert.doesNotMatch(text, /\bundefined\b/, what);
      assert.ok(text.includes(file), `${what}: ${text}`);
    }
    (await loadBase(await write(() => undefined))).dispose();
  });

  test(`${format}: the slope of a ReLU below zero is what its file says, under either name`, async () => {
    for (const [name, fields] of [
      ['ReLU', { max_value: null, negative_slope: 0.1, threshold: 0 }],
      ['LeakyReLU', { negative_slope: 0.1 }],
      ['LeakyReLU', { alpha: 0.1 }],
    ] as const) {
      const file = await write((c) => {
        const relu = layer(c, 'relu');
        relu.class_name = name;
        relu.config = { name: 'relu', ...fields };
      });
      const base = await loadBase(file);
      const x = tf.tensor2d([[-2, 3]]);
      const y = base.getLayer('relu').apply(x) as tf.Tensor;
      // By the definition: x below zero times the slope.
      assert.deepEqual([...y.dataSync()], [Math.fround(-0.2), 3], name);
      base.dispose();
    }
  });
}

test('a .keras file numbers its weights by class, whatever the layers are called', async () => {
  const original = await loadBase(path.join(fixtures, 'tiny.keras'));
  const write = formats['x.keras'];
  assert.ok(write);
  // The name of another layer's group.
  const renamed = await loadBase(
    await write((c) => new Text(JSON.stringify(c).replaceAll('"conv"', '"depthwise_conv2d"'))),
  );
  const kernel = (base: tf.LayersModel, name: string) => base.getLayer(name).getWeights()[0]?.dataSync();
  assert.deepEqual(kernel(renamed, 'depthwise_conv2d'), kernel(original, 'conv'));
  assert.deepEqual(kernel(renamed, 'depthwise'), kernel(original, 'depthwise'));
  for (const base of [original, renamed]) base.dispose();
});

const input = {
  class_name: 'InputLayer',
  name: 'in',
  config: { name: 'in', batch_input_shape: [null, 8, 8, 3] },
  inbound_nodes: [],
};
const relu = (name: string, from: readonly unknown[]) => ({
  class_name: 'ReLU',
  name,
  config: { name },
  inbound_nodes: [[from]],
});
const model = (name: string, layers: readonly unknown[], output: string) => ({
  class_name: 'Functional',
  name,
  config: { name, layers, input_layers: [['in', 0, 0]], output_layers: [[output, 0, 0]] },
});

test('models within models are checked, and named', () => {
  const nested = (from: string) => ({
    ...model('inner', [input, relu('a', [from, 0, 0, {}])], 'a'),
    inbound_nodes: [[['in', 0, 0, {}]]],
  });
  // Keras 2 writes 1 for the first application of a nested model.
  for (const node of [0, 1])
    checkTopology(model('outer', [input, nested('in'), relu('b', ['inner', node, 0])], 'b'), 'F');
  assert.throws(() => {
    checkTopology(model('outer', [input, nested('a'), relu('b', ['inner', 0, 0])], 'b'), 'F');
  }, /F describes no model that can be built: the layer "a" takes its input, by whatever way, from itself/);
  assert.throws(() => {
    checkTopology(model('outer', [input, nested('in'), relu('b', ['inner', 0, 1])], 'b'), 'F');
  }, /the layer "b" takes output 1 of the layer "inner", which has 1/);
  checkTopology(
    { class_name: 'Sequential', config: { layers: [input, model('m', [input, relu('a', ['in', 0, 0])], 'a')] } },
    'F',
  );
  assert.throws(() => {
    checkTopology({ model_config: { class_name: 'Sequential', config: { layers: [] } } }, 'F');
  }, /the model has no layers/);
});

test('a layer used twice is in order; used on its own output it is not', () => {
  const twice = (second: readonly unknown[]) => ({
    ...relu('shared', ['in', 0, 0]),
    inbound_nodes: [[['in', 0, 0]], [second]],
  });
  checkTopology(
    model('m', [input, twice(['b', 0, 0]), relu('b', ['shared', 0, 0]), relu('c', ['shared', 1, 0])], 'c'),
    'F',
  );
  assert.throws(() => {
    checkTopology(model('m', [input, twice(['c', 0, 0]), relu('c', ['shared', 1, 0])], 'c'), 'F');
  }, /the layer "(c|shared)" takes its input, by whatever way, from itself/);
});

test('uses of layers are counted like layers, and inputs of a layer have a limit', () => {
  const uses = (n: number) =>
    model('m', [input, { ...relu('r', []), inbound_nodes: Array.from({ length: n }, () => [['in', 0, 0]]) }], 'r');
  checkTopology(uses(4999), 'F');
  assert.throws(() => {
    checkTopology(uses(5000), 'F');
  }, /F describes no model that can be built: it has more than 5000 layers/);
  const inputs = (n: number) =>
    model('m', [input, { ...relu('r', []), inbound_nodes: [Array.from({ length: n }, () => ['in', 0, 0])] }], 'r');
  checkTopology(inputs(50_000), 'F');
  assert.throws(() => {
    checkTopology(inputs(50_001), 'F');
  }, /its layers take more than 50000 inputs/);
});

test('the deepest networks load, and deeper ones are refused', { timeout: 120_000 }, async () => {
  const chain = (n: number) => {
    const folder = temporaryFolder();
    const layers = Array.from({ length: n }, (_, i) => relu(`r${i}`, [i === 0 ? 'in' : `r${i - 1}`, 0, 0, {}]));
    const modelTopology = model('m', [input, ...layers], `r${n - 1}`);
    writeFileSync(path.join(folder, 'model.json'), JSON.stringify({ modelTopology, weightsManifest: [] }));
    return loadBase(folder);
  };
  const deep = await chain(3500);
  assert.equal(programOf(deep).steps.length, 3500);
  deep.dispose();
  assert.match(await failure(chain(5000)), /it has more than 5000 layers/);
});
