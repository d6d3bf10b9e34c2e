import { snapshot } from '../../src/runtime/train/weights.js';
import type { tf } from '../../src/runtime/tf.js';

/** Writes a model's weights as Keras does: `layer_names` → group with `weight_names` → datasets. */
export async function writeKerasWeights(model: tf.LayersModel, file: string): Promise<void> {
  const h5 = await import('h5wasm/node');
  await h5.ready;
  const layers = model.layers.filter((layer) => layer.weights.length > 0);
  const values = await snapshot(layers);
  const opened = new h5.File(file, 'w');
  opened.create_attribute(
    'layer_names',
    layers.map(({ name }) => name),
  );
  for (const { name, weights } of layers) {
    const group = opened.create_group(name);
    const names = weights.map(({ originalName }) => originalName.split('/').at(-1) ?? '');
    group.create_attribute('weight_names', names);
    for (const [i, weight] of names.entries()) {
      const { data, shape } = values.get(`${name}/${i}`) ?? { data: new Float32Array(), shape: [0] };
      group.create_dataset({ name: weight, data, shape: [...shape], dtype: '<f4' });
    }
  }
  opened.close();
}
