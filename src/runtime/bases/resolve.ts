import { existsSync } from 'node:fs';

import { GraftError, nearest } from '../../common/errors.js';
import type { tf } from '../tf.js';
import { baseFileNames } from './files/model-files.js';
import { knownBase, knownBases } from './known.js';
import { loadBase } from './load-base.js';

/**
 * A base by its name or by the path of a model file, without a classifier.
 *
 * @throws GraftError for a name that is neither; the nearest one is suggested.
 */
export async function resolveBase(name: string): Promise<tf.LayersModel> {
  const known = knownBase(name);
  if (known !== undefined) return await known.open();
  checkFile(name);
  return await loadBase(name);
}

/** @throws GraftError for what is no file; the base that was meant is suggested. */
export function checkFile(name: string): void {
  if (existsSync(name)) return;
  const names = knownBases.map((base) => base.name);
  const guess = nearest(name, names);
  throw new GraftError(`"${name}" is neither a base that Graft knows nor a file.`, {
    action:
      guess === undefined
        ? `Use one that graft bases lists, for instance ${names.slice(0, 3).join(', ')}, or the path of a model file: ${baseFileNames}.`
        : `Did you mean ${guess}?`,
  });
}
