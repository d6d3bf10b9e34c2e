import { resize } from '../../../templates/export/resize.js';
import { disposeModel } from '../bases/dispose.js';
import { readTfjsModel } from '../bases/files/tfjs-file.js';
import { channelsOf, channelTransform } from '../data/preprocessing.js';
import { GraftError } from '../../common/errors.js';
import { isOfTensorFlow, isOwnLayer } from '../layers/index.js';
import { tf } from '../tf.js';
import { flatLayers } from '../bases/flat-layers.js';
import { taskOf } from '../tasks/index.js';
import { checkPictures, compareExport, tfOutputs, type CheckPicture } from './check.js';
import { exampleText } from './examples.js';
import { exportMetadata } from './metadata.js';
import { placeFolder, type PlaceOptions } from './place-files.js';
import { layersModelFiles } from './saved-model.js';
import type { TrainedModel } from './types.js';

/**
 * Writes a model for plain TensorFlow.js, in the browser or anywhere: pixels 0 … 255, RGB, [n, height, width, 3], or where
 * the model takes grey ones their luminance, [n, height, width, 1] → probabilities [n, classes]. Preprocessing is inside, as a 1×1 convolution; all else that is known is in `model.json` as `userDefinedMetadata`, the class
 * names also in `classes.json`. Beside it are `resize.js`, which resizes as Graft does, and an example. Checked by loading it again.
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
    ['resize.js', await exampleText('resize.js', task.name)],
    ['example.html', await exampleText('example.html', task.name)],
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
  const { model, size, classes } = trained;
  const channels = channelsOf(model);
  const input = tf.input({ shape: [...size, channels], name: 'pixels' });
  const scaling = tf.layers.conv2d({ filters: channels, kernelSize: 1, name: 'preprocessing', trainable: false });
  const both = tf.layers.dense({ units: 2, name: 'both_classes', trainable: false });
  try {
    let output = model.apply(scaling.apply(input)) as tf.SymbolicTensor;
    const isSingle = output.shape.at(-1) === 1 && classes.length === 2;
    if (isSingle) output = both.apply(output) as tf.SymbolicTensor;
    const whole = tf.model({ inputs: input, outputs: output, name: 'graft' });
    const { order, scale, offset } = channelTransform(trained.preprocessing, channels);
    tf.tidy(() => {
      const kernel = tf.buffer([1, 1, channels, channels]);
      order.forEach((from, to) => {
        kernel.set(scale[to] ?? 1, 0, 0, from, to);
      });
      scaling.setWeights([kernel.toTensor(), tf.tensor1d([...offset])]);
      if (isSingle) both.setWeights([tf.tensor2d([[-1, 1]]), tf.tensor1d([1, 0])]);
    });
    whole.setUserDefinedMetadata(exportMetadata(trained));
    return await layersModelFiles(whole);
  } finally {
    scaling.dispose();
    if (both.built) both.dispose();
  }
}

async function check(written: string, trained: TrainedModel, directory: string): Promise<number> {
  const { model } = await readTfjsModel(written);
  try {
    const small = ({ pixels, size }: CheckPicture) => resize(pixels, size, trained.size, trained.resize);
    return await compareExport(
      trained,
      directory,
      checkPictures(trained),
      (picture) => tfOutputs({ ...trained, model, preprocessing: 'none' }, small(picture), 1),
      (picture) => tfOutputs(trained, small(picture), 1),
    );
  } finally {
    disposeModel(model);
  }
}
