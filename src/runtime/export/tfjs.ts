import { disposeModel } from '../bases/dispose.js';
import { readTfjsModel } from '../bases/files/tfjs-file.js';
import { GraftError } from '../../common/errors.js';
import { isOfTensorFlow, isOwnLayer } from '../layers/index.js';
import { tf } from '../tf.js';
import { flatLayers } from '../bases/flat-layers.js';
import { taskOf } from '../tasks/index.js';
import { compareExport, tfOutputs } from './check.js';
import { exportKindOf } from './kinds.js';
import { exportMetadata } from './metadata.js';
import { placeFolder, type PlaceOptions } from './place-files.js';
import { layersModelFiles } from './saved-model.js';
import type { TrainedModel } from './types.js';

/**
 * Writes a model for plain TensorFlow.js, in the browser or anywhere: what its kind of data gives → probabilities [n, classes]. Preprocessing
 * is inside; all else that is known is in `model.json` as `userDefinedMetadata`, the class names also in `classes.json`, and an example lies
 * beside it. Checked by loading it again.
 *
 * @throws GraftError when something is there already or the check fails; nothing is left behind then.
 */
export async function exportTfjs(
  trained: TrainedModel,
  directory: string,
  options: PlaceOptions = {},
): Promise<{ difference: number }> {
  checkPlain(trained.model);
  const { topology, weights } = await wholeModelFiles(trained);
  const task = taskOf(trained);
  const files = new Map<string, string | Uint8Array>([
    ['weights.bin', weights],
    ['model.json', topology],
    [task.namesFile, `${JSON.stringify(trained.classes)}\n`],
    ...Object.entries(await exportKindOf(trained).plainFiles(trained)),
  ]);
  const difference = await placeFolder(directory, files, options, (at) => check(at('model.json'), trained, directory));
  return { difference };
}

/** @throws GraftError that names the first layer that TensorFlow.js has not, or has with other numbers. */
function checkPlain(model: tf.LayersModel): void {
  for (const layer of flatLayers(model)) {
    const { activation } = layer.getConfig();
    const name = typeof activation === 'string' ? activation : 'linear';
    if (!isOwnLayer(layer) && isOfTensorFlow(name)) continue;
    const what = isOwnLayer(layer) ? layer.getClassName() : name;
    throw new GraftError(`TensorFlow.js has no ${what} as Keras has it, and the layer "${layer.name}" is one.`, {
      action: 'Export it as ONNX, which runs in the browser too (onnxruntime-web).',
    });
  }
}

/** The model with preprocessing before it; one output, which stands for two classes, becomes both. */
async function wholeModelFiles(trained: TrainedModel): Promise<{ topology: string; weights: Uint8Array }> {
  const { model, classes } = trained;
  const before = exportKindOf(trained).plainInput(trained);
  const both = tf.layers.dense({ units: 2, name: 'both_classes', trainable: false });
  try {
    let output = model.apply(before.output) as tf.SymbolicTensor;
    if (output.shape.at(-1) === 1 && classes.length === 2) {
      output = both.apply(output) as tf.SymbolicTensor;
      tf.tidy(() => {
        both.setWeights([tf.tensor2d([[-1, 1]]), tf.tensor1d([1, 0])]);
      });
    }
    const whole = tf.model({ inputs: before.input, outputs: output, name: 'graft' });
    whole.setUserDefinedMetadata(exportMetadata(trained));
    return await layersModelFiles(whole);
  } finally {
    for (const layer of before.layers) layer.dispose();
    if (both.built) both.dispose();
  }
}

async function check(written: string, trained: TrainedModel, directory: string): Promise<number> {
  const { model } = await readTfjsModel(written);
  try {
    const plain = { ...trained, model, preprocessing: 'none' } as const;
    return await compareExport(trained, directory, ({ tensors }) => tfOutputs(plain, tensors));
  } finally {
    disposeModel(model);
  }
}
