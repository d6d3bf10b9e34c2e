import { existsSync } from 'node:fs';

import { GraftError, nearest } from '../../common/errors.js';
import { baseFileNames } from './files/model-files.js';
import { knownBases } from './known.js';

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
