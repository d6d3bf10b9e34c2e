import type { Program } from '../graph/program.js';
import type { tf } from '../tf.js';

/**
 * A classifier's program up to its logits: the loss is computed from them, which is exact where probabilities have
 * already been rounded to 0 or 1. A program that ends without a softmax ends in logits already.
 *
 * `dense` is the last layer when its activation was left out: its steps are then computed without it.
 */
export interface LogitsProgram {
  readonly program: Program;
  /** The last step is this layer without its softmax. */
  readonly dense: tf.layers.Layer | undefined;
}

export function logitsProgram(program: Program): LogitsProgram {
  const last = program.steps.at(-1);
  if (!last?.outputs.includes(program.outputs[0] ?? -1)) return { program, dense: undefined };
  const className = last.layer.getClassName();
  const isSoftmax = last.layer.getConfig()['activation'] === 'softmax';
  if (className === 'Softmax' || (className === 'Activation' && isSoftmax)) {
    return { program: { ...program, steps: program.steps.slice(0, -1), outputs: last.inputs }, dense: undefined };
  }
  return { program, dense: className === 'Dense' && isSoftmax ? last.layer : undefined };
}
