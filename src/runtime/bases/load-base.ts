import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';

import { isPreprocessing, preprocessingText, type Preprocessing } from '../../protocol/index.js';
import { checkOptions, checkValue, type OptionTable, sizes, text } from '../../common/check-options.js';
import { channelsOf, pixelsBecome, suits } from '../data/preprocessing.js';
import { GraftError, messageOf } from '../../common/errors.js';
import { fileHash } from '../../common/hash.js';
import { openedRun } from '../run/current.js';
import { pathToRead } from '../run/script-path.js';
import type { tf } from '../tf.js';
import { registerBase, type SavedBase } from './base.js';
import { checkPictures, takesAnySize } from './check-pictures.js';
import { cutTop } from './cut.js';
import type { BaseDefinition } from './definition.js';
import { disposeModel, disposeRest } from './dispose.js';
import { buildModel } from './files/build-model.js';
import { checkTopology } from './files/check-topology.js';
import { readH5 } from './files/h5-file.js';
import { readKeras } from './files/keras-file.js';
import { aBaseFile } from './files/model-files.js';
import { modelKind, notAModel } from './files/model-kind.js';
import { classesOf, readTeachable } from './files/teachable.js';
import { readTfjsModel, type LoadedModel } from './files/tfjs-file.js';
import { byH5, byKeras } from './keras/weights.js';
import { decidePreprocessing } from './preprocessing/decide.js';
import type { Decision } from './preprocessing/decision.js';
import { recognize } from './recognize.js';
import { isSaved, readSavedFolder } from './saved/saved-folder.js';
import type { SavedExamples } from './saved/saved-examples.js';
import { savedHead } from './saved/saved-head.js';
import type { SavedInfo } from './saved/saved-info.js';

interface LoadBaseOptions {
  /** Layer whose output is the base's output. Default: the last feature map, the classifier left out. */
  readonly cutAt?: string;
  /** [height, width] in pixels; default the model's own. */
  readonly inputShape?: readonly [number, number];
  /**
   * How the base wants its pixels: 'tf', 'caffe', 'torch', 'unit', 'none', or `{ mean, std }` of pixels from 0 to 255 (of pixels from 0 to 1
   * where every std is below 1), one number each or one for each channel. Default: as its network shows, or the files beside it say; where
   * nothing is known `tf`, with a warning.
   */
  readonly preprocessing?: Preprocessing;
}

const loadBaseOptions: OptionTable<LoadBaseOptions> = {
  cutAt: text,
  inputShape: sizes(2, '[height, width] in pixels', (side) => Number.isInteger(side) && side > 0),
  preprocessing: {
    is: 'tf, caffe, torch, unit, none, or { mean: […], std: […] } with one number each or three, the std above 0',
    holds: isPreprocessing,
  },
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
  const size = run?.override('size');
  const { base, name, weights, hash, decision, saved } = await openBase(location, {
    ...options,
    ...(size === undefined ? {} : { inputShape: size }),
  });
  const { preprocessing, why } = decision ?? assumed;
  if (decision === undefined) {
    const message = `Nothing says how ${name} wants its pixels: they become numbers ${pixelsBecome(preprocessing, channelsOf(base))} (${preprocessingText(preprocessing)}).`;
    const action = "If it was trained on others, say so: loadBase(…, { preprocessing: 'unit' }).";
    if (run === undefined) process.emitWarning(`${message} ${action}`, { type: 'Graft' });
    else run.warn(message, action);
  }
  return registerBase(base, { name, weights, hash, preprocessing, why, ...(saved === undefined ? {} : { saved }) });
}

/** What most networks want, where nobody knows better. */
const assumed: Decision = { preprocessing: 'tf', why: 'Nothing says so: it is what most networks want.' };

/** A base as its file gives it. */
interface OpenedBase {
  readonly base: tf.LayersModel;
  readonly name: string;
  /** The file. */
  readonly weights: string;
  readonly hash: string;
  /** Undefined: nobody knows. */
  readonly decision: Decision | undefined;
  /** What it had learnt before, where it is a model that Graft saved. */
  readonly saved: SavedBase | undefined;
  /** What the whole model tells apart, where what lies beside it says so. */
  readonly classes: readonly string[] | undefined;
}

/** A size for a model that takes pictures of any size, where one must be had to look at it: ImageNet's usual one. */
const usualSize = [224, 224] as const;

