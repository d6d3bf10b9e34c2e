import path from 'node:path';

import { GraftError, messageOf } from '../../../common/errors.js';
import { digestsOf } from '../../../common/hash.js';
import { readJsonFile } from '../../../common/read-file.js';
import type { WeightFile } from '../definition.js';
import { readH5 } from '../files/h5-file.js';
import { readKeras } from '../files/keras-file.js';

/** What a file of that name must be, to whoever reads it. */
const readers: Readonly<Record<string, (file: string) => Promise<unknown>>> = {
  '.h5': readH5,
  '.keras': readKeras,
  '.json': (file) => readJsonFile(file),
};

/**
 * Looks whether a file can be the one that was asked for: by its published hash, or, where there is none, by reading it whole.
 *
 * @param name decides how it is read.
 * @returns its SHA-256, and what is wrong with it, as the end of a sentence.
 */
export async function checkWeights(
  { hash }: WeightFile,
  file: string,
  name: string,
): Promise<{ readonly sha256: string; readonly problem: string | undefined }> {
  const digests = await digestsOf(file, ['sha256', ...(hash === undefined ? [] : [hash.algorithm])]);
  const sha256 = digests.get('sha256') ?? '';
  if (hash === undefined) return { sha256, problem: await structureProblem(file, name) };
  const digest = digests.get(hash.algorithm);
  const problem = digest === hash.digest ? undefined : `its ${hash.algorithm} is ${digest ?? ''}, not ${hash.digest}`;
  return { sha256, problem };
}

async function structureProblem(file: string, name: string): Promise<string | undefined> {
  const read = readers[path.extname(name).toLowerCase()];
  if (read === undefined) return `nothing is known that could check a ${path.extname(name)} file`;
  try {
    await read(file);
    return undefined;
  } catch (error) {
    if (!(error instanceof GraftError)) return messageOf(error);
    return error.message.replace(`${file} `, 'it ').replace(/\.$/, '');
  }
}
