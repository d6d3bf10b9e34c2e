import { openSession, type Session } from '../engines/session.js';
import { GraphBuilder, reshape, type Shape, type Value } from '../graph/ir.js';
import type { Tensor } from '../../common/tensor.js';
import type { Objective } from './lbfgs.js';

/** A point where somebody wants to know the loss and its gradient. */
interface Evaluation {
  readonly theta: Float64Array;
  readonly weights: Float32Array;
  readonly answer: (result: { loss: number; gradient: Float64Array }) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * What becomes of xW + b, and so what is fitted: `softmax`, multinomial logistic regression; `sigmoid`, one logistic regression for each
 * column; `linear`, ridge regression.
 */
export type Link = 'softmax' | 'sigmoid' | 'linear';

/**
 * The objective of a linear model over all rows at once, as one ONNX graph: Σᵢ wᵢ loss(yᵢ, link(xᵢW + b)) / Σᵢ wᵢ + l2/2 ‖W‖². The loss is
 * the cross-entropy (of `sigmoid` the sum over the columns), of `linear` half the sum of squares. Rows with weight 0 are left out of
 * the fit: cross-validation needs no copies.
 *
 * What several fits ask at the same time is answered by one run: the rows, by far the most there is to read, are read once.
 */
export class LinearObjective {
  #waiting: Evaluation[] = [];
  readonly #x: Tensor;
  readonly #y: Tensor;

  /** By the number of fits that they answer. */
  readonly #sessions = new Map<number, Promise<Session>>();

  /**
   * @param x [n, dimensions], row-major; kept, not copied.
   * @param y [n, columns]: one-hot for `softmax`, 0 and 1 for `sigmoid`.
   */
  constructor(
    x: Float32Array,
    y: Float32Array,
    private readonly dimensions: number,
    private readonly columns: number,
    private readonly link: Link,
  ) {
    const n = y.length / columns;
    this.#x = { data: x, shape: [n, dimensions] };
    this.#y = { data: y, shape: [n, 1, columns] };
  }

  /** Parameters: W row by row, then b. */
  get parameters(): number {
    return (this.dimensions + 1) * this.columns;
  }

  /** The function to minimise for these row weights. */
  objective(weights: Float32Array, l2: number): Objective {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const kernel = this.dimensions * this.columns;
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
    const open = this.#sessions.get(fits) ?? openSession(graph(this.dimensions, this.columns, fits, this.link));
    this.#sessions.set(fits, open);
    return open;
  }

  async #answer(questions: readonly Evaluation[]): Promise<void> {
    const { columns: classes, dimensions } = this;
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

/** The gradients and losses of several fits: `kernel` [dimensions, fits · columns], `bias` [fits · columns], `weights` [N, fits, 1]; `loss` [fits]. */
function graph(dimensions: number, classes: number, fits: number, link: Link) {
  const b = new GraphBuilder();
  const width = fits * classes;
  const x = b.input('x', ['N', dimensions]);
  const y = b.input('y', ['N', 1, classes]);
  const weights = b.input('weights', ['N', fits, 1]);
  const kernel = b.input('kernel', [dimensions, width]);
  const bias = b.input('bias', [width]);
  const apart = ['N', fits, classes] as const;
  const logits = reshape(b, b.op('Gemm', [x, kernel, bias], {}, ['N', width]), apart);
  const { loss: each, error } = lossNodes(b, logits, y, weights, link, apart);
  const loss = b.op('ReduceSum', [each, b.int64([0, 2])], { keepdims: 0 }, [fits]);
  const flat = reshape(b, error, ['N', width]);
  const kernelGradient = b.op('Gemm', [x, flat], { transA: 1 }, [dimensions, width]);
  const biasGradient = b.op('ReduceSum', [flat, b.int64([0])], { keepdims: 0 }, [width]);
  return b.build({ loss, kernel_gradient: kernelGradient, bias_gradient: biasGradient });
}

/** The weighted loss of each row and column, and its derivative by the logits. All [N, fits, columns]. */
function lossNodes(b: GraphBuilder, logits: Value, y: Value, weights: Value, link: Link, shape: Shape) {
  const op = (name: string, ...operands: Value[]) => b.op(name, operands, {}, shape);
  switch (link) {
    case 'softmax': {
      const logProbabilities = b.op('LogSoftmax', [logits], { axis: 2 }, shape);
      const weighted = op('Mul', y, weights);
      const loss = op('Neg', op('Mul', weighted, logProbabilities));
      return { loss, error: op('Sub', op('Mul', op('Exp', logProbabilities), weights), weighted) };
    }
    case 'sigmoid': {
      const rest = op('Softplus', op('Neg', op('Abs', logits)));
      const loss = op('Add', op('Sub', op('Relu', logits), op('Mul', logits, y)), rest);
      return { loss: op('Mul', loss, weights), error: op('Mul', op('Sub', op('Sigmoid', logits), y), weights) };
    }
    case 'linear': {
      const difference = op('Sub', logits, y);
      const error = op('Mul', difference, weights);
      return { loss: op('Mul', op('Mul', error, difference), b.scalar(0.5)), error };
    }
  }
}
