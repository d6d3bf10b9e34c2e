import type { EpochRecord, Task } from '../../protocol/index.js';
import { preprocessingOf } from '../bases/base.js';
import { examplesOf } from '../bases/saved/saved-examples.js';
import { GraftError, present } from '../../common/errors.js';
import type { TrainedModel } from '../export/types.js';
import { channelsOf } from '../data/preprocessing.js';
import type { Run } from '../run/run.js';
import { taskDefinitions } from '../tasks/index.js';
import { tf } from '../tf.js';
import type { Features, FeatureSet } from './features.js';
import { finishTraining } from './result.js';

/** A classifier or a regression on features: what the task's outputs become of x · kernel + bias. */
export interface LinearClassifier {
  /** [dimensions, classes], row-major. */
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/**
 * What every classifier on features ends with: evaluates it, joins it with the base into one model, saves that into the
 * run's folder and writes the report.
 */
export async function finishClassifier<T extends Task>(
  run: Run,
  features: Features<T>,
  classifier: LinearClassifier,
  trainMs: number,
): Promise<TrainedModel<T>> {
  const { data, extractor, base } = features as Pick<Features<Task>, 'data' | 'extractor' | 'base'>;
  const { classes } = data;
  const task = taskDefinitions[data.task];
  const {
    loss,
    activations: [activation],
  } = present(task.losses[0], 'A loss');
  const measured = { kind: loss, ...task.lossScale?.(data.train, classes) };
  const evaluated = (set: FeatureSet, thresholds?: readonly number[]) => {
    const values = predict(set, features.dimensions, classifier, classes.length, activation);
    const outputs = { values, examples: set.examples, names: classes };
    return { outputs, figures: task.figures(outputs, measured, thresholds) };
  };
  const evaluation = await run.phase('evaluate', undefined, () => Promise.resolve(evaluated(features.validation)));
  const { test } = features;
  const { metrics } = evaluation.figures;
  const thresholds = task.tune?.(evaluation.outputs);
  const record: EpochRecord = {
    stage: 'head',
    epoch: 1,
    train: task.trainMetrics(evaluated(features.train).figures.metrics),
    validation: metrics,
    learningRate: 0,
    ms: trainMs,
  };
  run.emit({ type: 'epoch', ...record, epochs: 1, best: true });

  const dense = tf.layers.dense({
    units: classes.length,
    activation: activation as 'softmax' | 'sigmoid' | 'linear',
    name: 'classifier',
  });
  const model = tf.model({
    inputs: extractor.inputs,
    outputs: dense.apply(extractor.outputs) as tf.SymbolicTensor,
  });
  tf.tidy(() => {
    dense.setWeights([
      tf.tensor2d(classifier.kernel, [features.dimensions, classes.length]),
      tf.tensor1d(classifier.bias),
    ]);
  });
  const { best } = await finishTraining(run, {
    ...evaluation,
    ...(test === undefined || test.labels.length === 0 ? {} : { test: evaluated(test, thresholds) }),
    trained: {
      model,
      task: data.task,
      ...(thresholds === undefined ? {} : { thresholds }),
      ...(measured.deviations === undefined ? {} : { deviations: measured.deviations }),
      classes,
      kind: data.kind,
      ...data.kind.modelForm(data),
      preprocessing: base.preprocessing,
      base: { name: base.name, hash: base.hash },
      technique: 'feature-extraction',
      ...(extractor.layers.at(-1) === undefined ? {} : { frozenUpTo: extractor.layers.at(-1)?.name ?? '' }),
      metrics,
      run: run.info.id,
      dataHash: data.hash,
      examples: examplesOf(data, base.saved?.examples),
      seed: data.seed,
    },
    data,
    engine: 'onnxruntime',
    history: [record],
    unreadable: features.unreadable,
  });
  // Its metrics are of the task of the features.
  return best as TrainedModel<T>;
}

/** Says in the log what is about to be trained. */
export function announceClassifier<T extends Task>(run: Run, { extractor, base, data, dimensions }: Features<T>): void {
  if (run.info.purpose === 'learning-rate') {
    throw new GraftError(
      'This script has no learning rate: what it learns is solved as a whole, not trained step by step.',
      {
        action: 'Use fit(…) to train step by step, or just train.',
      },
    );
  }
  run.emit({
    type: 'model',
    technique: 'feature-extraction',
    base: base.name,
    preprocessing: preprocessingOf(base, channelsOf(extractor)),
    parameters: extractor.countParams() + (dimensions + 1) * data.classes.length,
    trainable: (dimensions + 1) * data.classes.length,
    engine: 'onnxruntime',
    engineReason: 'CPU: a convex problem, solved whole',
  });
}

function predict(
  { data, labels }: FeatureSet,
  dimensions: number,
  { kernel, bias }: LinearClassifier,
  columns: number,
  activation: string,
): Float32Array {
  const result = new Float32Array(labels.length * columns);
  for (let i = 0; i < labels.length; i++) {
    const logits = Float64Array.from(bias);
    for (let j = 0; j < dimensions; j++) {
      const x = data[i * dimensions + j] ?? 0;
      for (let c = 0; c < columns; c++) logits[c] = (logits[c] ?? 0) + x * (kernel[j * columns + c] ?? 0);
    }
    if (activation !== 'softmax') {
      result.set(activation === 'sigmoid' ? logits.map((x) => 1 / (1 + Math.exp(-x))) : logits, i * columns);
      continue;
    }
    const largest = Math.max(...logits);
    const exponentials = logits.map((logit) => Math.exp(logit - largest));
    const sum = exponentials.reduce((total, value) => total + value, 0);
    exponentials.forEach((value, c) => (result[i * columns + c] = value / sum));
  }
  return result;
}
