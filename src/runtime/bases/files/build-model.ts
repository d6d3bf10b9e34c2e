import { GraftError, messageOf } from '../../../common/errors.js';
import type { tf } from '../../tf.js';
import { buildOrDispose, disposeModel } from '../dispose.js';
import { plainTopology } from './topology.js';
import { withinWeights } from './weight-allowance.js';

/** Numbers of the largest output of a layer for one picture: 2 GB. A picture of 8,000 × 8,000 after 8 filters. */
const maxOutput = 5e8;

interface BuildOptions {
  readonly file: string;
  /** Numbers that its file holds. */
  readonly values: number;
  readonly inputShape?: readonly [number, number] | undefined;
  /** Weights by TensorFlow.js's names; without them, whoever calls assigns them. */
  readonly weights?: { readonly specs: readonly tf.io.WeightsManifestEntry[]; readonly data: Uint8Array };
}

/**
 * Lets TensorFlow.js build what a checked topology (check-topology.ts) describes, within the weights that the file holds.
 *
 * @throws GraftError that names the file, whatever TensorFlow.js throws.
 */
export async function buildModel(topology: object, options: BuildOptions): Promise<tf.LayersModel> {
  const { file, values, inputShape, weights } = options;
  const plain = plainTopology(topology, file, inputShape);
  const whole = 'model_config' in plain ? plain : { model_config: plain };
  // A copy: its buffer must hold nothing else.
  const given = weights && { specs: [...weights.specs], data: Uint8Array.from(weights.data).buffer };
  let model: tf.LayersModel;
  try {
    model = await withinWeights(file, values, () => buildOrDispose(whole, given));
  } catch (error) {
    throw explain(error, file, inputShape !== undefined);
  }
  try {
    checkSizes(model, file);
  } catch (error) {
    disposeModel(model);
    throw error;
  }
  return model;
}

function explain(error: unknown, file: string, resized: boolean): GraftError {
  if (error instanceof GraftError) return error;
  // Its own errors are sentences; those of the language are accidents.
  const accident = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  return new GraftError(
    accident
      ? `${file} has a layer that cannot be built: its configuration is not one that TensorFlow.js reads.`
      : `${file} has a layer that cannot be built: ${messageOf(error)}`,
    {
      action: resized
        ? 'Leave inputShape out: this model may need its own input size.'
        : 'Custom layers cannot be loaded, and graph models cannot be fine-tuned; save the model without them.',
      cause: error,
    },
  );
}

/** What a layer makes of one picture must fit into memory, and a size is a whole number. */
function checkSizes(model: tf.LayersModel, file: string): void {
  for (const layer of model.layers) {
    for (const shape of outputShapes(layer)) {
      const sides = shape.slice(1).filter((side) => side !== null);
      const isWhole = sides.every((side) => Number.isSafeInteger(side) && side >= 0);
      if (isWhole && sides.reduce((product, side) => product * side, 1) <= maxOutput) continue;
      throw new GraftError(
        `${file}: the layer "${layer.name}" makes [${shape.slice(1).join(', ')}] of one picture, which is ${isWhole ? 'more than memory can hold' : 'no size'}.`,
        { action: 'The file is damaged, or its input size is wrong: get another copy, or give inputShape.' },
      );
    }
  }
}

/** Shape of each output of each application of a layer, the batch first. */
export function outputShapes(layer: tf.layers.Layer): (number | null)[][] {
  return layer.inboundNodes.flatMap(({ outputTensors }) => outputTensors.map(({ shape }) => shape));
}
