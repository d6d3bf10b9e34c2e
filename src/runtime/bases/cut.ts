import { GraftError, nearest, present, smallSlip } from '../../common/errors.js';
import { tf } from '../tf.js';

/**
 * The model without its classifier: up to the last feature map that every path to its output runs through. A model that ends in a feature
 * map is left as it is.
 *
 * @param cutAt name of the layer to end at, instead.
 */
export function cutTop(model: tf.LayersModel, cutAt: string | undefined): tf.LayersModel {
  if (cutAt !== undefined) return endAt(model, outputOf(namedLayer(model, cutAt)));
  const [end] = model.outputs;
  if (end === undefined || (end.shape.length === 4 && !isPooled(end))) return model;
  const steps = stepsTo(end);
  const maps = mapsAmong(narrows(steps, end)).filter(({ weighted }) => weighted > 0);
  const last = maps.at(-1);
  if (last === undefined) {
    throw new GraftError(`${model.name} has no feature map (a layer with an output [height, width, channels]).`, {
      action: 'Only convolutional models can be a base so far; or name the layer to cut at.',
    });
  }
  // Some networks classify with a convolution and pool afterwards: then the last feature map holds the classes already.
  const weighted = steps.filter(({ layer }) => layer.weights.length > 0);
  if (weighted.length > last.weighted) return endAt(model, last.tensor);
  const classifier = steps.findLastIndex(({ layer }) => layer.getClassName() === 'Conv2D');
  const before = maps.findLast(({ index }) => index < classifier);
  return endAt(model, (before ?? last).tensor);
}

function namedLayer(model: tf.LayersModel, name: string): tf.layers.Layer {
  const layer = model.layers.find((entry) => entry.name === name);
  if (layer !== undefined) return layer;
  const names = model.layers.map((entry) => entry.name);
  const guess = nearest(name, names, smallSlip);
  throw new GraftError(`${model.name} has no layer "${name}" to cut at.`, {
    action: guess === undefined ? 'See its layers.' : `Did you mean "${guess}"?`,
  });
}

function endAt(model: tf.LayersModel, output: tf.SymbolicTensor): tf.LayersModel {
  return output === model.outputs[0] ? model : tf.model({ inputs: model.inputs, outputs: output, name: model.name });
}

/** The node of a layer: the first one, where it is applied several times. */
function outputOf(layer: tf.layers.Layer): tf.SymbolicTensor {
  return present(layer.inboundNodes[0]?.outputTensors[0], `The output of ${layer.name}`);
}

function isFeatureMap({ shape }: tf.SymbolicTensor): boolean {
  return shape.length === 4 && (shape[1] !== 1 || shape[2] !== 1);
}

/**
 * Maps among what every path runs through. One of a single place is one too, where a small picture has become that; not where a mean was
 * taken over the picture, nor what follows.
 */
function mapsAmong(narrow: readonly Narrow[]): Narrow[] {
  let pooled = false;
  return narrow.filter(({ tensor, step }) => {
    if (isFeatureMap(tensor)) pooled = false;
    else pooled ||= tensor.shape.length !== 4 || takesWholeMap(step);
    return !pooled;
  });
}

/** Whether one layer makes a single place of a map: a mean, or a convolution as large as the map, which is a Dense by another name. */
function takesWholeMap({ layer, inputs: [input, ...others] }: Step): boolean {
  if (input === undefined || others.length > 0 || !isFeatureMap(input)) return false;
  const [kernel] = layer.weights;
  if (kernel === undefined) return true;
  if (layer.getClassName() !== 'Conv2D' || layer.getConfig()['padding'] !== 'valid') return false;
  const sides = input.shape.slice(1, 3);
  return sides.every((side, axis) => side !== null && side <= (kernel.shape[axis] ?? 0));
}

/** Whether it is a mean over the picture that was kept as a map of one place. */
function isPooled(end: tf.SymbolicTensor): boolean {
  let at: tf.SymbolicTensor | undefined = end;
  while (at !== undefined && !isFeatureMap(at)) {
    const layer: tf.layers.Layer = at.sourceLayer;
    if (layer.getClassName() === 'Reduce') return true;
    if (layer.weights.length > 0) return false;
    const [input]: tf.SymbolicTensor[] = layer.inboundNodes[at.nodeIndex]?.inputTensors ?? [];
    at = input === at ? undefined : input;
  }
  return false;
}

/** One application of a layer. */
interface Step {
  readonly layer: tf.layers.Layer;
  readonly inputs: readonly tf.SymbolicTensor[];
  readonly outputs: readonly tf.SymbolicTensor[];
}

/** What a tensor comes from, in the order of computation. With a stack of our own: a network may be thousands of layers deep. */
function stepsTo(end: tf.SymbolicTensor): Step[] {
  const steps: Step[] = [];
  const done = new Set<number>();
  const pending = [end];
  for (let tensor = pending.at(-1); tensor !== undefined; tensor = pending.at(-1)) {
    const layer = tensor.sourceLayer;
    const node = layer.inboundNodes[tensor.nodeIndex];
    // An input layer takes what it makes.
    const inputs = (node?.inputTensors ?? []).filter((input) => input !== tensor);
    const missing = done.has(tensor.id) ? [] : inputs.filter(({ id }) => !done.has(id));
    if (missing.length > 0) {
      pending.push(...missing.toReversed());
      continue;
    }
    pending.pop();
    if (done.has(tensor.id)) continue;
    const outputs = node?.outputTensors ?? [tensor];
    for (const { id } of outputs) done.add(id);
    steps.push({ layer, inputs, outputs });
  }
  return steps;
}

/** A tensor that every path from the input to the end runs through. */
interface Narrow {
  readonly tensor: tf.SymbolicTensor;
  readonly step: Step;
  readonly index: number;
  /** How many layers with weights are before it. */
  readonly weighted: number;
}

function narrows(steps: readonly Step[], end: tf.SymbolicTensor): Narrow[] {
  const lastUse = new Map<number, number>([[end.id, steps.length]]);
  steps.forEach(({ inputs }, index) => {
    for (const { id } of inputs) lastUse.set(id, Math.max(index, lastUse.get(id) ?? 0));
  });
  const live = new Set<number>();
  let weighted = 0;
  return steps.flatMap((step, index) => {
    const { layer, outputs } = step;
    if (layer.weights.length > 0) weighted++;
    for (const { id } of outputs) live.add(id);
    for (const id of live) if ((lastUse.get(id) ?? -1) <= index) live.delete(id);
    const [tensor] = outputs;
    return tensor !== undefined && live.size === 1 && live.has(tensor.id) ? [{ tensor, step, index, weighted }] : [];
  });
}
