import os from 'node:os';

import * as ort from 'onnxruntime-node';

import { messageOf, present } from '../errors.js';
import { UnsupportedLayer, weightData } from '../graph/from-layers.js';
import { transpose } from '../graph/transpose.js';
import { NoGradient } from '../graph/gradients/rule.js';
import { encodeModel } from '../graph/protobuf.js';
import type { Program } from '../graph/program.js';
import { createSession } from './session.js';
import { seedOf, uniform } from '../random.js';
import { tf } from '../tf.js';
import { Accumulation, type Gradients } from './accumulation.js';
import { lossActivation } from './logits.js';
import { countCorrect } from './loss.js';
import { largestBatch, trainingBytes } from './memory.js';
import { clipFactor, Optimizer } from './optimizer.js';
import {
  gradientOf,
  inferenceGraph,
  trainingGraph,
  type Mask,
  type Parameter,
  type TrainingGraph,
} from './training-graph.js';
import type {
  Batch,
  Engine,
  FloatTensor,
  OptimizerState,
  StepOptions,
  StepResult,
  Trainer,
  TrainerOptions,
} from './types.js';

/**
 * Training compiled to ONNX: forward, loss and gradients are one graph for ONNX Runtime's native kernels; the optimizer
 * updates the parameters in place in between.
 */
export function onnxRuntimeEngine(): Engine {
  return {
    name: 'onnxruntime',
    reason: `CPU, ${os.availableParallelism()} threads`,
    refuses(suffix, loss) {
      try {
        trainingGraph(suffix, loss);
        return undefined;
      } catch (error) {
        if (error instanceof UnsupportedLayer || error instanceof NoGradient) return messageOf(error);
        throw error;
      }
    },
    memory(suffix, options) {
      const training = trainingGraph(suffix, options.loss, options.inference);
      return {
        bytes: trainingBytes(training, options),
        largestBatch: (limit) => largestBatch(training, options, limit),
      };
    },
    trainer: (suffix, options) => OnnxRuntimeTrainer.open(suffix, options),
  };
}

class OnnxRuntimeTrainer implements Trainer {
  readonly #optimizer: Optimizer;
  readonly #parameters = new Map<string, { parameter: Parameter; tensor: ort.TypedTensor<'float32'> }>();
  /** Preallocated outputs, written in every step. */
  readonly #gradients = new Map<string, ort.TypedTensor<'float32'>>();
  readonly #accumulation = new Accumulation();
  readonly #inputNames: ReadonlySet<string>;

  private constructor(
    private readonly training: TrainingGraph,
    private readonly session: ort.InferenceSession,
    private readonly inference: ort.InferenceSession,
    private readonly inferenceParameters: readonly Parameter[],
    private readonly options: TrainerOptions,
  ) {
    this.#optimizer = new Optimizer(options.optimizer, options.learningRateMultipliers);
    this.#inputNames = new Set(session.inputNames);
    for (const parameter of training.parameters) {
      const data = new Float32Array(parameter.shape.reduce((product, size) => product * size, 1));
      this.#parameters.set(parameter.name, { parameter, tensor: new ort.Tensor('float32', data, parameter.shape) });
    }
    for (const name of training.trained) {
      const { shape } = this.#parameter(name).parameter;
      const size = shape.reduce((product, length) => product * length, 1);
      this.#gradients.set(name, new ort.Tensor('float32', new Float32Array(size), shape));
    }
  }

  static async open(suffix: Program, options: TrainerOptions): Promise<OnnxRuntimeTrainer> {
    const training = trainingGraph(suffix, options.loss, options.inference);
    const { graph, parameters } = inferenceGraph(suffix, options.loss);
    const [session, inference] = await Promise.all([
      createSession(encodeModel(training.graph), { enableMemPattern: false }),
      createSession(encodeModel(graph)),
    ]);
    const trainer = new OnnxRuntimeTrainer(training, session, inference, parameters, options);
    await trainer.push();
    return trainer;
  }

