import { rm } from 'node:fs/promises';
import path from 'node:path';

import { registerBase } from '../bases/base.js';
import { disposeModel } from '../bases/dispose.js';
import { readSavedFolder } from '../bases/saved/saved-folder.js';
import { examplesName, examplesText } from '../bases/saved/saved-examples.js';
import { savedInfoText, type SavedInfo } from '../bases/saved/saved-info.js';
import { GraftError, messageOf } from '../../common/errors.js';
import { makeFolder, temporaryFor, writeAtomic } from '../../common/files.js';
import { sha256 } from '../../common/hash.js';
import { clearAbandoned } from '../run/leftovers.js';
import { dataKinds, kindOf } from '../data/index.js';
import { tf } from '../tf.js';
import { replaceFolder } from './place-files.js';
import type { TrainedModel } from './types.js';

const shardName = 'weights.bin';

/**
 * Saves a trained model as a folder: `model.json` and its weights (a TensorFlow.js layers model), and `graft.json`. An
 * older model there is replaced only when the new one is whole; what else lay beside it stays.
 *
 * @param script what saves it, relative to the workspace.
 *
 * @returns SHA-256 (hex) of the weights.
 * @throws GraftError when the disk is full or the folder cannot be written; the old model is then untouched.
 */
export async function saveTrained(trained: TrainedModel, directory: string, script?: string): Promise<string> {
  const target = path.resolve(directory);
  const temporary = temporaryFor(target);
  await clearAbandoned(path.dirname(target), path.basename(target));
  try {
    await makeFolder(temporary).catch((error: unknown) => {
      throw new GraftError(`Cannot write ${target}: ${messageOf(error)}`, {
        action: 'Choose another folder.',
        cause: error,
      });
    });
    const { topology, weights } = await layersModelFiles(trained.model);
    const [hash, modelHash] = [sha256(weights), sha256(topology)];
    const examples = trained.examples && examplesText(trained.examples);
    await writeAtomic(path.join(temporary, shardName), weights);
    await writeAtomic(path.join(temporary, 'model.json'), topology);
    if (examples !== undefined) await writeAtomic(path.join(temporary, examplesName), examples);
    const hashes = {
      weights: hash,
      model: modelHash,
      ...(examples === undefined ? {} : { examples: sha256(examples) }),
    };
    await writeAtomic(path.join(temporary, 'graft.json'), infoText(trained, hashes, script));
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
        ...(artifacts.userDefinedMetadata === undefined ? {} : { userDefinedMetadata: artifacts.userDefinedMetadata }),
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
  const { info, model, hash, examples } = await readSavedFolder(folder);
  const {
    kind,
    task,
    thresholds,
    deviations,
    classes,
    size,
    resize,
    preprocessing,
    base,
    loss,
    technique,
    frozenUpTo,
    metrics,
    run,
    seed,
    hashes,
  } = info;
  const known = task === undefined ? {} : { task };
  const saved = { ...known, classes, resize, examples, whole: true };
  registerBase(model, { name: path.basename(path.resolve(folder)), preprocessing, weights: folder, hash, saved });
  return {
    ...{ kind: dataKinds[kind], model, classes, size, resize, preprocessing, base, technique, metrics, run, seed },
    ...(task === undefined ? {} : { task }),
    ...(thresholds === undefined ? {} : { thresholds }),
    ...(deviations === undefined ? {} : { deviations }),
    ...(frozenUpTo === undefined ? {} : { frozenUpTo }),
    ...(loss === undefined ? {} : { loss }),
    ...(examples === undefined ? {} : { examples }),
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

function infoText(trained: TrainedModel, hashes: Omit<SavedInfo['hashes'], 'data'>, script?: string): string {
  const { classes, size, resize, preprocessing, base, technique, metrics, run, seed, dataHash } = trained;
  const { task = 'classification', thresholds, deviations, frozenUpTo, loss = 'categoricalCrossentropy' } = trained;
  // A version that knows no other task reads it too.
  const learnt =
    task === 'classification'
      ? {}
      : {
          task,
          ...(thresholds === undefined ? {} : { thresholds }),
          ...(deviations === undefined ? {} : { deviations }),
        };
  const frozen = frozenUpTo === undefined ? {} : { frozenUpTo };
  const made = script === undefined ? {} : { script };
  const rest = {
    kind: kindOf(trained).name,
    ...learnt,
    classes,
    size,
    resize,
    preprocessing,
    base,
    loss,
    technique,
    ...frozen,
    metrics,
    run,
    ...made,
    seed,
  };
  return savedInfoText({ ...rest, hashes: { data: dataHash, ...hashes }, created: new Date().toISOString() });
}
