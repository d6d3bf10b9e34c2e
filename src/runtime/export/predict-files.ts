import { stat } from 'node:fs/promises';

import type { Prediction } from '../../protocol/index.js';
import { decodeFile, listPictures, thumbnail } from '../data/index.js';
import { GraftError, messageOf } from '../errors.js';
import { openModel, type OpenModel } from './open-model.js';

export interface PredictOptions {
  /** Side of a small picture to return with each, in pixels; default none. */
  readonly thumbnails?: number | undefined;
  /** Ends it between two pictures. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Says what is on pictures. A file that cannot be read has an `error` instead of classes.
 *
 * @param files pictures, or folders of pictures.
 */
export async function predictFiles(
  directory: string,
  files: readonly string[],
  options: PredictOptions = {},
): Promise<Prediction[]> {
  const model = await openModel(directory);
  try {
    return await predictWith(model, files, options);
  } finally {
    await model.close();
  }
}

/** The same with a model that is open already. */
export async function predictWith(
  { trained, predictor }: OpenModel,
  files: readonly string[],
  { thumbnails, signal }: PredictOptions = {},
): Promise<Prediction[]> {
  const predictions: Prediction[] = [];
  for (const file of await expand(files)) {
    signal?.throwIfAborted();
    try {
      const probabilities = await predictor.predict(await decodeFile(file, trained), 1);
      const classes = trained.classes
        .map((name, c) => ({ name, probability: probabilities[c] ?? 0 }))
        .sort((a, b) => b.probability - a.probability);
      const small = thumbnails === undefined ? {} : { thumbnail: await thumbnailOf(file, thumbnails) };
      predictions.push({ file, classes, ...small });
    } catch (error) {
      predictions.push({ file, error: explain(error) });
    }
  }
  return predictions;
}

async function thumbnailOf(file: string, side: number): Promise<string> {
  const jpeg = await thumbnail({ source: { kind: 'file', path: file } }, side);
  return jpeg.toString('base64');
}

function explain(error: unknown): string {
  return error instanceof GraftError ? `${error.message} ${error.action}` : messageOf(error);
}

async function expand(files: readonly string[]): Promise<string[]> {
  const expanded: string[] = [];
  for (const file of files) {
    const isFolder = await stat(file).then(
      (entry) => entry.isDirectory(),
      () => false,
    );
    if (!isFolder) expanded.push(file);
    else {
      const pictures = await listPictures(file);
      if (pictures.length === 0)
        throw new GraftError(`There are no pictures in ${file}.`, {
          action: 'Give picture files, or a folder of them.',
        });
      expanded.push(...pictures);
    }
  }
  return expanded;
}
