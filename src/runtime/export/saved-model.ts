import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import type { Metrics, Technique } from '../../protocol/index.js';
import { disposeModel } from '../applications/dispose.js';
import { readTfjsModel } from '../applications/tfjs-file.js';
import { registerBase } from '../applications/base.js';
import { preprocessings, type Preprocessing } from '../data/preprocessing.js';
import type { ResizeMode } from '../data/types.js';
import { GraftError, messageOf } from '../errors.js';
import { writeAtomic } from '../files.js';
import { tf } from '../tf.js';
import { lossNames, type LossName } from '../train/specs.js';
import type { TrainedModel } from './types.js';

const format = 1;
const shardName = 'weights.bin';

/** `graft.json`: what a model needs besides its layers and weights. */
interface SavedInfo {
  readonly format: number;
  readonly kind: 'image';
  readonly classes: readonly string[];
  readonly size: readonly [number, number];
  readonly resize: ResizeMode;
  readonly preprocessing: Preprocessing;
  readonly base: { readonly name: string; readonly hash: string };
  /** Absent in folders of older versions: `categoricalCrossentropy`. */
  readonly loss?: LossName;
  readonly technique: Technique;
  readonly frozenUpTo?: string;
  readonly metrics: Metrics;
  readonly run: string;
  readonly seed: number;
  /** SHA-256 (hex). */
  readonly hashes: { readonly data: string; readonly weights: string };
  readonly created: string;
}

/**
 * Saves a trained model as a folder: `model.json` and its weights (a TensorFlow.js layers model), and `graft.json`. An
 * older model there is replaced only when the new one is whole.
 *
 * @returns SHA-256 (hex) of the weights.
 * @throws GraftError when the disk is full or the folder cannot be written; the old model is then untouched.
 */
export async function saveTrained(trained: TrainedModel, directory: string): Promise<string> {
  const target = path.resolve(directory);
  const temporary = `${target}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await mkdir(temporary, { recursive: true }).catch((error: unknown) => {
      throw new GraftError(`Cannot write ${target}: ${messageOf(error)}`, {
        action: 'Choose another folder.',
        cause: error,
      });
    });
    const { topology, weights } = await layersModelFiles(trained.model);
    const hash = createHash('sha256').update(weights).digest('hex');
    await writeAtomic(path.join(temporary, shardName), weights);
    await writeAtomic(path.join(temporary, 'model.json'), topology);
    await writeAtomic(path.join(temporary, 'graft.json'), `${JSON.stringify(infoOf(trained, hash), undefined, 2)}\n`);
    await replaceFolder(temporary, target);
    return hash;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** `model.json` and the bytes of its only shard. */
export async function layersModelFiles(model: tf.LayersModel): Promise<{ topology: string; weights: Uint8Array }> {
  let files: { topology: string; weights: Uint8Array } | undefined;
  await model.save(
    tf.io.withSaveHandler((artifacts) => {
      const data = artifacts.weightData;
      const parts = data === undefined ? [] : Array.isArray(data) ? data : [data];
      const weights = Buffer.concat(parts.map((part) => Buffer.from(part)));
      const manifest = {
        format: 'layers-model',
        generatedBy: artifacts.generatedBy,
        convertedBy: artifacts.convertedBy,
        modelTopology: artifacts.modelTopology,
        weightsManifest: [{ paths: [shardName], weights: artifacts.weightSpecs }],
      };
      files = { topology: JSON.stringify(manifest), weights };
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } });
    }),
  );
  if (files === undefined) throw new Error('TensorFlow.js gave nothing to save.');
  return files;
}

/**
 * Reads a folder that `saveModel` wrote.
 *
 * @throws GraftError when it is not one, or damaged.
 */
export async function loadModel(directory: string): Promise<TrainedModel> {
  const folder = path.basename(directory) === 'model.json' ? path.dirname(directory) : directory;
  const info = await readInfo(path.join(folder, 'graft.json'));
  const { model, hash } = await readTfjsModel(path.join(folder, 'model.json'));
  if (hash !== info.hashes.weights) {
    disposeModel(model);
    throw new GraftError(
      `The weights in ${folder} are not those that were saved: their hash differs from graft.json.`,
      {
        action: 'The folder is damaged or was edited: copy it again or train again.',
      },
    );
  }
  const { classes, size, resize, preprocessing, base, loss, technique, frozenUpTo, metrics, run, seed, hashes } = info;
  registerBase(model, { name: path.basename(path.resolve(folder)), preprocessing, weights: folder, hash });
  return {
    ...{ model, classes, size, resize, preprocessing, base, technique, metrics, run, seed },
    ...(frozenUpTo === undefined ? {} : { frozenUpTo }),
    ...(loss === undefined ? {} : { loss }),
    dataHash: hashes.data,
  };
}

/** Reads a folder that `saveModel` wrote, for as long as it is used. */
export async function withModel<T>(directory: string, use: (trained: TrainedModel) => Promise<T>): Promise<T> {
  const trained = await loadModel(directory);
  try {
    return await use(trained);
  } finally {
    disposeModel(trained.model);
  }
}

async function replaceFolder(from: string, to: string): Promise<void> {
  const old = `${to}.${randomBytes(4).toString('hex')}.old`;
  const hadOld = await rename(to, old).then(
    () => true,
    () => false,
  );
  try {
    await rename(from, to);
  } catch (error) {
    if (hadOld) await rename(old, to);
    throw new GraftError(`Cannot write ${to}: ${messageOf(error)}`, { action: 'Choose another folder.', cause: error });
  }
  if (hadOld) await rm(old, { recursive: true, force: true });
}

function infoOf(trained: TrainedModel, weights: string): SavedInfo {
  const { classes, size, resize, preprocessing, base, technique, metrics, run, seed, dataHash } = trained;
  const { frozenUpTo, loss = 'categoricalCrossentropy' } = trained;
  const frozen = frozenUpTo === undefined ? {} : { frozenUpTo };
  const rest = { classes, size, resize, preprocessing, base, loss, technique, ...frozen, metrics, run, seed };
  return { format, kind: 'image', ...rest, hashes: { data: dataHash, weights }, created: new Date().toISOString() };
}

async function readInfo(file: string): Promise<SavedInfo> {
  const wrong = (reason: string, cause?: unknown) =>
    new GraftError(`${file} does not describe a Graft model: ${reason}.`, {
      action: 'Give a folder that saveModel wrote.',
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw wrong(messageOf(error), error);
  }
  if (typeof value !== 'object' || value === null) throw wrong('it is not an object');
  const { format: version, classes, size, preprocessing, resize, loss, hashes } = value as Record<string, unknown>;
  if (version !== format) throw wrong(`its format is ${JSON.stringify(version)}, this version reads ${format}`);
  if (!Array.isArray(classes) || classes.some((name) => typeof name !== 'string'))
    throw wrong('its classes are not a list of names');
  if (!Array.isArray(size) || size.length !== 2 || size.some((side) => !Number.isInteger(side)))
    throw wrong('its size is not [height, width]');
  if (!preprocessings.some((known) => known === preprocessing)) throw wrong('its preprocessing is not known');
  if (resize !== 'crop' && resize !== 'pad' && resize !== 'stretch') throw wrong('its resize is not known');
  if (loss !== undefined && !lossNames.some((known) => known === loss)) throw wrong('its loss is not known');
  if (typeof hashes !== 'object' || hashes === null) throw wrong('it has no hashes');
  return value as SavedInfo;
}
