import { GraftError } from '../../common/errors.js';
import { tf } from '../tf.js';

/** A function of each number by itself, or along one axis, with its numbers: what a layer calls its activation. */
export interface NamedFunction {
  /** As TensorFlow.js writes names: `hardSigmoid`. */
  readonly name: string;
  readonly args: readonly number[];
}

/** `clip(-1,1)` or `relu`; a place without a number is `none`. */
function functionText({ name, args }: NamedFunction): string {
  return args.length === 0 ? name : `${name}(${args.map((arg) => (Number.isNaN(arg) ? 'none' : String(arg))).join()})`;
}

/** What `functionText` wrote; a name alone has no numbers. */
export function parseFunction(text: string): NamedFunction {
  const [, name = text, list = ''] = /^([A-Za-z0-9]+)\(([-+.,0-9a-z]*)\)$/.exec(text) ?? [];
  return { name, args: list === '' ? [] : list.split(',').map((arg) => (arg === 'none' ? NaN : Number(arg))) };
}

type Apply = (x: tf.Tensor, ...args: number[]) => tf.Tensor;

const given = (value: number | undefined): value is number => value !== undefined && !Number.isNaN(value);

/** 1 where x is above the threshold, else 0. TensorFlow.js has no gradient of `greater`, and has that of `greaterEqual`. */
const step = (x: tf.Tensor, threshold: number) => tf.sub(1, tf.cast(tf.greaterEqual(threshold, x), 'float32'));

/** Those that TensorFlow.js lacks, or has with other numbers. `graph/lower/activations.ts` has each of them too. */
export const functions: Readonly<Record<string, Apply>> = {
  /** x above the threshold up to the maximum, else slope · (x − threshold): Keras's ReLU in full, which has 0 at the threshold itself. */
  relu: (x, slope = 0, maximum = NaN, threshold = 0) => {
    const above = tf.mul(x, step(x, threshold));
    const capped = given(maximum) ? tf.minimum(above, maximum) : above;
    if (slope === 0) return capped;
    return tf.add(capped, tf.mul(tf.minimum(tf.sub(x, threshold), 0), slope));
  },
  leakyRelu: (x, slope = 0.2) => tf.leakyRelu(x, slope),
  elu: (x, alpha = 1) => tf.add(tf.relu(x), tf.mul(tf.sub(tf.exp(tf.minimum(x, 0)), 1), alpha)),
  /** max(0, x) + min(0, α (exp(x/α) − 1)) */
  celu: (x, alpha = 1) => tf.add(tf.relu(x), tf.mul(tf.sub(tf.exp(tf.div(tf.minimum(x, 0), alpha)), 1), alpha)),
  /** x/width + ½ within 0 … 1: Keras 2 has width 5, Keras 3 has 6. */
  hardSigmoid: (x, width = 5) => tf.clipByValue(tf.add(tf.div(x, width), 0.5), 0, 1),
  hardSilu: (x) => tf.mul(x, tf.clipByValue(tf.add(tf.div(x, 6), 0.5), 0, 1)),
  /** By tanh (Hendrycks and Gimpel 2016): 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))). */
  geluTanh: (x) => {
    const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI));
    return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
  },
  softmaxAlong: (x, axis = -1) => {
    // TensorFlow.js has it along the last axis only.
    const at = axis < 0 ? axis + x.rank : axis;
    const exps = tf.exp(tf.sub(x, tf.max(x, at, true)));
    return tf.div(exps, tf.sum(exps, at, true));
  },
  logSoftmaxAlong: (x, axis = -1) => {
    const at = axis < 0 ? axis + x.rank : axis;
    const less = tf.sub(x, tf.max(x, at, true));
    return tf.sub(less, tf.log(tf.sum(tf.exp(less), at, true)));
  },
  clip: (x, low = NaN, high = NaN) => {
    const raised = given(low) ? tf.maximum(x, low) : x;
    return given(high) ? tf.minimum(raised, high) : raised;
  },
  exponential: (x) => tf.exp(x),
  log: (x) => tf.log(x),
  abs: (x) => tf.abs(x),
  square: (x) => tf.mul(x, x),
  sqrt: (x) => tf.sqrt(x),
  rsqrt: (x) => tf.div(1, tf.sqrt(x)),
  negative: (x) => tf.neg(x),
  power: (x, exponent = 1) => (exponent === 2 ? tf.mul(x, x) : tf.pow(x, exponent)),
  logSigmoid: (x) => tf.neg(tf.softplus(tf.neg(x))),
  tanhShrink: (x) => tf.sub(x, tf.tanh(x)),
  /** x − width beyond ±width, else 0. */
  softShrink: (x, width = 0.5) => tf.sub(x, tf.maximum(tf.minimum(x, width), -width)),
  /** x beyond ±width, else 0. */
  hardShrink: (x, width = 0.5) => tf.mul(x, step(tf.abs(x), width)),
  /** ½ (x + √(x² + b)) */
  squareplus: (x, b = 4) => tf.mul(tf.add(x, tf.sqrt(tf.add(tf.mul(x, x), b))), 0.5),
  /** 0 up to −1, x from 1 on, ¼ (x + 1)² between. */
  sparsePlus: (x) => {
    const inside = tf.clipByValue(x, -1, 1);
    const curve = tf.mul(tf.mul(tf.add(inside, 1), tf.add(inside, 1)), 0.25);
    return tf.add(curve, tf.relu(tf.sub(x, 1)));
  },
};

/** Names of those that TensorFlow.js has as Keras has them, without numbers. */
const own: ReadonlySet<string> = new Set(
  'elu selu relu relu6 linear sigmoid hardSigmoid softplus softsign tanh softmax logSoftmax gelu gelu_new mish swish'.split(
    ' ',
  ),
);

/** Whether TensorFlow.js itself knows an activation by this text. */
export const isOfTensorFlow = (text: string): boolean => own.has(text);

/**
 * Makes TensorFlow.js know a function under its text, so that layers may have it as `activation`: configurations hold no more than a text.
 *
 * @returns the text. @throws GraftError for a function that is not known.
 */
export function registerFunction(fn: NamedFunction): string {
  const text = functionText(fn);
  if (own.has(text)) return text;
  const apply = functions[fn.name];
  if (apply === undefined)
    throw new GraftError(`There is no activation ${text}.`, { action: 'Use one that Keras has.' });
  if (text in tf.serialization.SerializationMap.getMap().classNameMap) return text;
  const compute = apply;
  class Registered extends tf.serialization.Serializable {
    static readonly className = text;
    override getConfig() {
      return {};
    }
    apply(x: tf.Tensor): tf.Tensor {
      return tf.tidy(() => compute(x, ...fn.args));
    }
  }
  tf.serialization.registerClass(Registered);
  return text;
}
