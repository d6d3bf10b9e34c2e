import { checkArgument, checkOptions, oneOf, type OptionTable } from '../../common/check-options.js';
import type { TrainedModel } from '../export/types.js';
import { GraftError } from '../../common/errors.js';
import { currentRun } from '../run/current.js';
import { taskDefinitions } from '../tasks/index.js';
import { featuresOfData } from './arguments.js';
import type { Features } from './features.js';
import { announceClassifier, finishClassifier } from './linear-classifier.js';
import { fitLinear, penalty } from './linear-fit.js';

export interface LogisticRegressionOptions {
  /**
   * Weight of the penalty l2/2 ‖W‖² beside the mean cross-entropy, on features scaled to a standard deviation of 1
   * (scikit-learn's C is 1 / (n · l2) there). Default 'cross-validate': the best of a range, by the loss over 5 folds.
   */
  readonly l2?: number | 'cross-validate';
  /** `balanced` weighs each class by n / (classes × its count). Default: all 1. */
  readonly classWeight?: 'balanced';
}

const classifierOptions: OptionTable<LogisticRegressionOptions> = {
  l2: penalty,
  classWeight: oneOf('balanced'),
};

/** From strong to weak, half a decade apart. */
const grid = [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001];

/**
 * Logistic regression on features, by L-BFGS: multinomial where a picture is of one class, one against the rest for each label where it
 * may have several. The result is the base and the classifier in one model.
 *
 * @throws GraftError for a penalty that is not a number ≥ 0.
 * @example
 * const model = await logisticRegression(await extractFeatures(base, data), { l2: 'cross-validate' });
 */
export async function logisticRegression<T extends 'classification' | 'multi-label'>(
  features: Features<T>,
  options: LogisticRegressionOptions = {},
): Promise<TrainedModel<T>> {
  checkArgument('logisticRegression', 'features', features, featuresOfData);
  checkOptions('logisticRegression', options, classifierOptions);
  const { l2 = 'cross-validate', classWeight } = options;
  const run = await currentRun();
  run.nextTraining();
  const { train, data } = features as unknown as Features<'classification' | 'multi-label'>;
  const { writeTarget } = taskDefinitions[data.task];
  if (classWeight !== undefined && data.task !== 'classification')
    throw new GraftError('logisticRegression: classWeight is for classes, and a picture may have several labels.', {
      action: 'Leave it out.',
    });
  const columns = data.classes.length;
  announceClassifier(run, features);
  const start = performance.now();
  const targets = new Float32Array(train.labels.length * columns);
  train.labels.forEach((label, i) => {
    writeTarget(label, targets.subarray(i * columns, (i + 1) * columns));
  });
  const classifier = await fitLinear(run, features, {
    link: data.task === 'classification' ? 'softmax' : 'sigmoid',
    ...{ targets, columns },
    weights: Float32Array.from(train.labels, (label) =>
      classWeight === 'balanced' ? (data.classWeights[Number(label)] ?? 1) : 1,
    ),
    l2: l2 === 'cross-validate' ? grid : l2,
    stratumOf: (row) => (data.task === 'classification' ? Number(train.labels[row] ?? 0) : 0),
  });
  return await finishClassifier(run, features, classifier, performance.now() - start);
}
