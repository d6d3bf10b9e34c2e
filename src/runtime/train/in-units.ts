import type { Dataset } from '../data/types.js';
import { checkArgument } from '../../common/check-options.js';
import { scalesOf } from '../tasks/scales.js';
import { tf } from '../tf.js';
import { dataset } from './arguments.js';

/**
 * The end of a model that learns numbers: turns standard deviations from the mean of the training numbers into the numbers themselves
 * (Keras: Rescaling). The layers before it learn as fast whether the numbers are thousandths or millions.
 *
 * @param x [batch, numbers].
 * @returns [batch, numbers], in the units of the data.
 * @example
 * x = tf.layers.dense({ units: 1 }).apply(x) as tf.SymbolicTensor;
 * const model = tf.model({ inputs: base.inputs, outputs: inUnits(x, data) });
 */
export function inUnits(x: tf.SymbolicTensor, data: Dataset<'regression'>): tf.SymbolicTensor {
  checkArgument('inUnits', 'data', data, dataset);
  const { means, deviations } = scalesOf(
    data.train.map(({ label }) => label),
    data.classes.length,
  );
  // A number for each output, as Keras takes them; the types know one for all.
  const [scale, offset] = [deviations, means] as unknown as [number, number];
  return tf.layers.rescaling({ scale, offset, name: 'in_units' }).apply(x) as tf.SymbolicTensor;
}
