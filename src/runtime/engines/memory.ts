import type { Graph, Node, Shape, Value } from '../graph/ir.js';
import { slotCount } from './optimizer.js';
import type { TrainingGraph } from './training-graph.js';
import type { TrainerOptions } from './types.js';

/** Nodes whose output may take the place of an input that nobody needs any more. */
const inPlace: ReadonlySet<string> = new Set(
  'Reshape Identity Relu Clip LeakyRelu Elu Sigmoid Tanh Neg Exp Sqrt Reciprocal Abs Add Sub Mul Div'.split(' '),
);

/** Nodes with as many places as their first input, whatever their shape says of a size that is called N. */
const asFirst: ReadonlySet<string> = new Set([
  ...inPlace,
  ...'Transpose Cast Softmax LogSoftmax Erf Softplus Softsign HardSigmoid Selu Where Equal Greater Less And'.split(' '),
  ...'ScatterElements'.split(' '),
]);

/**
 * The most bytes that the values of a graph take at once for a batch of `n`: each lives from the node that makes it to the last
 * one that takes it. Inputs, outputs and constants are not in it; their places are the caller's.
 *
 * @param values all values of the graph, by name.
 */
export function peakBytes(graph: Graph, values: ReadonlyMap<string, Value>, n: number): number {
  const size = sizesOf(graph, values, n);
  const nodes = executionOrder(graph);
  const lastUse = new Map<string, number>();
  nodes.forEach(({ inputs }, i) => {
    for (const name of inputs) lastUse.set(name, i);
  });
  const owned = new Set(nodes.flatMap(({ outputs }) => outputs));
  let [now, peak] = [0, 0];
  nodes.forEach((node, i) => {
    const ending = [...new Set(node.inputs)].filter((name) => owned.has(name) && lastUse.get(name) === i);
    const made = node.outputs.reduce((sum, name) => sum + (size.get(name) ?? 0), 0);
    const reused = inPlace.has(node.op) && ending.some((name) => size.get(name) === made);
    peak = Math.max(peak, now + (reused ? 0 : made));
    now += made - ending.reduce((sum, name) => sum + (size.get(name) ?? 0), 0);
  });
  return peak;
}

/**
 * Depth first from the outputs, the first output first. For a training graph that is the whole way back to the first layer before
 * the other layers' weight gradients, so that what those need stays. ONNX Runtime's own order is not to be had from outside.
 */
function executionOrder({ nodes }: Graph): Node[] {
  const producer = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  const order = new Set<Node>();
  const seen = new Set<Node>();
  for (const leaf of nodes.filter(({ outputs }) => outputs.every((name) => !used.has(name)))) {
    // A stack of our own: the graph is deeper than the engine's.
    const stack = [leaf];
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      const missing = seen.has(node) ? [] : node.inputs.flatMap((name) => producer.get(name) ?? []);
      seen.add(node);
      const next = missing.filter((input) => !order.has(input) && !seen.has(input));
      stack.push(...next);
      if (next.length === 0) {
        order.add(node);
        stack.pop();
      }
    }
  }
  return [...order];
}

const bytesOf: Readonly<Record<Value['type'], number>> = { float32: 4, float64: 8, int64: 8, uint8: 1, bool: 1 };

/** Bytes of every value. Where a reshape has joined the batch with other sizes, the places are counted through it. */
function sizesOf(graph: Graph, values: ReadonlyMap<string, Value>, n: number): Map<string, number> {
  const places = new Map<string, number>();
  const declared = ({ shape }: Value) =>
    shape.reduce<number>((product, d) => product * (typeof d === 'number' ? d : n), 1);
  for (const value of [...graph.inputs, ...graph.initializers]) places.set(value.name, declared(value));
  for (const node of graph.nodes) {
    for (const name of node.outputs) {
      const value = values.get(name);
      if (value === undefined) continue;
      places.set(name, value.shape.includes('N') ? placesOf(node, value, places, values, declared) : declared(value));
    }
  }
  return new Map([...places].map(([name, count]) => [name, count * bytesOf[values.get(name)?.type ?? 'float32']]));
}

function placesOf(
  node: Node,
  value: Value,
  places: ReadonlyMap<string, number>,
  values: ReadonlyMap<string, Value>,
  declared: (value: Value) => number,
): number {
  const inputs = node.inputs.map((name) => places.get(name) ?? 0);
  if (node.op === 'Gemm') return gemmPlaces(node, inputs, values);
  // Of these, the operands broadcast to the largest.
  if (asFirst.has(node.op)) return Math.max(...inputs);
  return declared(value);
}

/** [M, N] from [M, K] and [K, N]: a size that is called N here may be batch times places. */
function gemmPlaces(
  { inputs, attributes }: Node,
  places: readonly number[],
  values: ReadonlyMap<string, Value>,
): number {
  const shapes = inputs.map((name) => values.get(name)?.shape ?? []);
  const inner = [shapes[0]?.[attributes['transA'] === 1 ? 0 : 1], shapes[1]?.[attributes['transB'] === 1 ? 1 : 0]];
  const shared = inner.find((size) => typeof size === 'number') ?? 1;
  return ((places[0] ?? 0) / shared) * ((places[1] ?? 0) / shared);
}

/** What ONNX Runtime's arena takes for each byte that the graph holds at once: found with bench/memory.ts, 1.2 to 1.7. */
const arena = 1.7;
/** Sessions, threads and their workspace. */
const sessions = 100e6;

/**
 * Bytes that training with a graph takes beyond the model itself: what a step computes and keeps for the backward pass,
 * parameters, gradients, the optimizer's moments, and two batches of inputs. An estimate: `bench/memory.ts` prints it beside what is measured.
 */
export function trainingBytes(training: TrainingGraph, { optimizer, batchSize }: TrainerOptions): number {
  const { graph, values, parameters, trained } = training;
  const count = (shape: Shape) =>
    shape.reduce<number>((product, d) => product * (typeof d === 'number' ? d : batchSize), 1);
  const total = (list: readonly { readonly shape: Shape }[]) => list.reduce((sum, { shape }) => sum + count(shape), 0);
  const names = new Set(trained);
  const moving = total(parameters.filter(({ name }) => names.has(name)));
  const taps = total(graph.inputs.filter(({ name }) => name.startsWith('tap:')));
  const constants = graph.initializers.reduce((sum, { data }) => sum + data.byteLength, 0);
  const numbers = total(parameters) + (1 + slotCount(optimizer)) * moving + 2 * taps;
  return arena * peakBytes(graph, values, batchSize) + 4 * numbers + 2 * constants + sessions;
}

/** The largest batch, from 1 to `batchSize`, that `limit` bytes are enough for; 0: not even one example. */
export function largestBatch(training: TrainingGraph, options: TrainerOptions, limit: number): number {
  const fits = (batchSize: number) => trainingBytes(training, { ...options, batchSize }) <= limit;
  let [least, most] = [0, options.batchSize];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (fits(middle)) least = middle;
    else most = middle - 1;
  }
  return least;
}
