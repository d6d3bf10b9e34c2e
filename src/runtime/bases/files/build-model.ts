import { GraftError, messageOf } from '../../../common/errors.js';
import type { tf } from '../../tf.js';
import { buildOrDispose, disposeModel } from '../dispose.js';
import { buildNetwork, type Built } from '../keras/build.js';
import { dialectOf, parseNetwork, type Network } from '../keras/network.js';
import { assign, type WeightsByLayer } from '../keras/weights.js';
import { withinWeights } from './weight-allowance.js';

/** Numbers of the largest output of a layer for one picture: 2 GB. A picture of 8,000 × 8,000 after 8 filters. */
const maxOutput = 5e8;

interface BuildOptions {
  readonly file: string;
  /** Of what wrote it, as the file says. */
  readonly version: unknown;
  /** Numbers that its file holds. */
  readonly values: number;
  readonly inputShape?: readonly [number, number] | undefined;
  /** Which of the file's weights are whose. */
  readonly weights: (network: Network, built: Built) => WeightsByLayer;
}

/**
 * Builds what a checked topology (check-topology.ts) describes, within the weights that the file holds, and gives it those.
 *
 * @throws GraftError that names the file.
 */
export function buildModel(topology: object, options: BuildOptions): tf.LayersModel {
  const { file, version, values, inputShape, weights } = options;
  const network = parseNetwork(topology);
  const dialect = dialectOf(version, topology);
  const built = withinWeights(file, values, () => {
    try {
      return buildOrDispose(() => buildNetwork(network, { file, dialect, inputSize: inputShape }));
    } catch (error) {
      if (error instanceof GraftError) throw error;
      throw new GraftError(`${file} describes no model that can be built: ${messageOf(error)}`, {
        action: 'It is damaged, or was edited: get another copy, or save the model again.',
        cause: error,
      });
    }
  });
  try {
    checkSizes(built.model, file);
    assign(built, weights(network, built), file);
    checkNumbers(built.model, file);
    return built.model;
  } catch (error) {
    disposeModel(built.model);
    throw error;
  }
}

/** @throws GraftError naming the first layer with a weight that is NaN or infinite. */
function checkNumbers(model: tf.LayersModel, file: string): void {
  for (const layer of model.layers) {
    for (const weight of layer.weights) {
      const wrong = weight
        .read()
        .dataSync()
        .findIndex((value) => !Number.isFinite(value));
      if (wrong === -1) continue;
      throw new GraftError(
        `${file}: the weight ${weight.originalName} has a value that is not a number, at ${wrong}.`,
        {
          action: 'The file is damaged or its training failed: get another copy.',
        },
      );
    }
  }
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
