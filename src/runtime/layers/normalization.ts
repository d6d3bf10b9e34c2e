import { GraftError } from '../../common/errors.js';
import { tf } from '../tf.js';
import { defineLayer, isFlag, isNumber, isNumbers, isWhole, isWholeList, type Shape } from './define.js';
import { flatNumbers, type Numbers } from './operators.js';

/** The shape that numbers along `axes` have so that they broadcast, without the batch: [1, 1, 3]. */
function alongAxes(rank: number, axes: readonly number[], shape: readonly (number | null)[]): number[] {
  return Array.from({ length: rank - 1 }, (_, i) => (axes.includes(i + 1) ? Number(shape[i + 1]) : 1));
}

const sizesAt = (axes: readonly number[], [input = []]: readonly Shape[]) => axes.map((axis) => Number(input[axis]));

interface NormalizationSettings {
  /** From the batch on; not negative. */
  readonly axes: readonly number[];
  /** Default: weights. */
  readonly mean?: Numbers;
  readonly variance?: Numbers;
  readonly invert?: boolean;
}

const epsilon = 1e-7;

/** Keras's Normalization: (x − mean) / max(√variance, 1e-7); inverted, the other way round. */
export const Normalization = defineLayer<NormalizationSettings>({
  className: 'Normalization',
  settings: { axes: isWholeList, mean: isNumbers, variance: isNumbers, invert: isFlag },
  weights: ({ axes, mean }, inputs) =>
    mean === undefined
      ? ['mean', 'variance'].map((name, initial) => ({ name, shape: sizesAt(axes, inputs), trainable: false, initial }))
      : [],
  outputShape: (_, [input = []]) => input,
  call: ({ inputs: [x], settings: { axes, mean, variance, invert = false }, weights: [m, v] }) => {
    if (x === undefined) throw new Error('Normalization takes one input.');
    const shape = alongAxes(x.rank, axes, x.shape);
    const spread = (weight: tf.Tensor | undefined, numbers: Numbers) => {
      if (weight !== undefined) return tf.reshape(weight, shape);
      const flat = flatNumbers(numbers);
      return flat.length === 1 ? tf.scalar(flat[0] ?? 0) : tf.tensor(flat, shape);
    };
    const centre = spread(m, mean ?? 0);
    const deviation = tf.maximum(tf.sqrt(spread(v, variance ?? 1)), epsilon);
    return invert ? tf.add(tf.mul(x, deviation), centre) : tf.div(tf.sub(x, centre), deviation);
  },
});

interface AxisNormalizationSettings {
  readonly axis: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
}

/** BatchNormalization along another axis than the last, which TensorFlow.js computes otherwise: by its moving statistics alone. */
export const AxisNormalization = defineLayer<AxisNormalizationSettings>({
  className: 'AxisNormalization',
  settings: { axis: isWhole, epsilon: isNumber, center: isFlag, scale: isFlag },
  weights: ({ axis, center, scale }, inputs) => {
    const shape = sizesAt([axis], inputs);
    return [
      ...(scale ? [{ name: 'gamma', shape, initial: 1 }] : []),
      ...(center ? [{ name: 'beta', shape }] : []),
      { name: 'moving_mean', shape, trainable: false },
      { name: 'moving_variance', shape, trainable: false, initial: 1 },
    ];
  },
  outputShape: (_, [input = []]) => input,
  call: ({ inputs: [x], settings: { axis, epsilon: floor, center, scale }, weights, training }) => {
    if (training)
      throw new GraftError(`A BatchNormalization along axis ${axis} cannot be trained here.`, {
        action: 'Freeze the model beyond it.',
      });
    if (x === undefined) throw new Error('AxisNormalization takes one input.');
    const shape = alongAxes(x.rank, [axis], x.shape);
    const rest = weights.map((weight) => tf.reshape(weight, shape));
    const next = () => rest.shift() ?? tf.scalar(0);
    const gamma = scale ? next() : tf.scalar(1);
    const beta = center ? next() : tf.scalar(0);
    const [mean, variance] = [next(), next()];
    return tf.add(tf.mul(tf.sub(x, mean), tf.div(gamma, tf.sqrt(tf.add(variance, floor)))), beta);
  },
});

interface GroupNormalizationSettings {
  readonly groups: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
}

