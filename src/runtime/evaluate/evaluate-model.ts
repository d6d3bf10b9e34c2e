import { classOf, decodeMany, findData, picturesToEvaluate, type ImageExample, type Skipped } from '../data/index.js';
import { GraftError } from '../errors.js';
import { predictorOf } from '../export/predict.js';
import type { TrainedModel } from '../export/types.js';
import { evaluateOutputs, type Evaluation } from './metrics.js';

export interface ModelEvaluation extends Evaluation {
  readonly classes: readonly string[];
  readonly images: number;
  readonly skipped: readonly Skipped[];
}

const batch = 16;

/**
 * Runs a trained model over labelled pictures, also where there is one class or one picture; of a train/validation pair of
 * folders only over the validation folder.
 *
 * @throws GraftError when the data has a class that the model does not know.
 */
export async function evaluateModel(
  trained: TrainedModel,
  location: string,
  signal?: AbortSignal,
): Promise<ModelEvaluation> {
  const data = await findData(location);
  signal?.throwIfAborted();
  const { pictures, skipped } = picturesToEvaluate(data);
  const known = (label: string) => classOf(label, trained.classes);
  const unknown = [...new Set(pictures.map(({ label }) => label))].filter((name) => known(name) === undefined);
  if (unknown.length > 0) {
    throw new GraftError(`${location} has classes that the model does not know: ${unknown.join(', ')}.`, {
      action: `It knows ${trained.classes.join(', ')}.`,
    });
  }
  const examples = pictures.map(({ id, source, hash, label }): ImageExample => ({
    id,
    source,
    hash,
    label: trained.classes.indexOf(known(label) ?? ''),
  }));
  const predictor = await predictorOf(trained);
  try {
    return await evaluateExamples(trained, examples, skipped, location, (pixels, n) => {
      signal?.throwIfAborted();
      return predictor.predict(pixels, n);
    });
  } finally {
    await predictor.dispose();
  }
}

async function evaluateExamples(
  { classes, size, resize, loss }: TrainedModel,
  examples: readonly ImageExample[],
  unreadable: readonly Skipped[],
  location: string,
  predict: (pixels: Uint8Array, n: number) => Promise<Float32Array>,
): Promise<ModelEvaluation> {
  const skipped = [...unreadable];
  const rows: Float32Array[] = [];
  const labels: number[] = [];
  let waiting: Uint8Array[] = [];
  const flush = async () => {
    if (waiting.length === 0) return;
    rows.push(await predict(Buffer.concat(waiting), waiting.length));
    waiting = [];
  };
  const spec = { size, resize, augment: undefined, seed: 0 };
  for await (const decoded of decodeMany(
    examples.map((example) => ({ example, view: 0 })),
    spec,
  )) {
    const example = examples[decoded.index];
    if (example === undefined) continue;
    if ('error' in decoded) {
      skipped.push({ file: example.id, reason: decoded.error.message });
      continue;
    }
    labels.push(example.label);
    waiting.push(decoded.pixels);
    if (waiting.length === batch) await flush();
  }
  await flush();
  if (labels.length === 0)
    throw new GraftError(`No picture of ${location} can be read.`, {
      action: skipped[0]?.reason ?? 'Check the files.',
    });
  const probabilities = Float32Array.from(rows.flatMap((row) => [...row]));
  return {
    ...evaluateOutputs({ data: probabilities, shape: [labels.length, classes.length] }, labels, classes, loss),
    classes,
    images: labels.length,
    skipped,
  };
}
