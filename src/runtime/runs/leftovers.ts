import { lstat, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

import { temporaryName } from '../files.js';
import { isRunAlive } from './alive.js';
import { readInfo } from './read.js';
import { runsFolder } from './run-folder.js';

/** Files of a run that goes on, which its end takes away. */
const reserves: ReadonlySet<string> = new Set(['room', 'reserve']);

/**
 * Clears what killed runs of a workspace have left: files that were not whole yet, and what they kept against a full disk. Only in
 * folders that are runs, only names that Graft gives, never through a link.
 *
 * @param folder of the run that begins: it may lie elsewhere, and nobody else executes it.
 */
export async function clearLeftovers(workspace: string, folder: string): Promise<void> {
  const parent = runsFolder(workspace);
  const names = (await isFolder(parent)) ? await readdir(parent).catch(() => []) : [];
  const others = names.map((name) => path.join(parent, name)).filter((other) => other !== folder);
  for (const run of [folder, ...others]) {
    if (!(await isFolder(run))) continue;
    const info = await readInfo(run).catch(() => undefined);
    if (info === undefined || (run !== folder && (await isRunAlive(run, info)))) continue;
    await clear(run, (name) => reserves.has(name) || temporaryName.test(name));
    for (const part of ['checkpoints', 'model'])
      if (await isFolder(path.join(run, part))) await clear(path.join(run, part), (name) => temporaryName.test(name));
  }
}

async function clear(folder: string, isLeft: (name: string) => boolean): Promise<void> {
  for (const name of await readdir(folder).catch(() => []))
    if (isLeft(name)) await rm(path.join(folder, name), { recursive: true, force: true }).catch(() => undefined);
}

async function isFolder(folder: string): Promise<boolean> {
  return await lstat(folder).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}
