import { present } from '../../common/errors.js';
import type { FloatTensor } from '../../common/tensor.js';
import { inferenceContext, lower } from '../graph/from-layers.js';
import { backward } from '../graph/gradients/backward.js';
import type { CustomGradient } from '../graph/gradients/rule.js';
import { GraphBuilder, reshape, type Graph, type Value } from '../graph/ir.js';
import type { LayerWeight, LowerContext, WeightLayout } from '../graph/lower/context.js';
import { shapeOf, trainingLayers, type Program } from '../graph/program.js';
import type { tf } from '../tf.js';
import type { LossSpec } from './specs.js';
import { logitsProgram, type LogitsProgram, type OutputActivation } from './logits.js';
import { lossNodes } from './loss.js';

/** A weight that changes while training, in the order of ONNX's operators. */
export interface Parameter {
  /** `<layer>/<number>`, the same from run to run; also the name of the graph's input. */
  readonly name: string;
  readonly weight: LayerWeight;
  readonly layout: WeightLayout | undefined;
  readonly shape: readonly number[];
}

/** A moving statistic and the graph's output with the batch's own. */
interface Moving {
  readonly parameter: string;
  readonly output: string;
  readonly momentum: number;
}

/** Values to be dropped: a mask that is made anew for every step. */
export interface Mask {
  readonly input: string;
  readonly rate: number;
  /** Without the batch. */
  readonly shape: readonly number[];
}

export interface TrainingGraph {
  readonly graph: Graph;
  readonly parameters: readonly Parameter[];
  /** Names of the parameters that have a gradient; the output is `gradient:<name>`. */
  readonly trained: readonly string[];
  readonly moving: readonly Moving[];
  readonly masks: readonly Mask[];
  /** All values of the graph, by name. */
  readonly values: ReadonlyMap<string, Value>;
}

export const gradientOf = (parameter: string) => `gradient:${parameter}`;

/** What the training and the inference graph have in common: parameters as inputs, logits. */
class Lowered {
  readonly builder = new GraphBuilder();
  readonly parameters: Parameter[] = [];
  readonly moving: Moving[] = [];
  readonly movingOutputs = new Map<string, Value>();
  readonly masks: Mask[] = [];
  readonly gradients: CustomGradient[] = [];
  readonly logits: Value;
  readonly #trains: ReadonlySet<tf.layers.Layer>;
  readonly #names = new Map<LayerWeight, string>();
  readonly #values = new Map<LayerWeight, Value>();

