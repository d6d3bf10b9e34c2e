import { lstat } from 'node:fs/promises';
import path from 'node:path';

import { GraftError } from '../errors.js';

/** @throws GraftError where something is already, and nobody has said that it may go. */
export async function checkFree(file: string, force = false): Promise<void> {
  if (force) return;
  const entry = await lstat(path.resolve(file)).catch(() => undefined);
  if (entry === undefined) return;
  throw new GraftError(`${file} is already there.`, { action: 'Give another name, or replace it with --force.' });
}
