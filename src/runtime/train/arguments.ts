/** What functions of the library hand to each other through a script: known by what is in it. */
import { isPlainObject } from '../../common/check-options.js';

const has = (value: unknown, ...fields: readonly string[]) =>
  isPlainObject(value) && fields.every((field) => field in value);

export const dataset = {
  is: 'labelled pictures',
  maker: 'imageFolder(…)',
  holds: (value: unknown) => has(value, 'kind', 'train', 'validation', 'classes'),
};
export const layersModel = {
  is: 'a tf.LayersModel',
  maker: 'applications.…(…), loadBase(…) or tf.model(…)',
  holds: (value: unknown) => has(value, 'layers', 'inputs', 'outputs'),
};
export const featuresOfData = {
  is: 'the features of labelled pictures',
  maker: 'extractFeatures(…)',
  holds: (value: unknown) => has(value, 'extractor', 'dimensions', 'train', 'validation'),
};
