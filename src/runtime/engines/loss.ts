import { binary, unary, type GraphBuilder, type Value } from '../graph/ir.js';
import { tf } from '../tf.js';
import type { LossSpec } from './specs.js';
import { lossActivation, type OutputActivation } from './logits.js';
import type { StepResult, TrainerOptions } from './types.js';
import type { FloatTensor } from '../../common/tensor.js';

/**
 * The losses as in Keras, as nodes of a graph and in TensorFlow.js. `x` are logits (for meanSquaredError the outputs), [N, k]:
 *
 * - categoricalCrossentropy: −Σ y log softmax(x)
 * - binaryCrossentropy: mean over the outputs of max(x, 0) − x y + log(1 + exp(−|x|))
 * - meanSquaredError: mean over the outputs of ((x − y) / d)², with a deviation d for each output where there are some
 *
 * Weighted: Σ wᵢ lossᵢ / Σ wᵢ over the examples.
 */
interface LossNodes {
  readonly loss: Value;
  /** dL/dx: exact, whatever the size of the logits. */
  readonly gradient: Value;
}

/** @param weights [N, 1], already divided by their sum. */
export function lossNodes(b: GraphBuilder, x: Value, labels: Value, weights: Value, spec: LossSpec): LossNodes {
  const outputs = Number(x.shape[1]);
  const y = smoothed(b, labels, spec, outputs);
  const weighted = (value: Value) => binary(b, 'Mul', value, weights);
  const total = (value: Value) => b.op('ReduceSum', [value], { keepdims: 0 }, []);
  const share = (value: Value) => binary(b, 'Mul', value, b.scalar(1 / outputs));
  switch (spec.kind) {
    case 'categoricalCrossentropy': {
      const logProbabilities = b.op('LogSoftmax', [x], { axis: 1 }, x.shape);
      const target = weighted(y);
      const loss = unary(b, 'Neg', total(binary(b, 'Mul', target, logProbabilities)));
      return { loss, gradient: binary(b, 'Sub', weighted(unary(b, 'Exp', logProbabilities)), target) };
    }
    case 'binaryCrossentropy': {
      const linear = binary(b, 'Sub', unary(b, 'Relu', x), binary(b, 'Mul', x, y));
      const each = binary(b, 'Add', linear, unary(b, 'Softplus', unary(b, 'Neg', unary(b, 'Abs', x))));
      const gradient = share(weighted(binary(b, 'Sub', unary(b, 'Sigmoid', x), y)));
      return { loss: total(share(weighted(each))), gradient };
    }
    case 'meanSquaredError': {
      const inDeviations = (value: Value, times = 1) => {
        const factors = spec.deviations?.map((deviation) => times / deviation);
        if (factors === undefined) return times === 1 ? value : binary(b, 'Mul', value, b.scalar(times));
        return binary(b, 'Mul', value, b.constant(Float32Array.from(factors), [1, outputs]));
      };
      const difference = inDeviations(binary(b, 'Sub', x, y));
      const part = share(weighted(difference));
      return { loss: total(binary(b, 'Mul', part, difference)), gradient: inDeviations(part, 2) };
    }
  }
}

/** The same in TensorFlow.js, which finds the gradient itself. @param weights [N]. */
export function lossTensor(x: tf.Tensor2D, labels: tf.Tensor, weights: tf.Tensor1D, spec: LossSpec): tf.Scalar {
  return tf.tidy(() => {
    const { scale, offset } = smoothing(spec, x.shape[1]);
    const y = offset === 0 ? labels : tf.add(tf.mul(labels, scale), offset);
    const each = () => {
      switch (spec.kind) {
        case 'categoricalCrossentropy':
          return tf.neg(tf.sum(tf.mul(y, tf.logSoftmax(x)), 1));
        case 'binaryCrossentropy': {
          const rest = tf.softplus(tf.neg(tf.abs(x)));
          return tf.mean(tf.add(tf.sub(tf.relu(x), tf.mul(x, y)), rest), 1);
        }
        case 'meanSquaredError': {
          const { deviations } = spec;
          const scaled = (value: tf.Tensor) => (deviations === undefined ? value : tf.div(value, [...deviations]));
          return tf.mean(tf.squaredDifference(scaled(x), scaled(y)), 1);
        }
      }
    };
    return tf.div<tf.Scalar>(tf.sum(tf.mul(each(), weights)), tf.sum(weights));
  });
}

/** Label smoothing (Szegedy et al. 2016): towards equal shares of the outputs, of yes and no for binaryCrossentropy. */
function smoothing({ kind, labelSmoothing }: LossSpec, outputs: number): { scale: number; offset: number } {
  if (kind === 'meanSquaredError') return { scale: 1, offset: 0 };
  return { scale: 1 - labelSmoothing, offset: labelSmoothing / (kind === 'binaryCrossentropy' ? 2 : outputs) };
}

function smoothed(b: GraphBuilder, labels: Value, spec: LossSpec, outputs: number): Value {
  const { scale, offset } = smoothing(spec, outputs);
  if (offset === 0) return labels;
  return binary(b, 'Add', binary(b, 'Mul', labels, b.scalar(scale)), b.scalar(offset));
}

/**
 * Examples whose largest output is at the largest label; with one output, on the label's side of one half. Nothing where examples are not
 * of one class each.
 */
export function correctOf(
  logits: Float32Array,
  labels: FloatTensor,
  { loss, countsRight = true }: Pick<TrainerOptions, 'loss' | 'countsRight'>,
): Pick<StepResult, 'correct'> {
  return countsRight ? { correct: countCorrect(logits, labels, lossActivation[loss.kind]) } : {};
}

function countCorrect(
  logits: Float32Array,
  { data: labels, shape: [n = 0, outputs = 1] }: FloatTensor,
  activation: OutputActivation,
): number {
  let correct = 0;
  // A sigmoid gives one half at a logit of 0.
  const middle = activation === 'sigmoid' ? 0 : 0.5;
  for (let i = 0; i < n; i++) {
    let [best, label] = [0, 0];
    if (outputs === 1) [best, label] = [Number((logits[i] ?? 0) > middle), Number((labels[i] ?? 0) > 0.5)];
    for (let c = 1; c < outputs; c++) {
      if ((logits[i * outputs + c] ?? 0) > (logits[i * outputs + best] ?? 0)) best = c;
      if ((labels[i * outputs + c] ?? 0) > (labels[i * outputs + label] ?? 0)) label = c;
    }
    if (best === label) correct++;
  }
  return correct;
}
