import type { ImageExample } from '../data/types.js';
import { checkArgument, checkOptions, isNumber, oneOf, type OptionTable } from '../../common/check-options.js';
import type { TrainedModel } from '../export/types.js';
import { permutation, seedOf } from '../../common/random.js';
import { currentRun } from '../run/current.js';
import { featuresOfData } from './arguments.js';
import type { Features, FeatureSet } from './features.js';
import { lbfgs } from './lbfgs.js';
import { announceClassifier, finishClassifier } from './linear-classifier.js';
import { SoftmaxRegression } from './softmax-regression.js';

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
  l2: {
    is: "0 or more, or 'cross-validate'",
    holds: (value) => value === 'cross-validate' || (isNumber(value) && value >= 0),
  },
  classWeight: oneOf('balanced'),
};

const folds = 5;
/** From strong to weak, half a decade apart: each solution is the next one's start. */
const grid = [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001];

/**
 * Multinomial logistic regression on features, by L-BFGS. The result is the base and the classifier in one model.
 *
 * @throws GraftError for a penalty that is not a number ≥ 0.
 * @example
 * const model = await logisticRegression(await extractFeatures(base, data), { l2: 'cross-validate' });
 */
export async function logisticRegression(
  features: Features,
  options: LogisticRegressionOptions = {},
): Promise<TrainedModel> {
  checkArgument('logisticRegression', 'features', features, featuresOfData);
  checkOptions('logisticRegression', options, classifierOptions);
  const { l2 = 'cross-validate', classWeight } = options;
  const run = await currentRun();
  run.nextTraining();
  const { train, dimensions, data } = features;
  const classes = data.classes.length;
  announceClassifier(run, features);
  const start = performance.now();
  const classifier = await run.phase('train', l2 === 'cross-validate' ? grid.length + 1 : 1, async (progress) => {
    const { scaled, mean, deviation } = standardize(train.data, dimensions);
    const regression = new SoftmaxRegression(scaled, train.labels, dimensions, classes);
    try {
      const weights = Float32Array.from(train.labels, (label) =>
        classWeight === 'balanced' ? (data.classWeights[label] ?? 1) : 1,
      );
      const { penalty, from } =
        l2 === 'cross-validate'
          ? await crossValidate(regression, features, weights, data.seed, progress)
          : { penalty: l2, from: new Float64Array(regression.parameters) };
      run.checkStopped();
      const theta = await lbfgs(regression.objective(weights, penalty), from, { tolerance: 1e-5 });
      progress(l2 === 'cross-validate' ? grid.length + 1 : 1);
      return unscale(theta, mean, deviation, dimensions, classes);
    } finally {
      await regression.close();
    }
  });
  return await finishClassifier(run, features, classifier, performance.now() - start);
}

/**
 * The penalty with the smallest mean loss on the part that was held out, and where the fit to all rows may start: in the middle
 * of the folds' solutions. Stratified folds, seeded.
 */
async function crossValidate(
  regression: SoftmaxRegression,
  features: Features,
  weights: Float32Array,
  seed: number,
  progress: (done: number) => void,
): Promise<{ penalty: number; from: Float64Array }> {
  const foldOf = stratifiedFolds(features.train, seed);
  const zero = (): Float64Array => new Float64Array(regression.parameters);
  const parts = Array.from({ length: folds }, (_, fold) => ({
    fit: weights.map((weight, i) => (foldOf[i] === fold ? 0 : weight)),
    held: weights.map((weight, i) => (foldOf[i] === fold ? weight : 0)),
    theta: zero(),
  })).filter(({ held, fit }) => held.some((weight) => weight > 0) && fit.some((weight) => weight > 0));
  let best = { penalty: grid[0] ?? 1, loss: Infinity, from: zero() };
  for (const [index, penalty] of grid.entries()) {
    // All at the same time: they share the reading of the features.
    const losses = await Promise.all(
      parts.map(async (part) => {
        part.theta = await lbfgs(regression.objective(part.fit, penalty), part.theta, {
          tolerance: 1e-3,
          maxIterations: 60,
        });
        return await regression.loss(part.theta, part.held);
      }),
    );
    const loss = losses.reduce((sum, value) => sum + value, 0) / parts.length;
    progress(index + 1);
    if (loss < best.loss) best = { penalty, loss, from: middleOf(parts.map(({ theta }) => theta)) };
    // The loss over the penalty has one valley: weaker penalties only cost time.
    else if (loss > best.loss * 1.02) break;
  }
  return best;
}

function middleOf(solutions: readonly Float64Array[]): Float64Array {
  const middle = new Float64Array(solutions[0]?.length ?? 0);
  for (const solution of solutions)
    solution.forEach((value, i) => (middle[i] = (middle[i] ?? 0) + value / solutions.length));
  return middle;
}

/** The fold of each row. All views of a picture are in the same one. */
function stratifiedFolds({ labels, examples }: FeatureSet, seed: number): number[] {
  const foldOf = new Map<ImageExample, number>();
  let next = 0;
  for (const label of [...new Set(labels)].sort((a, b) => a - b)) {
    const members = [...new Set(examples.filter((_, i) => labels[i] === label))];
    for (const k of permutation(members.length, seedOf(seed, 'folds', label))) {
      const member = members[k];
      if (member !== undefined) foldOf.set(member, next++ % folds);
    }
  }
  return examples.map((example) => foldOf.get(example) ?? 0);
}

/** Zero mean for each feature, one deviation for all: what the penalty means stays the same for every feature. */
function standardize(
  x: Float32Array,
  dimensions: number,
): { scaled: Float32Array; mean: Float64Array; deviation: number } {
  const n = x.length / dimensions;
  const mean = new Float64Array(dimensions);
  for (let i = 0; i < x.length; i++) mean[i % dimensions] = (mean[i % dimensions] ?? 0) + (x[i] ?? 0) / n;
  let squares = 0;
  const scaled = new Float32Array(x.length);
  for (let i = 0; i < x.length; i++) squares += ((x[i] ?? 0) - (mean[i % dimensions] ?? 0)) ** 2;
  const deviation = Math.sqrt(squares / x.length) || 1;
  for (let i = 0; i < x.length; i++) scaled[i] = ((x[i] ?? 0) - (mean[i % dimensions] ?? 0)) / deviation;
  return { scaled, mean, deviation };
}

/** Back to weights for the features as they are. */
function unscale(theta: Float64Array, mean: Float64Array, deviation: number, dimensions: number, classes: number) {
  const kernel = new Float32Array(dimensions * classes);
  const bias = Float64Array.from(theta.subarray(dimensions * classes));
  for (let j = 0; j < dimensions; j++) {
    for (let c = 0; c < classes; c++) {
      const weight = (theta[j * classes + c] ?? 0) / deviation;
      kernel[j * classes + c] = weight;
      bias[c] = (bias[c] ?? 0) - weight * (mean[j] ?? 0);
    }
  }
  return { kernel, bias: Float32Array.from(bias) };
}
