import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';

import { fileHash } from '../../common/hash.js';
import { disposeModel } from '../bases/dispose.js';
import { examplesName } from '../bases/saved/saved-examples.js';
import { readJsonFile } from '../../common/read-file.js';
import { predictorOf, type Predictor } from './predict.js';
import { loadModel } from './saved-model.js';
import type { TrainedModel } from './types.js';

/** A saved model that is ready to compute. */
export interface OpenModel {
  readonly trained: TrainedModel;
  readonly predictor: Predictor;
  close(): Promise<void>;
}

/** @throws GraftError for a folder that `saveModel` did not write, or that is damaged. */
export async function openModel(directory: string): Promise<OpenModel> {
  const trained = await loadModel(directory);
  try {
    const predictor = predictorOf(trained);
    const close = async () => {
      disposeModel(trained.model);
      await predictor.dispose();
    };
    return { trained, predictor, close };
  } catch (error) {
    disposeModel(trained.model);
    throw error;
  }
}

/**
 * Keeps the model that was used last, for as long as its files hold the same bytes: one picture after the other is given to one
 * model, and to read and compile it takes fifty times as long as to look at a picture.
 */
export class ModelKeeper {
  #kept: { readonly content: string; readonly model: OpenModel } | undefined;

  /** One use at a time. */
  async use<T>(directory: string, work: (model: OpenModel) => Promise<T>): Promise<T> {
    const content = await contentHash(directory);
    if (content !== undefined && content === this.#kept?.content) return await work(this.#kept.model);
    await this.drop();
    const model = await openModel(directory);
    // What was changed while it was read is not kept under a hash of something else.
    if (content !== undefined && content === (await contentHash(directory))) this.#kept = { content, model };
    try {
      return await work(model);
    } finally {
      if (this.#kept?.model !== model) await model.close();
    }
  }

  async drop(): Promise<void> {
    const kept = this.#kept;
    this.#kept = undefined;
    await kept?.model.close();
  }
}

/** A hash of all that is read of a saved model; undefined where that cannot be told, which loading it explains. */
async function contentHash(directory: string): Promise<string | undefined> {
  const folder = path.resolve(path.basename(directory) === 'model.json' ? path.dirname(directory) : directory);
  try {
    const manifest = (await readJsonFile(path.join(folder, 'model.json'))) as {
      weightsManifest: { paths: string[] }[];
    };
    const known = [examplesName].filter((name) => existsSync(path.join(folder, name)));
    const names = [...known, 'graft.json', 'model.json', ...manifest.weightsManifest.flatMap(({ paths }) => paths)];
    const hash = createHash('sha256');
    for (const name of names) {
      const file = path.resolve(folder, name);
      if (!file.startsWith(folder + path.sep)) return undefined;
      hash.update(`${await fileHash(file)} ${name}\n`);
    }
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}