  async step(batch: Batch, { learningRate, seed, accumulate = false }: StepOptions): Promise<StepResult> {
    const total = batch.weights.reduce((sum, weight) => sum + weight, 0);
    const n = batch.weights.length;
    const feeds: Record<string, ort.Tensor> = {
      ...this.#taps(batch.inputs),
      labels: tensorOf(batch.labels),
      weights: new ort.Tensor(
        'float32',
        batch.weights.map((weight) => weight / total),
        [n],
      ),
    };
    for (const [name, { tensor }] of this.#parameters) if (this.#inputNames.has(name)) feeds[name] = tensor;
    this.training.masks.forEach((mask, i) => {
      feeds[mask.input] = maskTensor(mask, n, seedOf(seed, 'mask', i));
    });
    const fetches: Record<string, ort.Tensor | null> = { loss: null, logits: null };
    for (const [name, tensor] of this.#gradients) fetches[gradientOf(name)] = tensor;
    for (const { output } of this.training.moving) fetches[output] = null;
    const outputs = await this.session.run(feeds, fetches);

    const loss = Number(floats(outputs['loss'])[0]);
    // The parameters stay as they are when the step went wrong: what has been reached is not lost.
    if (Number.isFinite(loss)) {
      this.#move(outputs);
      const gradients = new Map([...this.#gradients].map(([name, tensor]) => [name, tensor.data]));
      const ready = this.#accumulation.add(gradients, total, accumulate);
      if (ready !== undefined) this.#update(ready, learningRate);
    }
    const correct = countCorrect(floats(outputs['logits']), batch.labels, lossActivation[this.options.loss.kind]);
    return { loss, correct };
  }

  async predict(inputs: readonly FloatTensor[]): Promise<FloatTensor> {
    const feeds: Record<string, ort.Tensor> = this.#taps(inputs);
    for (const { name } of this.inferenceParameters) feeds[name] = this.#parameter(name).tensor;
    const { outputs } = await this.inference.run(feeds);
    return { data: floats(outputs), shape: present(outputs, 'outputs').dims };
  }

  pull(): Promise<void> {
    for (const { parameter, tensor } of this.#parameters.values()) {
      tf.tidy(() => {
        parameter.weight.write(tf.tensor(toKeras(tensor.data, parameter), parameter.weight.shape.map(Number)));
      });
    }
    return Promise.resolve();
  }

  push(): Promise<void> {
    for (const { parameter, tensor } of this.#parameters.values())
      tensor.data.set(weightData(parameter.weight, parameter.layout));
    return Promise.resolve();
  }

  /** In Keras's order, as every engine gives them: another engine can go on from here. */
  optimizerState(): Promise<OptimizerState> {
    return Promise.resolve(
      this.#rearranged(this.#optimizer.state(), (data, parameter) => ({
        data: toKeras(data, parameter),
        shape: parameter.weight.shape.map(Number),
      })),
    );
  }

  restoreOptimizer(state: OptimizerState): Promise<void> {
    this.#optimizer.restore(
      this.#rearranged(state, (data, parameter) => ({ data: toOnnx(data, parameter), shape: parameter.shape })),
    );
    return Promise.resolve();
  }

  async dispose(): Promise<void> {
    await Promise.all([this.session.release(), this.inference.release()]);
  }

  #update(gradients: Gradients, learningRate: number): void {
    const factor = clipFactor(gradients.values(), this.options.globalClipnorm);
    this.#optimizer.beginStep();
    for (const [name, gradient] of gradients) {
      if (factor !== 1) for (let i = 0; i < gradient.length; i++) gradient[i] = (gradient[i] ?? 0) * factor;
      const { parameter, tensor } = this.#parameter(name);
      this.#optimizer.update(name, { data: tensor.data, shape: parameter.shape }, gradient, learningRate);
    }
  }

  /** The moving statistics go towards the batch's. */
  #move(outputs: ort.InferenceSession.OnnxValueMapType): void {
    for (const { parameter, output, momentum } of this.training.moving) {
      const { data } = this.#parameter(parameter).tensor;
      const batch = floats(outputs[output]);
      for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) * momentum + (batch[i] ?? 0) * (1 - momentum);
    }
  }

  #taps(inputs: readonly FloatTensor[]): Record<string, ort.Tensor> {
    return Object.fromEntries(inputs.map((input, i) => [`tap:${i}`, tensorOf(input)]));
  }

  #parameter(name: string) {
    return present(this.#parameters.get(name), `The parameter ${name}`);
  }

  #rearranged(
    { step, slots }: OptimizerState,
    arrange: (data: Float32Array, parameter: Parameter) => FloatTensor,
  ): OptimizerState {
    const arranged = [...slots].map(
      ([slot, { data }]) =>
        [slot, arrange(data, this.#parameter(slot.slice(0, slot.lastIndexOf('/'))).parameter)] as const,
    );
    return { step, slots: new Map(arranged) };
  }
}

function tensorOf({ data, shape }: FloatTensor): ort.Tensor {
  return new ort.Tensor('float32', data, shape);
}

function floats(tensor: ort.Tensor | undefined): Float32Array {
  return present(tensor, 'An output').data as Float32Array;
}

function maskTensor({ rate, shape }: Mask, n: number, seed: number): ort.Tensor {
  const random = uniform(seed);
  const size = shape.reduce((product, length) => product * length, n);
  const kept = 1 / (1 - rate);
  return new ort.Tensor(
    'float32',
    Float32Array.from({ length: size }, () => (random() < rate ? 0 : kept)),
    [n, ...shape],
  );
}

function toKeras(data: Float32Array, { weight, layout }: Parameter): Float32Array<ArrayBuffer> {
  if (layout === undefined) return data.slice();
  const { permutation } = layout;
  const shape = permutation.map((axis) => weight.shape[axis] ?? 1);
  const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
  return transpose(data, shape, inverse);
}

function toOnnx(data: Float32Array, { weight, layout }: Parameter): Float32Array<ArrayBuffer> {
  return layout === undefined ? data.slice() : transpose(data, weight.shape.map(Number), layout.permutation);
}