/** Reads a base and finds out how it wants its pixels. @throws GraftError for what cannot be a base. */
export async function openBase(file: string, options: LoadBaseOptions = {}): Promise<OpenedBase> {
  const { model, hash, info, examples } = await readModel(file, options.inputShape);
  try {
    checkPictures(model, file);
    const decision = await decided(model, file, options.preprocessing);
    const base = cut(model, options.cutAt, file);
    const saved = info === undefined ? undefined : learntBefore(model, base, info, examples);
    const teachable = await readTeachable(file);
    const classes = saved?.classes ?? (teachable && classesOf(teachable, model));
    disposeRest(model, base);
    return { base, name: nameOf(file), weights: file, hash, decision, saved, classes };
  } catch (error) {
    disposeModel(model);
    throw error;
  }
}

function learntBefore(
  model: tf.LayersModel,
  base: tf.LayersModel,
  info: SavedInfo,
  examples: SavedExamples | undefined,
): SavedBase {
  const { task, classes, resize } = info;
  const head = savedHead(model, base.outputs[0], info);
  return { ...(task === undefined ? {} : { task }), classes, resize, examples, head };
}

async function decided(
  model: tf.LayersModel,
  file: string,
  asked: Preprocessing | undefined,
): Promise<Decision | undefined> {
  const known = await decidePreprocessing(model, file);
  if (asked === undefined) return known;
  const channels = channelsOf(model);
  if (!suits(asked, channels))
    throw new GraftError(
      `${file} takes ${channels === 1 ? 'grey pictures' : 'three channels'}, and the preprocessing ${preprocessingText(asked)} is for ${channels === 1 ? 'three channels' : 'another number'}.`,
      { action: "For grey pictures: 'tf', 'unit', 'none', or { mean: […], std: […] } with one number each." },
    );
  const differs = known !== undefined && preprocessingText(known.preprocessing) !== preprocessingText(asked);
  const but = differs ? ` ${known.why} For that it would be ${preprocessingText(known.preprocessing)}.` : '';
  return { preprocessing: asked, why: `As given.${but}` };
}

/** The file that a path stands for, which may be the folder that it lies in. */
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
  // A run has the model of its best epoch.
  const ofRun = path.join(file, 'model', 'model.json');
  if (existsSync(ofRun)) return ofRun;
  if (existsSync(path.join(file, 'run.json')))
    throw new GraftError(`The run ${path.basename(path.resolve(file))} has no model: it has not got that far.`, {
      action: 'Resume it, or take a run that is done.',
    });
  if (existsSync(path.join(file, 'saved_model.pb'))) throw savedModel(file, file);
  throw new GraftError(`${file} is a folder without a model.json.`, {
    action: 'Give the folder of a TensorFlow.js layers model, or an .h5 or a .keras file.',
  });
}

/**
 * A whole model from a file, its classifier included: read by what it holds, whatever it is called.
 *
 * @throws GraftError for a file that is missing, damaged, changed or of another kind.
 */
export async function readModel(
  file: string,
  inputShape?: readonly [number, number],
): Promise<LoadedModel & { readonly info?: SavedInfo; readonly examples?: SavedExamples }> {
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
      throw savedModel(file, path.dirname(file));
    case undefined:
      throw notAModel(file);
  }
}

/** Keras before 3 saved into such folders, and finds its layers there again. */
function savedModel(file: string, folder: string): GraftError {
  const { message, action } = noLayers(file, 'a SavedModel of TensorFlow');
  if (!existsSync(path.join(folder, 'keras_metadata.pb'))) return new GraftError(message, { action });
  return new GraftError(`${file} is a SavedModel of TensorFlow, which Keras 2 alone can read back.`, {
    action: `In Python, after pip install tf_keras: tf_keras.models.load_model(${JSON.stringify(folder)}).save("model.h5").`,
  });
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
    return 'Save the whole model: model.save("model.keras"). Or name the architecture, as in applications.resNet50({ weights: PATH }): "graft bases" lists them.';
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

/** The folder's name for a model.json, the run's where it lies in one, else the file's. */
function nameOf(file: string): string {
  if (path.basename(file) !== 'model.json') return path.basename(file, path.extname(file));
  const folder = path.dirname(path.resolve(file));
  const above = path.dirname(folder);
  return path.basename(existsSync(path.join(above, 'run.json')) ? above : folder);
}

export type PreviewedBase = OpenedBase & { readonly isOfAnySize: boolean };

/** A base that somebody looks at before there is a script: where its own size is any, it has a usual one. */
export async function previewBase(file: string, options: LoadBaseOptions = {}): Promise<PreviewedBase> {
  const location = await resolveFile(file);
  if (options.inputShape !== undefined) return { ...(await openBase(location, options)), isOfAnySize: false };
  const { model } = await readModel(location);
  const isOfAnySize = takesAnySize(model);
  disposeModel(model);
  return { ...(await openBase(location, isOfAnySize ? { ...options, inputShape: usualSize } : options)), isOfAnySize };
}
