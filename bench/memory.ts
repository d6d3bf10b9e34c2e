/**
 * Peak memory of training steps, as estimated before and as measured: node tools/bench.mjs memory --job resnet50|mobilenet
 * [--batch 32] [--steps 6]. One job a process: what one has freed, the next one would use. Weights are made up.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { mobileNetV2, resNet50 } from '../src/runtime/bases/definitions/index.js';
import { chooseEngine } from '../src/runtime/engines/index.js';
import { peakBytes, trainingBytes } from '../src/runtime/engines/memory.js';
import { trainingGraph } from '../src/runtime/engines/training-graph.js';
import { shapeOf, splitPrefix } from '../src/runtime/graph/index.js';
import { uniform } from '../src/common/random.js';
import { tf } from '../src/runtime/tf.js';
import { freeze } from '../src/runtime/train/freeze.js';
import { adamW } from '../src/runtime/train/optimizers.js';

const { values: options } = parseArgs({
  options: {
    job: { type: 'string', default: 'mobilenet' },
    batch: { type: 'string', default: '32' },
    steps: { type: 'string', default: '6' },
    size: { type: 'string', default: '224' },
  },
});
const [batch, side] = [Number(options.batch), Number(options.size)];
const shape = { weights: null, includeTop: false, inputShape: [side, side, 3] } as const;
const base = options.job === 'resnet50' ? await resNet50(shape) : await mobileNetV2(shape);
if (options.job === 'resnet50') freeze(base, { upTo: 'conv4_block6_out' });
const pooled = tf.layers.globalAveragePooling2d({}).apply(base.outputs) as tf.SymbolicTensor;
const output = tf.layers.dense({ units: 5, activation: 'softmax' }).apply(pooled) as tf.SymbolicTensor;
const { suffix } = splitPrefix(tf.model({ inputs: base.inputs, outputs: output }));

const random = uniform(1);
const inputs = suffix.inputs.map((id) => {
  const sizes = [batch, ...shapeOf(suffix, id)];
  const length = sizes.reduce((product, size) => product * size, 1);
  return { data: Float32Array.from({ length }, () => random()), shape: sizes };
});
const labels = { data: Float32Array.from({ length: batch * 5 }, (_, i) => (i % 5 === 0 ? 1 : 0)), shape: [batch, 5] };

const trainerOptions = {
  loss: { kind: 'categoricalCrossentropy', labelSmoothing: 0 },
  optimizer: adamW(),
  globalClipnorm: undefined,
  inference: new Set(base.layers),
  batchSize: batch,
} as const;
const training = trainingGraph(suffix, trainerOptions.loss, trainerOptions.inference);
const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;
// ONNX Runtime computes on this thread: only the system sees the memory in between.
const status = (name: string) => {
  const found = new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(found?.[1]) * 1024;
};
const before = status('VmRSS');
const compiled = chooseEngine('onnxruntime').compileTraining(suffix, trainerOptions);
if (compiled.refusal !== undefined) throw new Error(compiled.refusal);
const trainer = await compiled.open();
for (let step = 0; step < Number(options.steps); step++) {
  const start = performance.now();
  await trainer.step({ inputs, labels, weights: new Float32Array(batch).fill(1) }, { learningRate: 1e-4, seed: 1 });
  const ms = (performance.now() - start).toFixed(0);
  console.log(`  step ${step + 1}: ${ms} ms, ${gigabytes(status('VmRSS') - before)}`);
}
const peak = status('VmHWM');
const estimate = trainingBytes(training, trainerOptions);
console.log(
  `${options.job}, ${side} px, batch ${batch}: estimated ${gigabytes(estimate)} (values of the graph ${gigabytes(peakBytes(training.graph, training.values, batch))}), measured ${gigabytes(peak - before)} above the ${gigabytes(before)} before: ${((100 * estimate) / (peak - before)).toFixed(0)} %`,
);
await trainer.dispose();
