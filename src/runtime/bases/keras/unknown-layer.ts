import { GraftError } from '../../../common/errors.js';
import type { LayerReader } from './reader.js';

/** What a class that is not in the table is, as far as its file says. */
export function unknownLayer(reader: LayerReader): GraftError {
  const { className, module } = reader.layer;
  if (className === 'Lambda')
    return new GraftError(reader.problem('holds code of Python, which cannot be run here').message, {
      action: 'Replace it in Keras by layers (Rescaling, …), and save the model again.',
    });
  const isOwn = module === '' ? className.includes('>') : !module.startsWith('keras');
  return isOwn
    ? new GraftError(reader.problem('is a class of somebody’s own, whose code is not in the file').message, {
        action: 'Replace it in Keras by layers of Keras, and save the model again.',
      })
    : reader.problem('is not known here');
}
