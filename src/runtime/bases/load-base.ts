import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';

import { checkOptions, checkValue, oneOf, type OptionTable, sizes, text } from '../../common/check-options.js';
import { preprocessings, type Preprocessing } from '../data/preprocessing.js';
import { GraftError, messageOf } from '../../common/errors.js';
import { fileHash } from '../../common/hash.js';
import { openedRun } from '../run/current.js';
import { pathToRead } from '../run/script-path.js';
import type { tf } from '../tf.js';
import { registerBase } from './base.js';
import { checkPictures } from './check-pictures.js';
import { cutTop } from './cut.js';
import type { BaseDefinition } from './definition.js';
import { disposeModel, disposeRest } from './dispose.js';
import { buildModel } from './files/build-model.js';
import { checkTopology } from './files/check-topology.js';
import { readH5 } from './files/h5-file.js';
import { readKeras } from './files/keras-file.js';
import { aBaseFile } from './files/model-files.js';
import { modelKind, notAModel } from './files/model-kind.js';
import { readTfjsModel, type LoadedModel } from './files/tfjs-file.js';
import { byH5, byKeras } from './keras/weights.js';
import { recognize } from './recognize.js';
import { isSaved, readSavedFolder } from './saved/saved-folder.js';
import { readSavedInfo } from './saved/saved-info.js';

export interface LoadBaseOptions {
  /** Layer whose output is the base's output. Default: the last feature map, the classifier left out. */
  readonly cutAt?: string;
  /** [height, width] in pixels; default the model's own. */
  readonly inputShape?: readonly [number, number];
  /** How the base wants its pixels. Default: from `graft.json` beside it, or known from the model's name, else `tf`. */
  readonly preprocessing?: Preprocessing;
}

const loadBaseOptions: OptionTable<LoadBaseOptions> = {
  cutAt: text,
  inputShape: sizes(2, '[height, width] in pixels', (side) => Number.isInteger(side) && side > 0),
  preprocessing: oneOf(...preprocessings),
};

/**
 * A pre-trained model from a file as a base: a TensorFlow.js `model.json` (or its folder), a whole Keras `.h5` or a
 * `.keras`, without its classifier.
 *
 * @returns [batch, height, width, 3] → [batch, h, w, channels]; its preprocessing travels with it.
 * @throws GraftError for a file that is missing, damaged or of another kind.
 * @example
 * const base = await loadBase('models/mobilenet/model.json');
 */
export async function loadBase(file: string, options: LoadBaseOptions = {}): Promise<tf.LayersModel> {
  checkValue('loadBase', 'the file', file, { ...text, is: `the path of ${aBaseFile}` });
  checkOptions('loadBase', options, loadBaseOptions);
  const run = await openedRun();
  const location = await resolveFile(run === undefined ? file : pathToRead(run, file));
  const { model, hash } = await readModel(location, run?.override('size') ?? options.inputShape);
  try {
    checkPictures(model, location);
    const base = cut(model, options.cutAt, location);
    const name = nameOf(location);
    const preprocessing =
      options.preprocessing ??
      (await savedPreprocessing(location)) ??
      knownPreprocessing(`${name} ${model.name}`, base);
    disposeRest(model, base);
    return registerBase(base, { name, preprocessing, weights: location, hash });
  } catch (error) {
    disposeModel(model);
    throw error;
  }
}

async function resolveFile(file: string): Promise<string> {
  const entry = await stat(file).catch((error: unknown) => {
    throw new GraftError(`There is no model ${file}: ${messageOf(error)}`, {
      action: `Give ${aBaseFile}.`,
      cause: error,
    });
  });
  if (!entry.isDirectory()) return file;
  const model = path.join(file, 'model.json');
  if (existsSync(model)) return model;
  if (existsSync(path.join(file, 'saved_model.pb'))) throw noLayers(file, 'a SavedModel of TensorFlow');
  throw new GraftError(`${file} is a folder without a model.json.`, {
    action: 'Give the folder of a TensorFlow.js layers model, or an .h5 or a .keras file.',
  });
}

/**
 * A whole model from a file, its classifier included: read by what it holds, whatever it is called.
 *
 * @throws GraftError for a file that is missing, damaged, changed or of another kind.
 */
