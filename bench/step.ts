/**
 * FLOP/s of a training step against ONNX Runtime's own forward pass on the same suffix, whose weights are constants there:
 * node tools/bench.mjs step [--job resnet50|blocks|mobilenet|head] [--batch 32] [--steps 8] [--batch-normalization inference|training] [--profile FILE]
 *
 * Counted by the same formulas: a convolution or product costs two operations per weight and place, its dW as many, its dX
 * as many where the layers below train too. Weights are made up; `graph` is the compiled graph alone, without the optimizer; `predict`
 * the forward pass with the weights as they are, as for validation.
 */
import { parseArgs } from 'node:util';

import * as ort from 'onnxruntime-node';

import { mobileNetV2, resNet50 } from '../src/runtime/bases/definitions/index.js';
import { chooseEngine } from '../src/runtime/engines/index.js';
import { trainingGraph } from '../src/runtime/engines/training-graph.js';
import { inferenceContext, lower } from '../src/runtime/graph/from-layers.js';
import {
  encodeModel,
  changes,
  shapeOf,
  splitPrefix,
  trainingLayers,
  type Program,
} from '../src/runtime/graph/index.js';
import { GraphBuilder, type Graph, type Shape } from '../src/runtime/graph/ir.js';
import { uniform } from '../src/common/random.js';
import { tf } from '../src/runtime/tf.js';
import { freeze } from '../src/runtime/train/freeze.js';
import { adamW } from '../src/runtime/train/optimizers.js';

const { values: options } = parseArgs({
  options: {
    job: { type: 'string' },
    batch: { type: 'string', default: '32' },
    steps: { type: 'string', default: '8' },
    'batch-normalization': { type: 'string', default: 'inference' },
    profile: { type: 'string' },
  },
});
const batch = Number(options.batch);
const random = uniform(1);

interface Job {
  readonly title: string;
  /** The last frozen layer; undefined: everything trains. */
  readonly frozen: string | undefined;
  readonly base: () => Promise<tf.LayersModel>;
}

const shape = { weights: null, includeTop: false, inputShape: [224, 224, 3] } as const;
const jobs: Readonly<Record<string, Job>> = {
  resnet50: {
    title: 'ResNet50, last stage',
    frozen: 'conv4_block6_out',
    base: () => resNet50({ ...shape, inputShape: [224, 224, 3] }),
  },
  blocks: {
    title: 'MobileNetV2, last blocks',
    frozen: 'block_12_add',
    base: () => mobileNetV2({ ...shape, inputShape: [224, 224, 3] }),
  },
  mobilenet: {
    title: 'MobileNetV2, everything',
    frozen: undefined,
    base: () => mobileNetV2({ ...shape, inputShape: [224, 224, 3] }),
  },
  head: {
    title: 'ResNet50, head',
    frozen: 'conv5_block3_out',
    base: () => resNet50({ ...shape, inputShape: [224, 224, 3] }),
  },
};

const loss = { kind: 'categoricalCrossentropy', labelSmoothing: 0 } as const;

async function suffixOf({ frozen, base: make }: Job): Promise<{ suffix: Program; inference: Set<tf.layers.Layer> }> {
  const base = await make();
  if (frozen !== undefined) freeze(base, { upTo: frozen });
  const x = tf.layers.globalAveragePooling2d({}).apply(base.outputs) as tf.SymbolicTensor;
  const y = tf.layers.dense({ units: 5, activation: 'softmax' }).apply(x) as tf.SymbolicTensor;
  const model = tf.model({ inputs: base.inputs, outputs: y });
  return {
    suffix: splitPrefix(model).suffix,
    inference: new Set(options['batch-normalization'] === 'training' ? [] : base.layers),
  };
}

function forwardGraph(suffix: Program): Graph {
  const builder = new GraphBuilder();
  const inputs = suffix.inputs.map((id, i) => builder.input(`tap:${i}`, ['N', ...shapeOf(suffix, id)]));
  const [output] = lower(suffix, inputs, inferenceContext(builder));
  if (output === undefined) throw new Error('no output');
  return builder.build({ output });
}

