import { GraftError, nearest, present, smallSlip } from '../../common/errors.js';
import { tf } from '../tf.js';

/**
 * The model without its classifier: up to the last layer that still has a feature map. A model that ends in a feature
 * map is left as it is.
 *
 * @param cutAt name of the layer to end at, instead.
 */
export function cutTop(model: tf.LayersModel, cutAt: string | undefined): tf.LayersModel {
  if (cutAt !== undefined) {
    const layer = model.layers.find(({ name }) => name === cutAt);
    if (layer === undefined) {
      const guess = nearest(
        cutAt,
        model.layers.map(({ name }) => name),
        smallSlip,
      );
      throw new GraftError(`${model.name} has no layer "${cutAt}" to cut at.`, {
        action: guess === undefined ? 'See its layers.' : `Did you mean "${guess}"?`,
      });
    }
    return endAt(model, outputOf(layer));
  }
  if (model.outputs[0]?.shape.length === 4) return model;
  const layers = model.layers;
  const last = layers.findLastIndex((layer) => isFeatureMap(outputOf(layer)));
  const feature = layers[last];
  if (feature === undefined) {
    throw new GraftError(`${model.name} has no feature map (a layer with an output [height, width, channels]).`, {
      action: 'Only convolutional models can be a base so far; or name the layer to cut at.',
    });
  }
  // Some networks classify with a convolution and pool afterwards: then the last feature map holds the classes already.
  const classifies = !layers.slice(last + 1).some((layer) => layer.weights.length > 0);
  const classifier = classifies
    ? layers.slice(0, last + 1).findLastIndex((layer) => layer.getClassName() === 'Conv2D')
    : -1;
  const input = classifier === -1 ? undefined : layers[classifier]?.input;
  return endAt(model, input instanceof tf.SymbolicTensor ? input : outputOf(feature));
}

function endAt(model: tf.LayersModel, output: tf.SymbolicTensor): tf.LayersModel {
  return output === model.outputs[0] ? model : tf.model({ inputs: model.inputs, outputs: output, name: model.name });
}

function outputOf(layer: tf.layers.Layer): tf.SymbolicTensor {
  const { output } = layer;
  return output instanceof tf.SymbolicTensor ? output : present(output[0], `The output of ${layer.name}`);
}

function isFeatureMap({ shape }: tf.SymbolicTensor): boolean {
  return shape.length === 4 && (shape[1] !== 1 || shape[2] !== 1);
}
