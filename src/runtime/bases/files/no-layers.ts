import { existsSync } from 'node:fs';
import path from 'node:path';

import { GraftError } from '../../../common/errors.js';

/** Keras before 3 saved into such folders, and finds its layers there again. */
export function savedModel(file: string, folder: string): GraftError {
  const { message, action } = noLayers(file, 'a SavedModel of TensorFlow');
  if (!existsSync(path.join(folder, 'keras_metadata.pb'))) return new GraftError(message, { action });
  return new GraftError(`${file} is a SavedModel of TensorFlow, which Keras 2 alone can read back.`, {
    action: `In Python, after pip install tf_keras: tf_keras.models.load_model(${JSON.stringify(folder)}).save("model.h5").`,
  });
}

/** A model whose layers cannot be had. */
export function noLayers(file: string, what: string): GraftError {
  return new GraftError(`${file} is ${what}: its layers are gone, so that none can be frozen or trained.`, {
    action: 'Take the Keras model that it was made of: in Python, model.save("model.keras").',
  });
}
