import { lstat, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

import { temporaryName } from '../common/files.js';
import { readRegularFile } from '../common/read-file.js';
import { isRunAlive } from './alive.js';
import { readInfo } from './read.js';
import { runsFolder } from './run-folder.js';

/** Files of a run that goes on, which its end takes away; `room` as a whole name is 0.1.0's. */
const reserves: ReadonlySet<string> = new Set(['room', 'reserve']);

/**
 * Clears what killed runs of a workspace have left: files that were not whole yet, and what they kept against a full disk. Only in
 * folders that are runs, only names that Graft gives, never through a link.
 *
 * @param folder of the run that begins: it may lie elsewhere, and nobody else executes it.
 */
export async function clearLeftovers(workspace: string, folder: string): Promise<void> {
  const parent = runsFolder(workspace);
  const others = (await named(parent, () => true)).filter((other) => other !== folder);
  for (const run of [folder, ...others]) {
    const left = await leftIn(run);
    // Nearly always: whether a run goes on need not be asked.
    if (left.length === 0) continue;
    if (run !== folder) {
      const info = await readInfo(run).catch(() => undefined);
      if (info === undefined || (await isRunAlive(run, info))) continue;
    }
    for (const file of left) await rm(file, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Whether a folder holds nothing but what a run makes before its run.json, each still without content: it was killed as it began. */
export async function isStillborn(folder: string): Promise<boolean> {
  const names = await named(folder, () => true);
  return (await Promise.all(names.map(isWithoutContent))).every(Boolean);
}

async function isWithoutContent(file: string): Promise<boolean> {
  const name = path.basename(file);
  const entry = await lstat(file).catch(() => undefined);
  if (name === 'checkpoints') return entry?.isDirectory() === true && (await readdir(file)).length === 0;
  if (entry?.isFile() !== true) return false;
  const whole = temporaryName.exec(name)?.[1];
  if (whole === 'run.json') return true;
  if (!reserves.has(whole ?? name)) return (name === 'output.log' || name === 'events.ndjson') && entry.size === 0;
  // Zeros or spaces: nobody else's.
  return (await readRegularFile(file, 65_536).catch(() => Buffer.of(1))).every((byte) => byte === 0 || byte === 32);
}

async function leftIn(run: string): Promise<string[]> {
  // A link in the middle of a path would be followed.
  if (!(await isFolder(run))) return [];
  const isLeft = (name: string) => temporaryName.test(name);
  const parts = ['checkpoints', 'model'].map((part) => named(path.join(run, part), isLeft));
  return (await Promise.all([named(run, (name) => reserves.has(name) || isLeft(name)), ...parts])).flat();
}

/** What is called so in a folder; nothing where that is a link, or none. */
async function named(folder: string, isIt: (name: string) => boolean): Promise<string[]> {
  if (!(await isFolder(folder))) return [];
  const names = await readdir(folder).catch((): string[] => []);
  return names.filter(isIt).map((name) => path.join(folder, name));
}

async function isFolder(folder: string): Promise<boolean> {
  return await lstat(folder).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}