  constructor(
    { program, dense }: LogitsProgram,
    private readonly training: boolean,
    private readonly inference: ReadonlySet<tf.layers.Layer> = new Set(),
  ) {
    this.#trains = trainingLayers(program);
    for (const layer of this.#trains)
      layer.weights.forEach((weight, i) => this.#names.set(weight, `${layer.name}/${i}`));
    const inputs = program.inputs.map((id, i) => this.builder.input(`tap:${i}`, ['N', ...shapeOf(program, id)]));
    const context = this.#context();
    if (dense === undefined) this.logits = present(lower(program, inputs, context)[0], 'The output');
    else {
      const last = present(program.steps.at(-1), 'The last step');
      const [x] = lower({ ...program, steps: program.steps.slice(0, -1), outputs: last.inputs }, inputs, context);
      const [kernel, bias] = dense.weights;
      const shape = ['N', Number(present(kernel, 'A kernel').shape[1])] as const;
      const operands = [
        x,
        context.weight(present(kernel, 'A kernel')),
        ...(bias === undefined ? [] : [context.weight(bias)]),
      ];
      this.logits = this.builder.op('Gemm', operands, {}, shape);
    }
  }

  #context(): LowerContext {
    const { builder } = this;
    const constants = inferenceContext(builder);
    return {
      builder,
      training: (layer: tf.layers.Layer) => this.training && !this.inference.has(layer) && this.#trains.has(layer),
      trains: (weight) => this.#names.has(weight),
      weight: (weight, layout) => {
        const name = this.#names.get(weight);
        if (name === undefined) return constants.weight(weight, layout);
        let value = this.#values.get(weight);
        if (value === undefined) {
          const shape = layout?.shape ?? weight.shape.map(Number);
          value = builder.input(name, shape);
          this.#values.set(weight, value);
          this.parameters.push({ name, weight, layout, shape });
        }
        return value;
      },
      moving: (weight, batch, momentum) => {
        const name = present(this.#names.get(weight), 'A moving statistic');
        if (this.movingOutputs.has(`batch:${name}`)) return;
        this.movingOutputs.set(`batch:${name}`, batch);
        this.moving.push({ parameter: name, output: `batch:${name}`, momentum });
        if (!this.#values.has(weight))
          this.parameters.push({ name, weight, layout: undefined, shape: weight.shape.map(Number) });
      },
      mask: (layer, sizes) => {
        const rate = Number(layer.getConfig()['rate']);
        if (!(rate > 0)) return undefined;
        const shape = sizes.map(Number);
        const input = `mask:${this.masks.length}`;
        this.masks.push({ input, rate, shape });
        return builder.input(input, ['N', ...shape]);
      },
      convolutions: new Map(),
      custom: (gradient) => this.gradients.push(gradient),
    };
  }
}

/**
 * Forward, loss and gradients as one graph. Inputs: taps, parameters, masks, `labels` [N, outputs], `weights` [N] already divided
 * by their sum. Outputs: `loss`, `logits`, the gradients, and the batch statistics of BatchNormalization.
 *
 * @throws UnsupportedLayer, NoGradient.
 */
export function trainingGraph(
  suffix: Program,
  spec: LossSpec,
  inference?: ReadonlySet<tf.layers.Layer>,
): TrainingGraph {
  const lowered = new Lowered(logitsProgram(suffix, spec.kind), true, inference);
  const { builder: b, logits, parameters } = lowered;
  const labels = b.input('labels', ['N', Number(logits.shape[1])]);
  const weights = reshape(b, b.input('weights', ['N']), ['N', 1]);
  const { loss, gradient: outputGradient } = lossNodes(b, logits, labels, weights, spec);
  // Statistics are weights too, but they do not follow a gradient.
  const trained = parameters.filter(({ weight }) => weight.trainable);
  const values = trained.map(({ name }) => present(b.values.get(name), name));
  const gradients = backward(b, logits, outputGradient, values, lowered.gradients);
  const outputs: Record<string, Value> = { loss, logits };
  for (const { name } of trained) {
    const gradient = gradients.get(name);
    if (gradient !== undefined) outputs[gradientOf(name)] = gradient;
  }
  for (const [name, value] of lowered.movingOutputs) outputs[name] = value;
  const names = trained.map(({ name }) => name).filter((name) => gradientOf(name) in outputs);
  return {
    graph: b.build(outputs),
    parameters,
    trained: names,
    moving: lowered.moving,
    masks: lowered.masks,
    values: b.values,
  };
}

/** Taps and parameters → the model's `outputs` [N, outputs], and the `logits` that they come from, in inference mode. */
export function inferenceGraph(
  suffix: Program,
  { kind }: LossSpec,
): { graph: Graph; parameters: readonly Parameter[] } {
  const program = logitsProgram(suffix, kind);
  const { builder, logits, parameters } = new Lowered(program, false);
  const outputs = outputNodes(builder, logits, program.activation);
  return { graph: builder.build({ outputs, logits }), parameters };
}

/** Feeds of a suffix's inputs. */
export function tapsOf(inputs: readonly FloatTensor[]): Record<string, FloatTensor> {
  return Object.fromEntries(inputs.map((input, i) => [`tap:${i}`, input]));
}

function outputNodes(b: GraphBuilder, logits: Value, activation: OutputActivation): Value {
  if (activation === 'softmax') return b.op('Softmax', [logits], { axis: 1 }, logits.shape);
  return activation === 'sigmoid' ? b.op('Sigmoid', [logits], {}, logits.shape) : logits;
}
