import { GraftError } from '../../../common/errors.js';
import { isOfKeras, type Layer } from './network.js';
import type { LayerReader } from './reader.js';

/** Whether a class is none of Keras's, as far as its file says: it may be called like one that is. */
export function isSomebodysOwn({ className, module }: Layer): boolean {
  return className.includes('>') || !isOfKeras(module);
}

/** What a class that is not in the table is, as far as its file says. */
export function unknownLayer(reader: LayerReader): GraftError {
  const { className } = reader.layer;
  if (className === 'Lambda')
    return new GraftError(reader.problem('holds code of Python, which cannot be run here').message, {
      action: 'Replace it in Keras by layers (Rescaling, …), and save the model again.',
    });
  return isSomebodysOwn(reader.layer)
    ? new GraftError(reader.problem('is a class of somebody’s own, whose code is not in the file').message, {
        action: 'Replace it in Keras by layers of Keras, and save the model again.',
      })
    : reader.problem('is not known here');
}
