import { openSession, type Session } from '../engines/session.js';
import { GraphBuilder, reshape } from '../graph/ir.js';
import type { Tensor } from '../../common/tensor.js';
import type { Objective } from './lbfgs.js';

/** A point where somebody wants to know the loss and its gradient. */
interface Question {
  readonly theta: Float64Array;
  readonly weights: Float32Array;
  readonly answer: (result: { loss: number; gradient: Float64Array }) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * The objective of multinomial logistic regression over all rows at once, as one ONNX graph:
 * Σᵢ wᵢ CE(yᵢ, softmax(xᵢW + b)) / Σᵢ wᵢ + l2/2 ‖W‖². Rows with weight 0 are left out of the fit: cross-validation needs no copies.
 *
 * What several fits ask at the same time is answered by one run: the rows, by far the most there is to read, are read once.
 */
export class SoftmaxRegression {
  #waiting: Question[] = [];
  readonly #x: Tensor;
  readonly #y: Tensor;

  /** By the number of fits that they answer. */
  readonly #sessions = new Map<number, Promise<Session>>();

  /** @param x [n, dimensions], row-major; kept, not copied. */
  constructor(
    x: Float32Array,
    labels: readonly number[],
    private readonly dimensions: number,
    private readonly classes: number,
  ) {
    const hot = new Float32Array(labels.length * classes);
    labels.forEach((label, i) => (hot[i * classes + label] = 1));
    this.#x = { data: x, shape: [labels.length, dimensions] };
    this.#y = { data: hot, shape: [labels.length, 1, classes] };
  }

  /** Parameters: W row by row, then b. */
  get parameters(): number {
    return (this.dimensions + 1) * this.classes;
  }

  /** The function to minimise for these row weights. */
  objective(weights: Float32Array, l2: number): Objective {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const kernel = this.dimensions * this.classes;
    return async (theta) => {
      const { loss, gradient } = await this.#evaluate(theta, weights);
      let squared = 0;
      for (let i = 0; i < theta.length; i++) {
        const value = theta[i] ?? 0;
        gradient[i] = (gradient[i] ?? 0) / total + (i < kernel ? l2 * value : 0);
        if (i < kernel) squared += value * value;
      }
      return { value: loss / total + (l2 / 2) * squared, gradient };
    };
  }

  /** Mean loss of the rows by weight, without the penalty. */
  async loss(theta: Float64Array, weights: Float32Array): Promise<number> {
    return (await this.#evaluate(theta, weights)).loss / weights.reduce((sum, weight) => sum + weight, 0);
  }

  async close(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).release();
  }

  #evaluate(theta: Float64Array, weights: Float32Array): Promise<{ loss: number; gradient: Float64Array }> {
    return new Promise((answer, fail) => {
      this.#waiting.push({ theta, weights, answer, fail });
      if (this.#waiting.length > 1) return;
      setImmediate(() => {
        const questions = this.#waiting;
        this.#waiting = [];
        this.#answer(questions).catch((error: unknown) => {
          for (const question of questions) question.fail(error);
        });
      });
    });
  }

  #session(fits: number): Promise<Session> {
    const open = this.#sessions.get(fits) ?? openSession(graph(this.dimensions, this.classes, fits));
    this.#sessions.set(fits, open);
    return open;
  }

  async #answer(questions: readonly Question[]): Promise<void> {
    const { classes, dimensions } = this;
    const [fits, n] = [questions.length, this.#y.shape[0] ?? 0];
    const width = fits * classes;
    const kernel = new Float32Array(dimensions * width);
    const bias = new Float32Array(width);
    const weights = new Float32Array(n * fits);
    questions.forEach((question, k) => {
      const { theta } = question;
      for (let j = 0; j < dimensions; j++)
        for (let c = 0; c < classes; c++) kernel[j * width + k * classes + c] = theta[j * classes + c] ?? 0;
      for (let c = 0; c < classes; c++) bias[k * classes + c] = theta[dimensions * classes + c] ?? 0;
      for (let i = 0; i < n; i++) weights[i * fits + k] = question.weights[i] ?? 0;
    });
    const outputs = await (
      await this.#session(fits)
    ).run({
      x: this.#x,
      y: this.#y,
      weights: { data: weights, shape: [n, fits, 1] },
      kernel: { data: kernel, shape: [dimensions, width] },
      bias: { data: bias, shape: [width] },
    });
    const [losses, kernels, biases] = ['loss', 'kernel_gradient', 'bias_gradient'].map(
      (name) => outputs[name]?.data as Float32Array,
    );
    questions.forEach(({ answer }, k) => {
      const gradient = new Float64Array(this.parameters);
      for (let j = 0; j < dimensions; j++)
        for (let c = 0; c < classes; c++) gradient[j * classes + c] = kernels?.[j * width + k * classes + c] ?? 0;
      for (let c = 0; c < classes; c++) gradient[dimensions * classes + c] = biases?.[k * classes + c] ?? 0;
      answer({ loss: losses?.[k] ?? NaN, gradient });
    });
  }
}

/** Of several fits: `kernel` [dimensions, fits · classes], `bias` [fits · classes], `weights` [N, fits, 1]; `loss` [fits]. */
function graph(dimensions: number, classes: number, fits: number) {
  const b = new GraphBuilder();
  const width = fits * classes;
  const x = b.input('x', ['N', dimensions]);
  const y = b.input('y', ['N', 1, classes]);
  const weights = b.input('weights', ['N', fits, 1]);
  const kernel = b.input('kernel', [dimensions, width]);
  const bias = b.input('bias', [width]);
  const apart = ['N', fits, classes] as const;
  const logits = reshape(b, b.op('Gemm', [x, kernel, bias], {}, ['N', width]), apart);
  const logProbabilities = b.op('LogSoftmax', [logits], { axis: 2 }, apart);
  const weighted = b.op('Mul', [y, weights], {}, apart);
  const agreement = b.op('Mul', [weighted, logProbabilities], {}, apart);
  const loss = b.op('Neg', [b.op('ReduceSum', [agreement, b.int64([0, 2])], { keepdims: 0 }, [fits])], {}, [fits]);
  const probabilities = b.op('Exp', [logProbabilities], {}, apart);
  const error = b.op('Sub', [b.op('Mul', [probabilities, weights], {}, apart), weighted], {}, apart);
  const flat = reshape(b, error, ['N', width]);
  const kernelGradient = b.op('Gemm', [x, flat], { transA: 1 }, [dimensions, width]);
  const biasGradient = b.op('ReduceSum', [flat, b.int64([0])], { keepdims: 0 }, [width]);
  return b.build({ loss, kernel_gradient: kernelGradient, bias_gradient: biasGradient });
}
