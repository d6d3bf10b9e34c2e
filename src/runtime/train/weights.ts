import type { FloatTensor } from '../../common/tensor.js';
import { GraftError } from '../../common/errors.js';
import { tf } from '../tf.js';

export type Snapshot = ReadonlyMap<string, FloatTensor>;

/** Shapes of all weights of `layers`, moving statistics included, under the names of a snapshot. */
export function weightShapes(layers: readonly tf.layers.Layer[]): ReadonlyMap<string, readonly number[]> {
  return new Map(
    layers.flatMap(({ name, weights }) => weights.map(({ shape }, i) => [`${name}/${i}`, shape.map(Number)] as const)),
  );
}

/** Copies of all weights of `layers`, moving statistics included, under `<layer>/<number>`. */
export async function snapshot(layers: readonly tf.layers.Layer[]): Promise<Snapshot> {
  const result = new Map<string, FloatTensor>();
  for (const layer of layers) {
    for (const [i, weight] of layer.weights.entries()) {
      const tensor = weight.read();
      // `data` may return the backend's own memory, which later steps write to.
      result.set(`${layer.name}/${i}`, { data: Float32Array.from(await tensor.data()), shape: tensor.shape });
    }
  }
  return result;
}

/** Writes a snapshot back. @throws GraftError when a weight is missing or has another shape. */
export function restore(layers: readonly tf.layers.Layer[], weights: Snapshot): void {
  for (const layer of layers) {
    for (const [i, weight] of layer.weights.entries()) {
      const name = `${layer.name}/${i}`;
      const saved = weights.get(name);
      if (saved?.shape.join() !== weight.shape.join()) {
        throw new GraftError(
          `The checkpoint has ${saved === undefined ? 'no' : `a [${saved.shape.join()}]`} weight ${name}; the model needs [${weight.shape.join()}].`,
          {
            action: 'The script has changed since the checkpoint was saved: start a new run.',
          },
        );
      }
      tf.tidy(() => {
        weight.write(tf.tensor(saved.data, [...saved.shape]));
      });
    }
  }
}

/** Numbers in the trainable weights of `layers`. */
export function countTrainable(layers: Iterable<tf.layers.Layer>): number {
  const sizes = [...layers]
    .flatMap((layer) => (layer.trainable ? layer.trainableWeights : []))
    .map(({ shape }) => shape);
  return sizes.reduce((sum, shape) => sum + shape.reduce<number>((product, size) => product * (size ?? 1), 1), 0);
}
