import { checkArgument, checkOptions, type OptionTable } from '../../common/check-options.js';
import type { TrainedModel } from '../export/types.js';
import { currentRun } from '../run/current.js';
import { scalesOf } from '../tasks/scales.js';
import { featuresOfData } from './arguments.js';
import type { Features } from './features.js';
import { announceClassifier, finishClassifier } from './linear-classifier.js';
import { fitLinear, penalty } from './linear-fit.js';

export interface RidgeRegressionOptions {
  /**
   * Weight of the penalty l2/2 ‖W‖² beside half the mean squared error, on features and numbers scaled to a standard deviation of 1
   * (scikit-learn's alpha is n · l2 there). Default 'cross-validate': the best of a range, by the error over 5 folds.
   */
  readonly l2?: number | 'cross-validate';
}

const ridgeOptions: OptionTable<RidgeRegressionOptions> = { l2: penalty };
/** From strong to weak, half a decade apart. */
const grid = [30, 10, 3, 1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001];
/** A weak penalty leaves narrow valleys. */
const maxIterations = 1_000;

/**
 * Ridge regression on features: a number, or several, from each picture. The result is the base and the regression in one model.
 *
 * @throws GraftError for a penalty that is not a number ≥ 0.
 * @example
 * const model = await ridgeRegression(await extractFeatures(base, data), { l2: 'cross-validate' });
 */
export async function ridgeRegression(
  features: Features<'regression'>,
  options: RidgeRegressionOptions = {},
): Promise<TrainedModel<'regression'>> {
  checkArgument('ridgeRegression', 'features', features, featuresOfData);
  checkOptions('ridgeRegression', options, ridgeOptions);
  const { l2 = 'cross-validate' } = options;
  const run = await currentRun();
  run.nextTraining();
  const { train, dimensions } = features;
  const columns = features.data.classes.length;
  announceClassifier(run, features);
  const start = performance.now();
  const { means, deviations } = scalesOf(train.labels, columns);
  const targets = new Float32Array(train.labels.length * columns);
  train.labels.forEach((row, i) => {
    row.forEach((value, c) => {
      targets[i * columns + c] = (value - (means[c] ?? 0)) / (deviations[c] ?? 1);
    });
  });
  const { kernel, bias } = await fitLinear(run, features, {
    link: 'linear',
    ...{ targets, columns, maxIterations },
    weights: new Float32Array(train.labels.length).fill(1),
    l2: l2 === 'cross-validate' ? grid : l2,
    stratumOf: () => 0,
  });
  for (let j = 0; j < dimensions; j++)
    for (let c = 0; c < columns; c++) kernel[j * columns + c] = (kernel[j * columns + c] ?? 0) * (deviations[c] ?? 1);
  for (let c = 0; c < columns; c++) bias[c] = (bias[c] ?? 0) * (deviations[c] ?? 1) + (means[c] ?? 0);
  return await finishClassifier(run, features, { kernel, bias }, performance.now() - start);
}
