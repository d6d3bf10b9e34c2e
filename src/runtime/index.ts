/** graftjs: transfer learning for Node. What training scripts import. */
export * as applications from './bases/definitions/index.js';
export { loadBase } from './bases/load-base.js';
export { imageCsv, imageData, imageFolder, imageIdx } from './script-data.js';
export type {
  Augmentation,
  DataReport,
  ImageDataset,
  ImageExample,
  ImageOptions,
  ResizeMode,
  SplitFolders,
  TableColumns,
  TableOptions,
} from './data/index.js';
export { GraftError, StoppedError } from '../common/errors.js';
export { saveModel, type SaveOptions } from './export/save-model.js';
export { loadModel } from './script-models.js';
export type { TrainedModel } from './export/types.js';
export { setRandomSeed } from '../common/random.js';
export { tf } from './tf.js';
export { extractFeatures, type Features } from './train/features.js';
export { fit } from './train/fit.js';
export { freeze, unfreeze, type FreezeOptions } from './train/freeze.js';
export { layerWiseDecay } from './train/layer-wise-decay.js';
export { inUnits } from './train/in-units.js';
export { logisticRegression, type LogisticRegressionOptions } from './train/logistic-regression.js';
export { nearestCentroid } from './train/nearest-centroid.js';
export { adamW, sgd } from './train/optimizers.js';
export type { FitOptions } from './train/options.js';
export type { FitResult } from './train/result.js';
export { ridgeRegression, type RidgeRegressionOptions } from './train/ridge-regression.js';
export { constant, cosine, step } from './train/schedules.js';
export { warmStart } from './train/warm-start.js';

import { makeRandomRepeatable } from '../common/random.js';

// Also where a script is run with plain `node`: the same script, the same initial weights.
makeRandomRepeatable();
