import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import type { Prediction } from '../../protocol/index.js';
import { type DataKind, kindOf } from '../data/index.js';
import { GraftError, messageOf, nearest } from '../../common/errors.js';
import { isMissing } from '../../common/files.js';
import { taskOf } from '../tasks/index.js';
import { openModel, type OpenModel } from './open-model.js';

export interface PredictOptions {
  /** Side of a small picture to return with each, in pixels; default none. */
  readonly thumbnails?: number | undefined;
  /** Ends it between two files. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Says what files are. A file that cannot be read has an `error` instead of an answer.
 *
 * @param files pictures, say, or folders of them.
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
  const kind = kindOf(trained);
  for (const file of await expand(kind, files)) {
    signal?.throwIfAborted();
    try {
      await checkThere(file);
      const outputs = await predictor.predict([await kind.readFile(file, trained)]);
      const said = taskOf(trained).say(outputs, trained.classes, trained.thresholds);
      const small = thumbnails === undefined ? {} : { thumbnail: await thumbnailOf(kind, file, thumbnails) };
      predictions.push({ file, ...said, ...small });
    } catch (error) {
      predictions.push({ file, error: explain(error) });
    }
  }
  return predictions;
}

async function thumbnailOf(kind: DataKind, file: string, side: number): Promise<string> {
  const jpeg = await kind.show(kind.fileSource(file), side);
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

async function expand(kind: DataKind, files: readonly string[]): Promise<string[]> {
  const expanded: string[] = [];
  for (const file of files) {
    const isFolder = await stat(file).then(
      (entry) => entry.isDirectory(),
      () => false,
    );
    if (!isFolder) expanded.push(file);
    else {
      const listed = await kind.list(file);
      if (listed.length === 0)
        throw new GraftError(`There are no ${kind.words.many} in ${file}.`, {
          action: `Give ${kind.words.one} files, or a folder of them.`,
        });
      expanded.push(...listed);
    }
  }
  return expanded;
}
