import { tf } from '../tf.js';
import { defineLayer, isNumber } from './define.js';

/** In training, whole channels are dropped (Tompson et al. 2015). */
export const SpatialDropout2D = defineLayer<{ readonly rate: number }>({
  className: 'SpatialDropout2D',
  settings: { rate: isNumber },
  outputShape: (_, [input = []]) => input,
  call: ({ inputs: [x = tf.scalar(0)], settings: { rate }, training }) => {
    const [n = 1, , , channels = 1] = x.shape;
    return training && rate > 0 ? dropped(x, rate, [n, 1, 1, channels]) : x.clone();
  },
});

/** In training, the branch of whole pictures is dropped (Huang et al. 2016). */
export const StochasticDepth = defineLayer<{ readonly rate: number }>({
  className: 'StochasticDepth',
  settings: { rate: isNumber },
  outputShape: (_, [input = []]) => input,
  call: ({ inputs: [x = tf.scalar(0)], settings: { rate }, training }) =>
    training && rate > 0 ? dropped(x, rate, [...x.shape.slice(0, 1), ...x.shape.slice(1).map(() => 1)]) : x.clone(),
});

/** Kept numbers are scaled by 1 / (1 − rate). `Math.random` is what a run seeds. */
function dropped(x: tf.Tensor, rate: number, shape: number[]): tf.Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const mask = Float32Array.from({ length: count }, () => (Math.random() < rate ? 0 : 1 / (1 - rate)));
  return tf.mul(x, tf.tensor(mask, shape));
}

/** Keras's CustomScaleLayer: a + scale · b. */
export const ScaledSum = defineLayer<{ readonly scale: number }>({
  className: 'ScaledSum',
  settings: { scale: isNumber },
  outputShape: (_, [input = []]) => input,
  call: ({ inputs: [a = tf.scalar(0), b = tf.scalar(0)], settings: { scale } }) => tf.add(a, tf.mul(b, scale)),
});
