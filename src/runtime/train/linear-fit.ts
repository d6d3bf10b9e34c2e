import type { Task } from '../../protocol/index.js';
import type { Example } from '../data/example.js';
import { isNumber, type Rule } from '../../common/check-options.js';
import { permutation, seedOf } from '../../common/random.js';
import type { Run } from '../run/run.js';
import type { FeatureSet, Features } from './features.js';
import { lbfgs } from './lbfgs.js';
import type { LinearClassifier } from './linear-classifier.js';
import { LinearObjective, type Link } from './linear-objective.js';

export const penalty: Rule = {
  is: "0 or more, or 'cross-validate'",
  holds: (value) => value === 'cross-validate' || (isNumber(value) && value >= 0),
};

const folds = 5;

interface LinearFit {
  readonly link: Link;
  /** [rows of the training set, columns]. */
  readonly targets: Float32Array;
  readonly columns: number;
  /** What each row counts. */
  readonly weights: Float32Array;
  /** A penalty, or those to choose from by cross-validation: from strong to weak, each solution is the next one's start. */
  readonly l2: number | readonly number[];
  /** Rows of the same stratum are spread evenly over the folds. */
  readonly stratumOf: (row: number) => number;
  readonly maxIterations?: number;
}

/** Fits a linear model to features, by L-BFGS. */
export async function fitLinear<T extends Task>(
  run: Run,
  features: Features<T>,
  fit: LinearFit,
): Promise<LinearClassifier> {
  const { train, dimensions, data } = features;
  const { l2, weights, columns } = fit;
  const steps = typeof l2 === 'number' ? 1 : l2.length + 1;
  return await run.phase('train', steps, async (progress) => {
    const { scaled, mean, deviation } = standardize(train.data, dimensions);
    const objective = new LinearObjective(scaled, fit.targets, dimensions, columns, fit.link);
    try {
      const { penalty, from } =
        typeof l2 === 'number'
          ? { penalty: l2, from: new Float64Array(objective.parameters) }
          : await crossValidate(objective, foldsOf(train, data.seed, fit.stratumOf), weights, l2, progress);
      run.checkStopped();
      const theta = await lbfgs(objective.objective(weights, penalty), from, {
        tolerance: 1e-5,
        ...(fit.maxIterations === undefined ? {} : { maxIterations: fit.maxIterations }),
      });
      progress(steps);
      return unscale(theta, mean, deviation, dimensions, columns);
    } finally {
      await objective.close();
    }
  });
}

/**
 * The penalty with the smallest mean loss on the part that was held out, and where the fit to all rows may start: in the middle
 * of the folds' solutions.
 */
async function crossValidate(
  regression: LinearObjective,
  foldOf: readonly number[],
  weights: Float32Array,
  grid: readonly number[],
  progress: (done: number) => void,
): Promise<{ penalty: number; from: Float64Array }> {
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

/** The fold of each row, seeded. All views of a picture are in the same one. */
function foldsOf({ examples }: FeatureSet, seed: number, stratumOf: LinearFit['stratumOf']): number[] {
  const foldOf = new Map<Example, number>();
  const strata = examples.map((_, i) => stratumOf(i));
  let next = 0;
  for (const stratum of [...new Set(strata)].sort((a, b) => a - b)) {
    const members = [...new Set(examples.filter((_, i) => strata[i] === stratum))];
    for (const k of permutation(members.length, seedOf(seed, 'folds', stratum))) {
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
function unscale(theta: Float64Array, mean: Float64Array, deviation: number, dimensions: number, columns: number) {
  const kernel = new Float32Array(dimensions * columns);
  const bias = Float64Array.from(theta.subarray(dimensions * columns));
  for (let j = 0; j < dimensions; j++) {
    for (let c = 0; c < columns; c++) {
      const weight = (theta[j * columns + c] ?? 0) / deviation;
      kernel[j * columns + c] = weight;
      bias[c] = (bias[c] ?? 0) - weight * (mean[j] ?? 0);
    }
  }
  return { kernel, bias: Float32Array.from(bias) };
}
