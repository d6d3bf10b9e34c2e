import * as ort from 'onnxruntime-node';

import { GraphBuilder } from '../graph/ir.js';
import { encodeModel } from '../graph/protobuf.js';
import { createSession } from '../graph/session.js';
import type { Objective } from './lbfgs.js';

/**
 * The objective of multinomial logistic regression over all rows at once, as one ONNX graph:
 * Σᵢ wᵢ CE(yᵢ, softmax(xᵢW + b)) / Σᵢ wᵢ + l2/2 ‖W‖². Rows with weight 0 are left out of the fit: cross-validation needs no copies.
 */
export class SoftmaxRegression {
  readonly #x: ort.Tensor;
  readonly #y: ort.Tensor;

  private constructor(
    private readonly session: ort.InferenceSession,
    x: Float32Array,
    labels: readonly number[],
    private readonly dimensions: number,
    private readonly classes: number,
  ) {
    const hot = new Float32Array(labels.length * classes);
    labels.forEach((label, i) => (hot[i * classes + label] = 1));
    this.#x = new ort.Tensor('float32', x, [labels.length, dimensions]);
    this.#y = new ort.Tensor('float32', hot, [labels.length, classes]);
  }

  /** @param x [n, dimensions], row-major; kept, not copied. */
  static async open(
    x: Float32Array,
    labels: readonly number[],
    dimensions: number,
    classes: number,
  ): Promise<SoftmaxRegression> {
    const session = await createSession(encodeModel(graph(dimensions, classes)));
    return new SoftmaxRegression(session, x, labels, dimensions, classes);
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
    await this.session.release();
  }

  async #evaluate(theta: Float64Array, weights: Float32Array): Promise<{ loss: number; gradient: Float64Array }> {
    const flat = Float32Array.from(theta);
    const kernel = this.dimensions * this.classes;
    const outputs = await this.session.run({
      x: this.#x,
      y: this.#y,
      weights: new ort.Tensor('float32', weights, [weights.length, 1]),
      kernel: new ort.Tensor('float32', flat.subarray(0, kernel), [this.dimensions, this.classes]),
      bias: new ort.Tensor('float32', flat.subarray(kernel), [this.classes]),
    });
    const gradient = new Float64Array(theta.length);
    gradient.set(outputs['kernel_gradient']?.data as Float32Array);
    gradient.set(outputs['bias_gradient']?.data as Float32Array, kernel);
    return { loss: Number((outputs['loss']?.data as Float32Array)[0]), gradient };
  }
}

function graph(dimensions: number, classes: number) {
  const b = new GraphBuilder();
  const x = b.input('x', ['N', dimensions]);
  const y = b.input('y', ['N', classes]);
  const weights = b.input('weights', ['N', 1]);
  const kernel = b.input('kernel', [dimensions, classes]);
  const bias = b.input('bias', [classes]);
  const rows = ['N', classes] as const;
  const logits = b.op('Gemm', [x, kernel, bias], {}, rows);
  const logProbabilities = b.op('LogSoftmax', [logits], { axis: 1 }, rows);
  const weighted = b.op('Mul', [y, weights], {}, rows);
  const agreement = b.op('Mul', [weighted, logProbabilities], {}, rows);
  const loss = b.op('Neg', [b.op('ReduceSum', [agreement], { keepdims: 0 }, [])], {}, []);
  const error = b.op(
    'Sub',
    [b.op('Mul', [b.op('Exp', [logProbabilities], {}, rows), weights], {}, rows), weighted],
    {},
    rows,
  );
  const kernelGradient = b.op('Gemm', [x, error], { transA: 1 }, [dimensions, classes]);
  const biasGradient = b.op('ReduceSum', [error, b.int64([0])], { keepdims: 0 }, [classes]);
  return b.build({ loss, kernel_gradient: kernelGradient, bias_gradient: biasGradient });
}
