import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

import { preprocessings, type Preprocessing } from '../data/preprocessing.js';
import { GraftError, messageOf } from '../errors.js';
import type { tf } from '../tf.js';
import { assignWeights } from './assign.js';
import { registerBase } from './base.js';
import { cutTop } from './cut.js';
import { buildOrDispose, disposeModel, disposeRest } from './dispose.js';
import { readH5 } from './h5-file.js';
import { readKeras, toKeras2 } from './keras-file.js';
import { checkNumbers, readTfjsModel, type LoadedModel } from './tfjs-file.js';
import { plainTopology } from './topology.js';

export interface LoadBaseOptions {
  /** Layer whose output is the base's output. Default: the last feature map, the classifier left out. */
  readonly cutAt?: string;
  /** [height, width] in pixels; default the model's own. */
  readonly inputShape?: readonly [number, number];
  /** How the base wants its pixels. Default: from `graft.json` beside it, or known from the model's name, else `tf`. */
  readonly preprocessing?: Preprocessing;
}

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
  const location = await resolveFile(file);
  const { model, hash } = await readModel(location, options.inputShape);
  try {
    const base = cutTop(model, options.cutAt);
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
      action: 'Give a model.json, an .h5 or a .keras file.',
      cause: error,
    });
  });
  if (!entry.isDirectory()) return file;
  const model = path.join(file, 'model.json');
  if (existsSync(model)) return model;
  throw new GraftError(`${file} is a folder without a model.json.`, {
    action: 'Give the folder of a TensorFlow.js layers model, or an .h5 or a .keras file.',
  });
}

/** A whole model from a file, its classifier included. */
export async function readModel(file: string, inputShape?: readonly [number, number]): Promise<LoadedModel> {
  const extension = path.extname(file).toLowerCase();
  if (extension === '.json') return await readTfjsModel(file, inputShape);
  if (extension !== '.h5' && extension !== '.hdf5' && extension !== '.keras') {
    throw new GraftError(`${file} is not a model that can be read.`, {
      action: 'Give a model.json, an .h5 or a .keras file.',
    });
  }
  const { config, layers } = extension === '.keras' ? await readKeras(file) : await readH5(file);
  if (typeof config !== 'object' || config === null) {
    throw new GraftError(`${file} holds weights alone, not the model they belong to.`, {
      action:
        'Name the architecture: applications.resNet50({ weights: PATH }), applications.mobileNetV2(…) or applications.squeezeNet(…).',
    });
  }
  let model: tf.LayersModel;
  try {
    // Keras 3 writes its own kind of configuration into .h5 files too.
    const topology = plainTopology(toKeras2(config) as object, inputShape);
    model = await buildOrDispose(topology);
  } catch (error) {
    throw new GraftError(`${file} has a layer that cannot be built: ${messageOf(error)}`, {
      action: 'Custom layers cannot be loaded; save the model without them.',
      cause: error,
    });
  }
  try {
    assignWeights(model, layers, file, false);
    checkNumbers(model, file);
    return { model, hash: await fileHash(file) };
  } catch (error) {
    disposeModel(model);
    throw error;
  }
}

export async function fileHash(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** The folder's name for a model.json, else the file's. */
function nameOf(file: string): string {
  return path.basename(file) === 'model.json'
    ? path.basename(path.dirname(path.resolve(file)))
    : path.basename(file, path.extname(file));
}

async function savedPreprocessing(file: string): Promise<Preprocessing | undefined> {
  const text = await readFile(path.join(path.dirname(file), 'graft.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { preprocessing } = JSON.parse(text) as { preprocessing?: unknown };
  return preprocessings.find((known) => known === preprocessing);
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
  if (base.layers.slice(0, 3).some((layer) => ['Rescaling', 'Normalization'].includes(layer.getClassName())))
    return 'none';
  return known.find(([pattern]) => pattern.test(name))?.[1] ?? 'tf';
}
