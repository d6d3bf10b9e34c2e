import type { EpochRecord } from '../../protocol/index.js';
import { examplesOf } from '../bases/saved/saved-examples.js';
import { GraftError } from '../../common/errors.js';
import { evaluateOutputs } from '../evaluate/metrics.js';
import type { TrainedModel } from '../export/types.js';
import type { Run } from '../run/run.js';
import { tf } from '../tf.js';
import type { Features, FeatureSet } from './features.js';
import { finishTraining } from './result.js';

/** A classifier on features: probabilities = softmax(x · kernel + bias). */
export interface LinearClassifier {
  /** [dimensions, classes], row-major. */
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/**
 * What every classifier on features ends with: evaluates it, joins it with the base into one model, saves that into the
 * run's folder and writes the report.
 */
export async function finishClassifier(
  run: Run,
  features: Features,
  classifier: LinearClassifier,
  trainMs: number,
): Promise<TrainedModel> {
  const { data, extractor, base } = features;
  const { classes } = data;
  const evaluated = (set: FeatureSet) => {
    const probabilities = predict(set, features.dimensions, classifier, classes.length);
    return {
      probabilities,
      ...evaluateOutputs({ data: probabilities, shape: [set.labels.length, classes.length] }, set.labels, classes),
    };
  };
  const evaluation = await run.phase('evaluate', undefined, () => Promise.resolve(evaluated(features.validation)));
  const { test } = features;
  const train = evaluated(features.train).metrics;
  const record: EpochRecord = {
    stage: 'head',
    epoch: 1,
    train,
    validation: evaluation.metrics,
    learningRate: 0,
    ms: trainMs,
  };
  run.emit({ type: 'epoch', ...record, epochs: 1, best: true });

  const dense = tf.layers.dense({ units: classes.length, activation: 'softmax', name: 'classifier' });
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
    ...(test === undefined || test.labels.length === 0 ? {} : { test: evaluated(test) }),
    trained: {
      model,
      classes,
      size: data.size,
      resize: data.resize,
      preprocessing: base.preprocessing,
      base: { name: base.name, hash: base.hash },
      technique: 'feature-extraction',
      ...(extractor.layers.at(-1) === undefined ? {} : { frozenUpTo: extractor.layers.at(-1)?.name ?? '' }),
      metrics: evaluation.metrics,
      run: run.info.id,
      dataHash: data.hash,
      examples: examplesOf(data),
      seed: data.seed,
    },
    data,
    validation: features.validation.examples,
    engine: 'onnxruntime',
    history: [record],
    unreadable: features.unreadable,
  });
  return best;
}

/** Says in the log what is about to be trained. */
export function announceClassifier(run: Run, { extractor, base, data, dimensions }: Features): void {
  if (run.info.purpose === 'learning-rate') {
    throw new GraftError(
      'This script has no learning rate: its classifier is solved as a whole, not trained step by step.',
      {
        action: 'Use fit(…) to train step by step, or just train.',
      },
    );
  }
  run.emit({
    type: 'model',
    technique: 'feature-extraction',
    base: base.name,
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
  classes: number,
): Float32Array {
  const result = new Float32Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) {
    const logits = Float64Array.from(bias);
    for (let j = 0; j < dimensions; j++) {
      const x = data[i * dimensions + j] ?? 0;
      for (let c = 0; c < classes; c++) logits[c] = (logits[c] ?? 0) + x * (kernel[j * classes + c] ?? 0);
    }
    const largest = Math.max(...logits);
    const exponentials = logits.map((logit) => Math.exp(logit - largest));
    const sum = exponentials.reduce((total, value) => total + value, 0);
    exponentials.forEach((value, c) => (result[i * classes + c] = value / sum));
  }
  return result;
}
