import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import type { Prediction } from '../../protocol/index.js';
import { decodeFile, listPictures, lookAtStrangers, thumbnail } from '../data/index.js';
import { GraftError, messageOf, nearest } from '../../common/errors.js';
import { isMissing } from '../../common/files.js';
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
      await checkThere(file);
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

/** @throws GraftError for what is not there: the nearest name is suggested. */
async function checkThere(file: string): Promise<void> {
  const missing = await stat(file).then(
    () => false,
    (error: unknown) => isMissing(error),
  );
  if (!missing) return;
  const folder = path.dirname(file);
  const guess = nearest(path.basename(file), await readdir(folder).catch(() => []));
  throw new GraftError(`There is no file ${file}.`, {
    action: guess === undefined ? 'Check the path.' : `Did you mean ${path.join(folder, guess)}?`,
  });
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
      const others: string[] = [];
      const pictures = await listPictures(file, [], undefined, others);
      pictures.push(...(await lookAtStrangers(others)).pictures);
      if (pictures.length === 0)
        throw new GraftError(`There are no pictures in ${file}.`, {
          action: 'Give picture files, or a folder of them.',
        });
      expanded.push(...pictures);
    }
  }
  return expanded;
}
