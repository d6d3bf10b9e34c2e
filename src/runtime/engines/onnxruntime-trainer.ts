import { present } from '../../common/errors.js';
import { weightData } from '../graph/from-layers.js';
import type { Program } from '../graph/index.js';
import { transpose } from '../graph/transpose.js';
import { seedOf, uniform } from '../../common/random.js';
import type { FloatTensor, NamedTensors, Tensor } from '../../common/tensor.js';
import { tf } from '../tf.js';
import { Accumulation, type Gradients } from './accumulation.js';
import { correctOf } from './loss.js';
import { Optimizer } from './optimizer.js';
import { openSession, type Session } from './session.js';
import { checkTrainer } from './trainer-check.js';
import { gradientOf, inferenceGraph, tapsOf, type Mask, type Parameter, type TrainingGraph } from './training-graph.js';
import type { Batch, OptimizerState, StepOptions, StepResult, Trainer, TrainerOptions } from './types.js';

/** Forward, loss and gradients are one graph for ONNX Runtime's native kernels; the optimizer updates the parameters in place in between. */
export class OnnxRuntimeTrainer implements Trainer {
  readonly #optimizer: Optimizer;
  readonly #parameters = new Map<string, { parameter: Parameter; tensor: FloatTensor }>();
  /** Preallocated outputs, written in every step. */
  readonly #gradients = new Map<string, FloatTensor>();
  readonly #accumulation = new Accumulation();
  readonly #inputNames: ReadonlySet<string>;

  private constructor(
    private readonly training: Omit<TrainingGraph, 'graph' | 'values'>,
    private readonly session: Session,
    private readonly inference: Session,
    private readonly inferenceParameters: readonly Parameter[],
    private readonly suffix: Program,
    private readonly options: TrainerOptions,
    private readonly lower: typeof inferenceGraph,
  ) {
    this.#optimizer = new Optimizer(options);
    this.#inputNames = new Set(session.inputNames);
    for (const parameter of training.parameters) {
      const data = new Float32Array(parameter.shape.reduce((product, size) => product * size, 1));
      this.#parameters.set(parameter.name, { parameter, tensor: { data, shape: parameter.shape } });
    }
    for (const name of training.trained) {
      const { shape } = this.#parameter(name).parameter;
      const size = shape.reduce((product, length) => product * length, 1);
      this.#gradients.set(name, { data: new Float32Array(size), shape });
    }
  }

  static async open(
    { graph, trained, parameters, moving, masks }: TrainingGraph,
    suffix: Program,
    options: TrainerOptions,
    lower = inferenceGraph,
  ): Promise<OnnxRuntimeTrainer> {
    const forward = lower(suffix, options.loss);
    const [session, inference] = await Promise.all([
      openSession(graph, { enableMemPattern: false }),
      openSession(forward.graph),
    ]);
    const training = { trained, parameters, moving, masks };
    const trainer = new OnnxRuntimeTrainer(training, session, inference, forward.parameters, suffix, options, lower);
    await trainer.push();
    return trainer;
  }

  async step(batch: Batch, { learningRate, seed, accumulate = false }: StepOptions): Promise<StepResult> {
    const total = batch.weights.reduce((sum, weight) => sum + weight, 0);
    const n = batch.weights.length;
    const outputs = await this.#run(batch, total, (mask, i) => maskTensor(mask, n, seedOf(seed, 'mask', i)));

    const loss = Number(floats(outputs['loss'])[0]);
    // The parameters stay as they are when the step went wrong: what has been reached is not lost.
    if (Number.isFinite(loss)) {
      this.#move(outputs);
      const gradients = new Map([...this.#gradients].map(([name, tensor]) => [name, tensor.data]));
      const ready = this.#accumulation.add(gradients, total, accumulate);
      if (ready !== undefined) this.#update(ready, learningRate);
    }
    return { loss, ...correctOf(floats(outputs['logits']), batch.labels, this.options) };
  }

  async predict(inputs: readonly FloatTensor[]): Promise<FloatTensor> {
    const { outputs } = await this.#infer(inputs);
    return { data: floats(outputs), shape: present(outputs, 'outputs').shape };
  }

  async check(examples: readonly (() => Promise<readonly FloatTensor[]>)[]): Promise<'right' | 'too slow'> {
    const logitsOf = async (inputs: readonly FloatTensor[]) => {
      const ways = [await this.#infer(inputs)];
      // Nothing dropped, training is as inference, but for what follows its batch.
      if (this.training.moving.length === 0) ways.push(await this.#run(this.#unlabelled(inputs), 1, keptMask));
      return ways.map(({ logits }) => ({ data: floats(logits), shape: present(logits, 'logits').shape }));
    };
    return await checkTrainer(this.suffix, this.options.loss, examples, logitsOf, this.lower);
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

  async #infer(inputs: readonly FloatTensor[]): Promise<NamedTensors> {
    const feeds = tapsOf(inputs);
    for (const { name } of this.inferenceParameters) feeds[name] = this.#parameter(name).tensor;
    return await this.inference.run(feeds);
  }

  /** Forward and backward; the gradients lie in their places then. */
  async #run(batch: Batch, total: number, maskOf: (mask: Mask, i: number) => FloatTensor): Promise<NamedTensors> {
    const feeds: Record<string, FloatTensor> = {
      ...tapsOf(batch.inputs),
      labels: batch.labels,
      weights: { data: batch.weights.map((weight) => weight / total), shape: [batch.weights.length] },
    };
    for (const [name, { tensor }] of this.#parameters) if (this.#inputNames.has(name)) feeds[name] = tensor;
    this.training.masks.forEach((mask, i) => {
      feeds[mask.input] = maskOf(mask, i);
    });
    const places = Object.fromEntries([...this.#gradients].map(([name, tensor]) => [gradientOf(name), tensor]));
    return await this.session.run(feeds, places);
  }

  /** One example, with labels that nobody asks for. */
  #unlabelled(inputs: readonly FloatTensor[]): Batch {
    const outputs = present(this.suffix.shapes.get(this.suffix.outputs[0] ?? -1), 'The output')
      .slice(1)
      .map(Number);
    const labels = { data: new Float32Array(outputs.reduce((all, size) => all * size, 1)), shape: [1, ...outputs] };
    return { inputs, labels, weights: Float32Array.of(1) };
  }

  #update(gradients: Gradients, learningRate: number): void {
    this.#optimizer.step(gradients, learningRate, (name, update) => {
      update(this.#parameter(name).tensor);
    });
  }

  /** The moving statistics go towards the batch's. */
  #move(outputs: NamedTensors): void {
    for (const { parameter, output, momentum } of this.training.moving) {
      const { data } = this.#parameter(parameter).tensor;
      const batch = floats(outputs[output]);
      for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) * momentum + (batch[i] ?? 0) * (1 - momentum);
    }
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

function floats(tensor: Tensor | undefined): Float32Array {
  return present(tensor, 'An output').data as Float32Array;
}

function maskTensor({ rate, shape }: Mask, n: number, seed: number): FloatTensor {
  const random = uniform(seed);
  const size = shape.reduce((product, length) => product * length, n);
  const kept = 1 / (1 - rate);
  return { data: Float32Array.from({ length: size }, () => (random() < rate ? 0 : kept)), shape: [n, ...shape] };
}

function keptMask({ shape }: Mask): FloatTensor {
  return {
    data: new Float32Array(shape.reduce((product, length) => product * length, 1)).fill(1),
    shape: [1, ...shape],
  };
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
