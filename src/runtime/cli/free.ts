import { GraftError } from '../../common/errors.js';
import { isThere } from '../../common/files.js';

/** @throws GraftError where something is already, and nobody has said that it may go. */
export async function checkFree(file: string, force = false): Promise<void> {
  if (force || !(await isThere(file))) return;
  throw new GraftError(`${file} is already there.`, { action: 'Give another name, or replace it with --force.' });
}
