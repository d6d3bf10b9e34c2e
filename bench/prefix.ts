/**
 * Pictures per second of decoding, of the prefix and of both together, against ONNX Runtime's bare forward pass on the same
 * graph: node tools/bench.mjs prefix --data FOLDER [--base MODEL] [--images 800]
 *
 * The bound is what the machine allows: on the same cores, decoding and the bare forward pass one after the other.
 */
import { parseArgs } from 'node:util';

import * as ort from 'onnxruntime-node';

import { baseOf } from '../src/runtime/bases/base.js';
import { dataKinds, decodeMany, imageData } from '../src/runtime/data/index.js';
import { runnerOf } from '../src/runtime/engines/index.js';
import { encodeModel, forwardGraph, inputsOf, programOf } from '../src/runtime/graph/index.js';
import { present } from '../src/common/errors.js';
import { tf } from '../src/runtime/tf.js';
import { passOverExamples } from '../src/runtime/train/prefix-pass.js';
import { resolveBase } from './support/base.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: 'sample/garden' },
    base: { type: 'string', default: 'sapling' },
    images: { type: 'string', default: '800' },
  },
});
const base = await resolveBase(values.base);
const pooled = tf.layers.globalAveragePooling2d({}).apply(base.outputs) as tf.SymbolicTensor;
const program = programOf(tf.model({ inputs: base.inputs, outputs: pooled }));
const [, height, width] = base.inputs[0]?.shape ?? [];
const size = [Number(height), Number(width)] as const;
const { preprocessing } = present(baseOf(base), 'The base').info;
const data = await imageData(values.data, { size });
const examples = [...data.train, ...data.validation];
const count = Number(values.images);
const items = Array.from({ length: count }, (_, i) => ({
  example: present(examples[i % examples.length], 'A picture'),
  view: 0,
}));
const spec = { size, resize: data.resize, augment: undefined, seed: 0 };
const bytes = size[0] * size[1] * 3;
const batch = 16;

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    await work();
    times.push((performance.now() - start) / 1000);
  }
  return times.sort((a, b) => a - b)[1] ?? NaN;
}

async function decode(): Promise<void> {
  for await (const decoded of decodeMany(items, spec)) if ('error' in decoded) throw decoded.error;
}

const inputs = inputsOf(dataKinds.image, spec, preprocessing);
const session = await ort.InferenceSession.create(encodeModel(forwardGraph(program, inputs)), {
  logSeverityLevel: 3,
});
const pixels = new ort.Tensor('uint8', new Uint8Array(batch * bytes).fill(100), [batch, ...size, 3]);
async function forward(): Promise<void> {
  for (let i = 0; i < count; i += batch) await session.run({ pixels });
}

const runner = runnerOf(program, inputs);
async function both(): Promise<void> {
  const pass = passOverExamples(runner, dataKinds.image.views(spec), { decodeMs: 0, pictureIndexFolder: '' });
  for await (const result of pass.records(items)) if ('error' in result) throw result.error;
}

await forward();
await decode();
const times = { decode: await seconds(decode), forward: await seconds(forward), both: await seconds(both) };
const rate = (time: number) => `${(count / time).toFixed(0).padStart(6)} images/s`;
const bound = times.decode + times.forward;
console.log(`${values.base}, ${size.join(' × ')}, ${count} pictures of ${values.data}; median of 3`);
console.log(`decode                    ${rate(times.decode)}`);
console.log(`bare forward pass         ${rate(times.forward)}`);
console.log(`bound (one after another) ${rate(bound)}`);
console.log(
  `decode and prefix         ${rate(times.both)}   ${((100 * bound) / times.both).toFixed(0)} % of the bound`,
);
