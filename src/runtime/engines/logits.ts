import { runProgram, type Program } from '../graph/program.js';
import { tf } from '../tf.js';
import type { LossName } from './specs.js';

/** What turns the outputs that a loss is computed from into the model's own. */
export type OutputActivation = 'softmax' | 'sigmoid' | 'linear';

/** The activation that a cross-entropy undoes. `meanSquaredError` is computed from the model's outputs as they are. */
export const lossActivation: Readonly<Record<LossName, OutputActivation>> = {
  categoricalCrossentropy: 'softmax',
  binaryCrossentropy: 'sigmoid',
  meanSquaredError: 'linear',
};

/**
 * A program up to what its loss is computed from. For a cross-entropy these are the logits, which is exact where probabilities
 * have already been rounded to 0 or 1; a program that ends without that activation ends in logits already.
 */
export interface LogitsProgram {
  readonly program: Program;
  /** The last step is this layer without its activation. */
  readonly dense: tf.layers.Layer | undefined;
  /** Logits → the model's outputs. */
  readonly activation: OutputActivation;
}

export function logitsProgram(program: Program, loss: LossName): LogitsProgram {
  const activation = lossActivation[loss];
  const last = program.steps.at(-1);
  const whole = { program, dense: undefined, activation };
  if (activation === 'linear' || !last?.outputs.includes(program.outputs[0] ?? -1)) return whole;
  if (layerActivation(last.layer) !== activation) return whole;
  if (last.layer.getClassName() === 'Dense') return { program, dense: last.layer, activation };
  if (last.layer.weights.length > 0) return whole;
  return {
    program: { ...program, steps: program.steps.slice(0, -1), outputs: last.inputs },
    dense: undefined,
    activation,
  };
}

/** Name of the activation that a layer ends in: `linear` where it has none. */
export function layerActivation(layer: tf.layers.Layer): string {
  if (layer.getClassName() === 'Softmax') return 'softmax';
  const { activation } = layer.getConfig();
  return typeof activation === 'string' ? activation : 'linear';
}

/** Runs it with TensorFlow.js. `training` is asked for every layer. Call it within `tf.tidy`. */
export function runLogits(
  { program, dense }: LogitsProgram,
  inputs: readonly tf.Tensor[],
  training: (layer: tf.layers.Layer) => boolean,
): tf.Tensor2D {
  if (dense === undefined) return runProgram(program, inputs, training)[0] as tf.Tensor2D;
  const [x] = runProgram(
    { ...program, steps: program.steps.slice(0, -1), outputs: program.steps.at(-1)?.inputs ?? [] },
    inputs,
    training,
  );
  const [kernel, bias] = dense.weights;
  const y: tf.Tensor2D = tf.matMul(x as tf.Tensor2D, kernel?.read() as tf.Tensor2D);
  return bias === undefined ? y : tf.add<tf.Tensor2D>(y, bias.read());
}