/** Operations per example: of the forward pass, and of a whole step. */
function operations(suffix: Program): { forward: number; step: number } {
  let [forward, step] = [0, 0];
  const moves = new Set<number>();
  for (const application of suffix.steps) {
    const { layer, inputs, outputs } = application;
    const kernel = layer.weights.find((weight) => weight.shape.length >= 2);
    const below = inputs.some((value) => moves.has(value));
    if (below || changes(application)) for (const value of outputs) moves.add(value);
    if (kernel === undefined) continue;
    const size = kernel.shape.map(Number).reduce((product, length) => product * length, 1);
    const places = shapeOf(suffix, outputs[0] ?? -1)
      .slice(0, -1)
      .reduce((product, length) => product * length, 1);
    const own = 2 * size * places;
    forward += own;
    step += own * (1 + (changes(application) ? 1 : 0) + (below ? 1 : 0));
  }
  return { forward, step };
}

function madeUp(dimensions: Shape, spread = 1): ort.TypedTensor<'float32'> {
  const sizes = dimensions.map((size) => (typeof size === 'number' ? size : batch));
  const length = sizes.reduce((product, size) => product * size, 1);
  return new ort.Tensor(
    'float32',
    Float32Array.from({ length }, () => random() * spread),
    sizes,
  );
}

/** Median milliseconds of each, taken in turns: what else the machine does then disturbs all of them. */
async function milliseconds(works: readonly (() => Promise<unknown>)[]): Promise<number[]> {
  const times: number[][] = works.map(() => []);
  for (let i = -1; i < Number(options.steps); i++) {
    for (const [k, work] of works.entries()) {
      const start = performance.now();
      await work();
      if (i >= 0) times[k]?.push(performance.now() - start);
    }
  }
  return times.map((list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? NaN);
}

async function open(graph: Graph, profile?: string) {
  const session = await ort.InferenceSession.create(encodeModel(graph), {
    logSeverityLevel: 3,
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
  });
  const feeds = Object.fromEntries(graph.inputs.map((input) => [input.name, madeUp(input.shape, 0.1)]));
  // The outputs have their places beforehand, as in the trainer; a dimension N is left to the session.
  const fetches = Object.fromEntries(
    graph.outputs.map(({ name, shape: size }) => [name, size.includes('N') ? null : madeUp(size)]),
  );
  return { session, run: () => session.run(feeds, fetches) };
}

for (const [name, job] of Object.entries(jobs)) {
  if (options.job !== undefined && options.job !== name) continue;
  const { suffix, inference } = await suffixOf(job);
  const count = operations(suffix);
  const forwardOnly = await open(forwardGraph(suffix));
  const compiled = await open(trainingGraph(suffix, loss, inference).graph, options.profile);
  const engine = chooseEngine('onnxruntime');
  const training = engine.compileTraining(suffix, {
    loss,
    optimizer: adamW(),
    globalClipnorm: undefined,
    inference,
    batchSize: batch,
  });
  if (training.refusal !== undefined) throw new Error(training.refusal);
  const trainer = await training.open();
  const inputs = suffix.inputs.map((id) => {
    const { data, dims } = madeUp(['N', ...shapeOf(suffix, id)]);
    return { data, shape: dims };
  });
  const labels = { data: Float32Array.from({ length: batch * 5 }, (_, i) => (i % 5 === 0 ? 1 : 0)), shape: [batch, 5] };
  const weights = new Float32Array(batch).fill(1);
  const [forward = NaN, graph = NaN, step = NaN, predict = NaN] = await milliseconds([
    forwardOnly.run,
    compiled.run,
    () => trainer.step({ inputs, labels, weights }, { learningRate: 1e-4, seed: 1 }),
    () => trainer.predict(inputs),
  ]);
  if (options.profile !== undefined) compiled.session.endProfiling();
  await Promise.all([forwardOnly.session.release(), compiled.session.release()]);
  await trainer.dispose();
  const rate = (work: number, time: number) => (work * batch) / time / 1e6;
  const parameters = [...trainingLayers(suffix)].reduce((sum, layer) => sum + layer.countParams(), 0);
  const line = (title: string, work: number, time: number) => {
    const share = (100 * rate(work, time)) / rate(count.forward, forward);
    console.log(
      `  ${title.padEnd(8)} ${time.toFixed(1).padStart(8)} ms ${rate(work, time).toFixed(0).padStart(6)} GFLOP/s ${share.toFixed(0).padStart(4)} %`,
    );
  };
  console.log(`${job.title}: batch ${batch}, ${(parameters / 1e6).toFixed(2)} M parameters, ${engine.reason}`);
  line('forward', count.forward, forward);
  line('graph', count.step, graph);
  line('step', count.step, step);
  line('predict', count.forward, predict);
}
