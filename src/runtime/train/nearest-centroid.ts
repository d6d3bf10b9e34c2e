import { checkArgument } from '../../common/check-options.js';
import type { TrainedModel } from '../export/types.js';
import { currentRun } from '../run/current.js';
import { featuresOfData } from './arguments.js';
import type { Features } from './features.js';
import { announceClassifier, finishClassifier, type LinearClassifier } from './linear-classifier.js';

/**
 * The class whose mean feature vector is nearest (scikit-learn's NearestCentroid): nothing to tune, at home with a handful of
 * pictures per class. Probabilities are those of Gaussians with one common variance, so the model is linear in the features.
 *
 * @example
 * const model = await nearestCentroid(await extractFeatures(base, data));
 */
export async function nearestCentroid(features: Features): Promise<TrainedModel> {
  checkArgument('nearestCentroid', 'features', features, featuresOfData);
  const run = await currentRun();
  run.nextTraining();
  announceClassifier(run, features);
  const start = performance.now();
  const classifier = await run.phase('train', 1, (progress) => {
    const result = centroids(features);
    progress(1);
    return Promise.resolve(result);
  });
  return await finishClassifier(run, features, classifier, performance.now() - start);
}

/** −‖x − μ‖² / 2σ² = x·μ/σ² − ‖μ‖²/2σ² + a term that is the same for every class. */
function centroids({ train, dimensions, data }: Features): LinearClassifier {
  const classes = data.classes.length;
  const means = new Float64Array(dimensions * classes);
  const counts = new Float64Array(classes);
  for (const label of train.labels) counts[label] = (counts[label] ?? 0) + 1;
  train.labels.forEach((label, i) => {
    for (let j = 0; j < dimensions; j++) {
      means[j * classes + label] =
        (means[j * classes + label] ?? 0) + (train.data[i * dimensions + j] ?? 0) / (counts[label] ?? 1);
    }
  });
  let squares = 0;
  train.labels.forEach((label, i) => {
    for (let j = 0; j < dimensions; j++)
      squares += ((train.data[i * dimensions + j] ?? 0) - (means[j * classes + label] ?? 0)) ** 2;
  });
  // The features are far from independent, so the distances are divided by the whole scatter instead of one dimension's.
  const scatter = squares / train.labels.length || 1;
  const sharpness = Math.sqrt(dimensions) / scatter;
  const kernel = Float32Array.from(means, (mean) => mean * sharpness);
  const bias = new Float32Array(classes);
  for (let c = 0; c < classes; c++) {
    let norm = 0;
    for (let j = 0; j < dimensions; j++) norm += (means[j * classes + c] ?? 0) ** 2;
    bias[c] = (-norm / 2) * sharpness;
  }
  return { kernel, bias };
}
