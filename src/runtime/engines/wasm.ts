import { present } from '../../common/errors.js';
import { LayerConfig } from '../graph/lower/context.js';
import { layersOf, runProgram, trainingLayers, type Program, type ProgramInput } from '../graph/index.js';
import { uniform } from '../../common/random.js';
import type { FloatTensor } from '../../common/tensor.js';
import { tf } from '../tf.js';
import { registerTrainingKernels } from './kernels/register.js';
import { Accumulation, type Gradients } from './accumulation.js';
import { logitsProgram, runLogits } from './logits.js';
import { correctOf, lossTensor } from './loss.js';
import { Optimizer } from './optimizer.js';
import type {
  Batch,
  Engine,
  OptimizerState,
  Runner,
  StepOptions,
  StepResult,
  Trainer,
  TrainerOptions,
} from './types.js';

const dilatedProblems: Readonly<Record<string, string>> = {
  Conv1D: 'has no gradient for dilated convolutions',
  Conv2D: 'has no gradient for dilated convolutions',
  SeparableConv2D: 'has no gradient for dilated convolutions',
  GroupedConv2D: 'has no gradient for dilated convolutions',
  DilatedDepthwiseConv2D: 'has no gradient for dilated convolutions',
  DepthwiseConv2D: 'ignores its dilation',
};

let registered = false;

/** TensorFlow.js in WebAssembly, with the gradients that it lacks: slower than native code, but it trains nearly any tf.layers model. */
export function wasmEngine(): Engine {
  if (!registered) registerTrainingKernels();
  registered = true;
  return {
    name: 'wasm',
    reason: 'CPU, WebAssembly',
    compile: (program, inputs) => ({ open: () => Promise.resolve(runner(program, inputs)) }),
    compileTraining(suffix, options) {
      const dilated = layersOf(suffix).find(
        (layer) =>
          layer.getClassName() in dilatedProblems &&
          [new LayerConfig(layer).raw('dilationRate')].flat().some((rate) => rate !== 1),
      );
      if (dilated === undefined)
        return { memory: 'unknown', open: () => Promise.resolve(new WasmTrainer(suffix, options)) };
      const className = dilated.getClassName();
      return { refusal: `the layer ${dilated.name} (${className}): TensorFlow.js ${dilatedProblems[className] ?? ''}` };
    },
  };
}

function runner(program: Program, inputs: readonly ProgramInput[]): Runner {
  return {
    async run(given) {
      const outputs = tf.tidy(() => {
        const tensors = inputs.map((input) => tensorOf(input.compute(present(given[input.name], input.name))));
        return runProgram(program, tensors, () => false);
      });
      try {
        return await Promise.all(
          outputs.map(async (output) => ({ data: Float32Array.from(await output.data()), shape: output.shape })),
        );
      } finally {
        tf.dispose(outputs);
      }
    },
    dispose: () => Promise.resolve(),
  };
}

/** Trains the layers' own variables in place. */
class WasmTrainer implements Trainer {
  readonly #optimizer: Optimizer;
  readonly #logits: ReturnType<typeof logitsProgram>;
  readonly #accumulation = new Accumulation();
  readonly #trains: ReadonlySet<tf.layers.Layer>;
  /** Trainable variables by a name that stays the same from run to run. */
  readonly #variables = new Map<string, tf.layers.Layer['weights'][number]>();

  constructor(
    suffix: Program,
    private readonly options: TrainerOptions,
  ) {
    this.#optimizer = new Optimizer(options);
    this.#logits = logitsProgram(suffix, options.loss.kind);
    this.#trains = trainingLayers(suffix);
    for (const layer of this.#trains)
      layer.trainableWeights.forEach((weight, i) => this.#variables.set(`${layer.name}/${i}`, weight));
  }

  async step(batch: Batch, { learningRate, seed, accumulate = false }: StepOptions): Promise<StepResult> {
    const { loss, logits, gradients } = this.#gradients(batch, seed);
    try {
      const arrays = new Map<string, Float32Array>();
      for (const [name, gradient] of Object.entries(gradients))
        arrays.set(name, (await gradient.data()) as Float32Array);
      const [lossValue] = await loss.data();
      const correct = correctOf((await logits.data()) as Float32Array, batch.labels, this.options);
      const total = batch.weights.reduce((sum, weight) => sum + weight, 0);
      const ready = this.#accumulation.add(arrays, total, accumulate);
      if (ready !== undefined) this.#update(ready, learningRate);
      return { loss: lossValue ?? NaN, ...correct };
    } finally {
      tf.dispose([loss, logits, ...Object.values(gradients)]);
    }
  }

  async predict(inputs: readonly FloatTensor[]): Promise<FloatTensor> {
    const outputs = tf.tidy(() => {
      const logits = this.#run(inputs, false);
      const { activation } = this.#logits;
      return activation === 'softmax' ? tf.softmax(logits) : activation === 'sigmoid' ? tf.sigmoid(logits) : logits;
    });
    try {
      return { data: Float32Array.from(await outputs.data()), shape: outputs.shape };
    } finally {
      outputs.dispose();
    }
  }

  /** It is what others are compared with. */
  check = () => Promise.resolve('right' as const);
  pull = () => Promise.resolve();
  push = () => Promise.resolve();
  optimizerState = () => Promise.resolve(this.#optimizer.state());
  restoreOptimizer = (state: OptimizerState) => {
    this.#optimizer.restore(state);
    return Promise.resolve();
  };
  dispose = () => Promise.resolve();

  #gradients(batch: Batch, seed: number): { loss: tf.Scalar; logits: tf.Tensor; gradients: Record<string, tf.Tensor> } {
    // Dropout and noise draw from Math.random: for the length of this (synchronous) step it follows the seed.
    const random = Math.random;
    Math.random = uniform(seed);
    try {
      return tf.tidy(() => {
        const labels = tensorOf(batch.labels);
        const weights = tf.tensor1d(batch.weights);
        let kept: tf.Tensor | undefined;
        // What `read` gives is the variable itself, although its type says less.
        const variables = new Map(
          [...this.#variables].map(([name, weight]) => [name, weight.read() as unknown as tf.Variable]),
        );
        const { value, grads } = tf.variableGrads(() => {
          const logits = this.#run(batch.inputs, true);
          kept = tf.keep(logits);
          return lossTensor(logits, labels, weights, this.options.loss);
        }, [...variables.values()]);
        const gradients: Record<string, tf.Tensor> = {};
        for (const [name, variable] of variables) {
          const gradient = grads[variable.name];
          if (gradient !== undefined) gradients[name] = tf.keep(gradient);
        }
        return { loss: tf.keep(value), logits: present(kept, 'The logits'), gradients };
      });
    } finally {
      Math.random = random;
    }
  }

  #run(inputs: readonly FloatTensor[], training: boolean): tf.Tensor2D {
    const trains = (layer: tf.layers.Layer) =>
      training && this.options.inference?.has(layer) !== true && this.#trains.has(layer);
    return runLogits(this.#logits, inputs.map(tensorOf), trains);
  }

  #update(gradients: Gradients, learningRate: number): void {
    this.#optimizer.step(gradients, learningRate, (name, update) => {
      const variable = present(this.#variables.get(name), name);
      tf.tidy(() => {
        const tensor = variable.read();
        const data = Float32Array.from(tensor.dataSync());
        update({ data, shape: tensor.shape });
        variable.write(tf.tensor(data, tensor.shape));
      });
    });
  }
}

function tensorOf({ data, shape }: FloatTensor): tf.Tensor {
  return tf.tensor(data, [...shape]);
}
