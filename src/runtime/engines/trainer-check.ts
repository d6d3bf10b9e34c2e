import { present } from '../../common/errors.js';
import type { FloatTensor } from '../../common/tensor.js';
import { weightData } from '../graph/from-layers.js';
import { runProgram, type Program } from '../graph/index.js';
import { tf } from '../tf.js';
import { difference, firstDifference, most, tolerance } from './first-difference.js';
import { logitsProgram, runLogits } from './logits.js';
import { openSession } from './session.js';
import type { LossSpec } from './specs.js';
import { tapsOf, type inferenceGraph } from './training-graph.js';

type Inputs = readonly FloatTensor[];

/** Of one example. TensorFlow.js does about 2e9 in a second: not counted in time, which says less where others compute too. */
const mostMultiplications = 10e9;

/**
 * Compares a trainer's logits with TensorFlow.js's, example by example. Logits, since in probabilities near 0 and 1 nothing is seen.
 *
 * @param logitsOf all ways in which the trainer computes the logits of one example: in inference and, where it is the same, in training.
 * @param lower what the trainer's inference was lowered with: a part of it is lowered in the same way.
 * @throws GraftError that names the first layer with other numbers.
 */
export async function checkTrainer(
  suffix: Program,
  loss: LossSpec,
  examples: readonly (() => Promise<Inputs>)[],
  logitsOf: (inputs: Inputs) => Promise<readonly FloatTensor[]>,
  lower: typeof inferenceGraph,
): Promise<'right' | 'too slow'> {
  if (multiplications(suffix) > mostMultiplications) return 'too slow';
  const program = logitsProgram(suffix, loss.kind);
  const began = performance.now();
  for (const [i, example] of examples.slice(0, most.examples).entries()) {
    const inputs = await example();
    const computed = await logitsOf(inputs);
    const [expected] = compute(inputs, (given) => [runLogits(program, given, () => false)]);
    // Logits below 1 hardly say anything, so that what rounding leaves of their sum is no difference.
    const scaled = ({ data }: FloatTensor) => data.map((value, k) => value / (loss.deviations?.[k] ?? 1));
    const right = scaled(present(expected, 'The logits'));
    const apart = computed.map((logits) => difference(scaled(logits), right, 1));
    const worst = Math.max(...apart);
    if (worst > tolerance) throw await firstDifference(suffix, worst, (part) => worstOf(part, inputs, lower));
    // Another one would take about as long.
    if (((performance.now() - began) * (i + 2)) / (i + 1) > most.ms) break;
  }
  return 'right';
}

/** About: each number of a kernel once for each place of the output. */
function multiplications({ steps, shapes }: Program): number {
  const product = (shape: readonly (number | null)[]) => shape.reduce<number>((all, size) => all * (size ?? 1), 1);
  const ofStep = ({ layer, outputs: [output = -1] }: Program['steps'][number]) => {
    const kernels = layer.weights.filter(({ shape }) => shape.length > 1);
    const places = product((shapes.get(output) ?? []).slice(1, -1));
    return kernels.reduce((sum, { shape }) => sum + product(shape) * places, 0);
  };
  return steps.reduce((sum, step) => sum + ofStep(step), 0);
}

/** How far a part is from what TensorFlow.js makes of it. */
async function worstOf(part: Program, inputs: Inputs, lower: typeof inferenceGraph): Promise<number> {
  const { graph, parameters } = lower(part, { kind: 'meanSquaredError', labelSmoothing: 0 });
  const session = await openSession(graph);
  try {
    const feeds = tapsOf(inputs);
    for (const { name, weight, layout, shape } of parameters) feeds[name] = { data: weightData(weight, layout), shape };
    const { outputs } = await session.run(feeds);
    const [expected] = compute(inputs, (given) => runProgram(part, given, () => false));
    return difference(present(outputs, 'The outputs').data as Float32Array, present(expected, 'The outputs').data);
  } finally {
    await session.release();
  }
}

function compute(inputs: Inputs, run: (given: tf.Tensor[]) => tf.Tensor[]): FloatTensor[] {
  return tf.tidy(() =>
    run(inputs.map(({ data, shape }) => tf.tensor(data, [...shape]))).map((tensor) => ({
      data: Float32Array.from(tensor.dataSync()),
      shape: tensor.shape,
    })),
  );
}