export async function readModel(file: string, inputShape?: readonly [number, number]): Promise<LoadedModel> {
  const kind = await modelKind(file);
  switch (kind) {
    case 'tfjs':
      return isSaved(file)
        ? await readSavedFolder(path.dirname(file), inputShape)
        : await readTfjsModel(file, { inputShape });
    case 'hdf5':
    case 'keras':
      return await readKerasModel(file, kind, inputShape);
    case 'onnx':
      throw new GraftError(`${file} is an ONNX model, which cannot be a base so far.`, {
        action: `Give ${aBaseFile}.`,
      });
    case 'tflite':
      throw noLayers(file, 'a model for TensorFlow Lite');
    case 'saved-model':
      throw noLayers(file, 'a SavedModel of TensorFlow');
    case undefined:
      throw notAModel(file);
  }
}

function noLayers(file: string, what: string): GraftError {
  return new GraftError(`${file} is ${what}: its layers are gone, so that none can be frozen or trained.`, {
    action: 'Take the Keras model that it was made of: in Python, model.save("model.keras").',
  });
}

async function readKerasModel(
  file: string,
  kind: 'hdf5' | 'keras',
  inputShape: readonly [number, number] | undefined,
): Promise<LoadedModel> {
  if (kind === 'keras') {
    const { config, version, weights, values } = await readKeras(file);
    const model = buildModel(config, {
      file,
      version,
      values,
      inputShape,
      weights: (network) => byKeras(network, weights),
    });
    return { model, hash: await hashOrDispose(model, file) };
  }
  const { config, version, layers, values } = await readH5(file);
  if (typeof config !== 'object' || config === null) {
    throw new GraftError(`${file} holds weights alone, not the model they belong to.`, {
      action: nameIt(recognize(layers)),
    });
  }
  checkTopology(config, file);
  const model = buildModel(config, {
    ...{ file, version, values, inputShape },
    weights: (network, built) => byH5(network, built, layers, file),
  });
  return { model, hash: await hashOrDispose(model, file) };
}

async function hashOrDispose(model: tf.LayersModel, file: string): Promise<string> {
  try {
    return await fileHash(file);
  } catch (error) {
    disposeModel(model);
    throw error;
  }
}

function nameIt(found: BaseDefinition | undefined): string {
  if (found === undefined)
    return 'Name the architecture, for instance applications.resNet50({ weights: PATH }); graft bases lists those that there are.';
  const besides = Object.entries(found.arguments ?? {}).map(([key, value]) => `${key}: ${String(value)}, `);
  return `They are those of ${found.label}: applications.${found.call}({ ${besides.join('')}weights: PATH, includeTop: false }).`;
}

function cut(model: tf.LayersModel, cutAt: string | undefined, file: string): tf.LayersModel {
  try {
    return cutTop(model, cutAt);
  } catch (error) {
    if (error instanceof GraftError) throw error;
    throw new GraftError(`${file} cannot be cut: ${messageOf(error)}`, {
      action: 'It holds a model within the model, or uses a layer twice: name a layer before that with cutAt.',
      cause: error,
    });
  }
}

/** The folder's name for a model.json, else the file's. */
function nameOf(file: string): string {
  return path.basename(file) === 'model.json'
    ? path.basename(path.dirname(path.resolve(file)))
    : path.basename(file, path.extname(file));
}

async function savedPreprocessing(file: string): Promise<Preprocessing | undefined> {
  return isSaved(file) ? (await readSavedInfo(path.join(path.dirname(file), 'graft.json'))).preprocessing : undefined;
}

const known: readonly [RegExp, Preprocessing][] = [
  [/resnet.*v2|mobilenet.*v3.*minimal/i, 'tf'],
  [/resnet.*cifar/i, 'none'],
  [/vww|darknet|yolo/i, 'unit'],
  [/resnet|squeezenet|vgg/i, 'caffe'],
  [/densenet/i, 'torch'],
  [/efficientnet|mobilenet.?v3|convnext/i, 'none'],
];

/** As the authors of well-known networks trained them; `tf` (MobileNet, Inception, Xception, NASNet) for all others. */
function knownPreprocessing(name: string, base: tf.LayersModel): Preprocessing {
  const first = base.layers.findIndex((layer) => layer.trainableWeights.length > 0);
  const before = base.layers.slice(0, first === -1 ? undefined : first).map((layer) => layer.getClassName());
  if (before.some((name) => ['Rescaling', 'Normalization', 'Operator'].includes(name))) return 'none';
  return known.find(([pattern]) => pattern.test(name))?.[1] ?? 'tf';
}
