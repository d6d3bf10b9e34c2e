import { GraftError } from '../../common/errors.js';
import type { tf } from '../tf.js';

/**
 * A base takes pictures [batch, height, width, 3], or grey ones [batch, height, width, 1], of a size that is known.
 *
 * @throws GraftError for a model that takes anything else: its numbers would be wrong, or its training fail late.
 */
export function checkPictures(model: tf.LayersModel, file: string): void {
  const [shape = []] = model.inputs.map((input) => input.shape);
  const channels = shape[3];
  const own = `[${shape
    .slice(1)
    .map((side) => String(side ?? '?'))
    .join(', ')}]`;
  const refuse = (why: string, action: string) => new GraftError(`${file} cannot be a base: ${why}.`, { action });
  if (model.inputs.length !== 1)
    throw refuse(
      `it has ${model.inputs.length} inputs, and a picture is one`,
      'Save the part that takes the picture as a model.',
    );
  const first = model.layers.find((layer) => layer.getConfig()['dataFormat'] === 'channelsFirst');
  if (first !== undefined)
    throw refuse(
      `the layer "${first.name}" has its channels first`,
      'Convert it in Keras to data_format="channels_last", and save it again.',
    );
  if (shape.length !== 4)
    throw refuse(
      `it takes ${own}, and pictures are [height, width, 3]`,
      'Only models of pictures can be a base so far.',
    );
  if (channels !== 3 && channels !== 1)
    throw refuse(
      `it takes pictures of ${String(channels ?? 'any number of')} channels (${own}), and pictures have 3 here (red, green and blue), or 1 (grey)`,
      'In Keras, put a layer before it that makes its channels of three, and save both as one model.',
    );
  if (takesAnySize(model))
    throw refuse(
      `it takes pictures of any size (${own})`,
      'Say the size to train with: inputShape: [224, 224], or --size 224',
    );
}

/** Whether it takes pictures, and does not say of which size. */
export function takesAnySize({ inputs }: tf.LayersModel): boolean {
  const shape = inputs[0]?.shape ?? [];
  return inputs.length === 1 && shape.length === 4 && shape.slice(1, 3).includes(null);
}
