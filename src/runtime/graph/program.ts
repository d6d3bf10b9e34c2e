import { tf } from '../tf.js';

/** One application of a layer: which values it takes and which it makes. */
export interface Step {
  readonly layer: tf.layers.Layer;
  /** Whether the layer trains: its weights change, a BatchNormalization follows its batch, dropout drops. */
  readonly trains: boolean;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/**
 * A model as a flat list of layer applications in the order of computation, models nested in it dissolved. Values are
 * numbers; `shapes` holds each one's shape, batch first as null.
 *
 * Running the steps ourselves, instead of through tf.LayersModel, is what lets a frozen BatchNormalization run in
 * inference mode while the layers around it train.
 */
export interface Program {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly steps: readonly Step[];
  readonly shapes: ReadonlyMap<number, readonly (number | null)[]>;
}

/**
 * Flattens a model. A layer used several times gives several steps.
 *
 * @param trains which layers train. Default: those that `layer.trainable` says.
 */
export function programOf(
  model: tf.LayersModel,
  trains: (layer: tf.layers.Layer) => boolean = (layer) => layer.trainable,
): Program {
  const steps: Step[] = [];
  const shapes = new Map<number, readonly (number | null)[]>();
  let count = 0;
  const newValue = (shape: readonly (number | null)[]) => {
    shapes.set(count, shape);
    return count++;
  };

  const walk = (nested: tf.LayersModel, given: readonly number[]): number[] => {
    const done = new Map<number, number>(nested.inputs.map((input, i) => [input.id, given[i] ?? -1]));
    // Depth first, with a stack of our own: a network may be thousands of layers deep.
    const visit = (target: tf.SymbolicTensor): number => {
      const pending = [target];
      for (let tensor = pending.at(-1); tensor !== undefined; tensor = pending.at(-1)) {
        const layer = tensor.sourceLayer;
        const node = done.has(tensor.id) ? undefined : layer.inboundNodes[tensor.nodeIndex];
        if (node === undefined) {
          if (!done.has(tensor.id)) throw new Error(`${tensor.name} was made by no layer`);
          pending.pop();
          continue;
        }
        const missing = node.inputTensors.filter(({ id }) => !done.has(id));
        if (missing.length > 0) {
          pending.push(...missing.reverse());
          continue;
        }
        const inputs = node.inputTensors.map(({ id }) => done.get(id) ?? -1);
        const outputs =
          layer instanceof tf.LayersModel
            ? walk(layer, inputs)
            : node.outputTensors.map((output) => newValue(output.shape));
        if (!(layer instanceof tf.LayersModel)) steps.push({ layer, trains: trains(layer), inputs, outputs });
        node.outputTensors.forEach((output, i) => done.set(output.id, outputs[i] ?? -1));
      }
      return done.get(target.id) ?? -1;
    };
    return nested.outputs.map(visit);
  };

  const inputs = model.inputs.map((input) => newValue(input.shape));
  const outputs = walk(model, inputs);
  return { inputs, outputs, steps: withNoise(steps), shapes };
}

/**
 * Noise is part of what trains, but for that within a frozen part of the model, which is to say the same of a picture each time: what is marked
 * as frozen itself, and what a frozen layer with weights follows.
 */
function withNoise(steps: readonly Step[]): Step[] {
  const beforeFrozen = new Set<number>();
  const isFixed = (step: Step) => step.outputs.some((value) => beforeFrozen.has(value));
  for (const step of steps.toReversed()) {
    if (isFixed(step) || (step.layer.weights.length > 0 && !step.trains))
      for (const value of step.inputs) beforeFrozen.add(value);
  }
  return steps.map((step) =>
    isNoisy(step.layer) ? { ...step, trains: step.layer.trainable && !isFixed(step) } : step,
  );
}

/** A size that differs from example to example, where one for all is needed. */
export class UnknownSize extends Error {
  constructor() {
    super('inputs that differ in size from example to example');
  }
}

/** Shape of a value without the batch. @throws UnknownSize */
export function shapeOf(program: Program, value: number): number[] {
  return sizesOf(program, value).map((size) => {
    if (size === null) throw new UnknownSize();
    return size;
  });
}

/** The same; null where it differs from example to example. */
export function sizesOf(program: Program, value: number): (number | null)[] {
  return (program.shapes.get(value) ?? []).slice(1);
}

/** The layers of a program, each once, in order. */
export function layersOf(program: Program): tf.layers.Layer[] {
  return [...new Set(program.steps.map(({ layer }) => layer))];
}

/** The layers of a program that train. */
export function trainingLayers(program: Program): ReadonlySet<tf.layers.Layer> {
  return new Set(program.steps.filter(({ trains }) => trains).map(({ layer }) => layer));
}

/** Whether weights of this step change in training. */
export function changes({ layer, trains }: Step): boolean {
  return trains && layer.trainableWeights.length > 0;
}

/** Whether this step is not the same each time in training, whatever its weights. */
export function isRandom({ layer, trains }: Step): boolean {
  return trains && isNoisy(layer);
}

const noisy: ReadonlySet<string> = new Set([
  'Dropout',
  'SpatialDropout1D',
  'SpatialDropout2D',
  'StochasticDepth',
  'GaussianNoise',
  'GaussianDropout',
  'AlphaDropout',
]);

/** Whether a layer does something else in training than in inference, whatever its weights. */
export function isNoisy(layer: tf.layers.Layer): boolean {
  return noisy.has(layer.getClassName());
}

/** Runs a program with TensorFlow.js. `training` is asked for every layer. Call it within `tf.tidy`. */
export function runProgram(
  program: Program,
  inputs: readonly tf.Tensor[],
  training: (layer: tf.layers.Layer) => boolean,
): tf.Tensor[] {
  const values = new Map<number, tf.Tensor>();
  program.inputs.forEach((value, i) => {
    const tensor = inputs[i];
    if (tensor !== undefined) values.set(value, tensor);
  });
  const get = (value: number): tf.Tensor => {
    const tensor = values.get(value);
    if (tensor === undefined) throw new Error('A value is used before it is made.');
    return tensor;
  };
  for (const { layer, inputs: from, outputs } of program.steps) {
    const given = from.map(get);
    const result = layer.call(given.length === 1 && given[0] !== undefined ? given[0] : given, {
      training: training(layer),
    });
    const results = Array.isArray(result) ? result : [result];
    outputs.forEach((value, i) => {
      const tensor = results[i];
      if (tensor !== undefined) values.set(value, tensor);
    });
  }
  return program.outputs.map(get);
}
