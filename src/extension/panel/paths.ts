import path from 'node:path';

import { isInside } from '../../runtime/data/places.js';

/** A file as people write it: relative to the folder where it is inside, with forward slashes. */
export function shownPath(folder: string, file: string): string {
  if (folder === '' || !isInside(folder, file)) return file;
  return path.relative(folder, file).replaceAll(path.sep, '/') || '.';
}