/** Wu and He 2018, along the last axis. */
export const GroupNormalization = defineLayer<GroupNormalizationSettings>({
  className: 'GroupNormalization',
  settings: { groups: isWhole, epsilon: isNumber, center: isFlag, scale: isFlag },
  weights: ({ center, scale }, [input = []]) => [
    ...(scale ? [{ name: 'gamma', shape: [Number(input.at(-1))], initial: 1 }] : []),
    ...(center ? [{ name: 'beta', shape: [Number(input.at(-1))] }] : []),
  ],
  outputShape: (_, [input = []]) => input,
  call: ({ inputs: [x], settings: { groups, epsilon: floor, center, scale }, weights }) => {
    if (x === undefined) throw new Error('GroupNormalization takes one input.');
    const [n = 0] = x.shape;
    const channels = x.shape.at(-1) ?? 1;
    const places = x.size / (n * channels);
    const grouped = tf.reshape(x, [n, places, groups, channels / groups]);
    const mean = tf.mean(grouped, [1, 3], true);
    const less = tf.sub(grouped, mean);
    const variance = tf.mean(tf.mul(less, less), [1, 3], true);
    let y = tf.reshape(tf.div(less, tf.sqrt(tf.add(variance, floor))), x.shape);
    const [gamma, beta] = scale ? weights : [undefined, ...weights];
    if (gamma !== undefined) y = tf.mul(y, gamma);
    return center && beta !== undefined ? tf.add(y, beta) : y;
  },
});

/** Each number over the root of the sum (`sum`) or mean (`mean`) of squares along the last axis, with a gain or without. */
interface RootSettings {
  readonly of: 'sum' | 'mean';
  readonly epsilon: number;
  readonly scale: boolean;
}

/** Keras's UnitNormalization and RMSNormalization. */
export const RootNormalization = defineLayer<RootSettings>({
  className: 'RootNormalization',
  settings: { of: (value) => value === 'sum' || value === 'mean', epsilon: isNumber, scale: isFlag },
  weights: ({ scale }, [input = []]) => (scale ? [{ name: 'scale', shape: [Number(input.at(-1))], initial: 1 }] : []),
  outputShape: (_, [input = []]) => input,
  call: ({ inputs: [x], settings: { of, epsilon: floor }, weights: [gain] }) => {
    if (x === undefined) throw new Error('RootNormalization takes one input.');
    const squares = tf.mul(x, x);
    const y =
      of === 'sum'
        ? tf.div(x, tf.sqrt(tf.maximum(tf.sum(squares, -1, true), floor)))
        : tf.div(x, tf.sqrt(tf.add(tf.mean(squares, -1, true), floor)));
    return gain === undefined ? y : tf.mul(y, gain);
  },
});

/** A gain per channel (Touvron et al. 2021). */
export const LayerScale = defineLayer<{ readonly projectionDim: number; readonly initialValue?: number }>({
  className: 'LayerScale',
  settings: { projectionDim: isWhole, initialValue: isNumber },
  weights: ({ projectionDim, initialValue = 1e-6 }) => [
    { name: 'gamma', shape: [projectionDim], initial: initialValue },
  ],
  outputShape: (_, [input = []]) => input,
  call: ({ inputs: [x], weights: [gamma] }) => {
    if (x === undefined || gamma === undefined) throw new Error('LayerScale takes one input.');
    return tf.mul(x, gamma);
  },
});

/** ConvNeXt V2 (Woo et al. 2023): γ · x · g/mean(g) + β + x, with g the norm of each channel over the picture. */
export const GlobalResponseNormalization = defineLayer<{ readonly epsilon: number }>({
  className: 'GlobalResponseNormalization',
  settings: { epsilon: isNumber },
  weights: (_, [input = []]) => ['gamma', 'beta'].map((name) => ({ name, shape: [1, 1, 1, Number(input.at(-1))] })),
  outputShape: (_, [input = []]) => input,
  call: ({ inputs: [x], settings: { epsilon: floor }, weights: [gamma, beta] }) => {
    if (x === undefined || gamma === undefined || beta === undefined)
      throw new Error('GlobalResponseNormalization takes one input.');
    const norm = tf.sqrt(tf.sum(tf.mul(x, x), [1, 2], true));
    const share = tf.div(norm, tf.add(tf.mean(norm, -1, true), floor));
    return tf.add(tf.add(tf.mul(tf.mul(x, share), gamma), beta), x);
  },
});
