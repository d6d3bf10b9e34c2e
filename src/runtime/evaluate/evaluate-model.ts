import { detectLayout, decodeMany, imageData, type ImageDataset, type ImageExample } from '../data/index.js';
import { GraftError } from '../errors.js';
import { predictorOf } from '../export/predict.js';
import type { TrainedModel } from '../export/types.js';
import { evaluateOutputs, type Evaluation } from './metrics.js';

export interface ModelEvaluation extends Evaluation {
  readonly classes: readonly string[];
  readonly images: number;
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
}

const batch = 16;

/**
 * Runs a trained model over labelled pictures: all of them, whichever side of a split they are on; of a train/validation
 * pair of folders only the validation folder.
 *
 * @throws GraftError when the data has a class that the model does not know.
 */
export async function evaluateModel(trained: TrainedModel, location: string): Promise<ModelEvaluation> {
  const data = await imageData(location, { size: trained.size, resize: trained.resize });
  const layout = await detectLayout(location);
  const unknown = data.classes.filter((name) => !trained.classes.includes(name));
  if (unknown.length > 0) {
    throw new GraftError(`${location} has classes that the model does not know: ${unknown.join(', ')}.`, {
      action: `It knows ${trained.classes.join(', ')}.`,
    });
  }
  const examples = layout.kind === 'pair' ? data.validation : [...data.train, ...data.validation];
  const predictor = await predictorOf(trained);
  try {
    return await evaluateExamples(trained, data, examples, (pixels, n) => predictor.predict(pixels, n));
  } finally {
    await predictor.dispose();
  }
}

async function evaluateExamples(
  { classes, size, resize, loss }: TrainedModel,
  data: ImageDataset,
  examples: readonly ImageExample[],
  predict: (pixels: Uint8Array, n: number) => Promise<Float32Array>,
): Promise<ModelEvaluation> {
  const skipped = [...data.report.skipped];
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
    labels.push(classes.indexOf(data.classes[example.label] ?? ''));
    waiting.push(decoded.pixels);
    if (waiting.length === batch) await flush();
  }
  await flush();
  if (labels.length === 0)
    throw new GraftError(`No picture of ${data.directory} can be read.`, {
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
