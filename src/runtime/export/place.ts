import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import { isPlainObject } from '../../common/check-options.js';
import { GraftError } from '../../common/errors.js';
import { readJsonFile } from '../../common/read-file.js';
import { readInfo } from '../../runs/read.js';
import { runsFolder } from '../../runs/run-folder.js';

const maxBytes = 16e6;

/**
 * What lies where a model is to be saved: the run whose model it is, `unknown` for an older model of nobody knows whom, undefined for
 * nothing.
 *
 * @param saver script: relative to the workspace.
 * @throws GraftError for a file, a folder of other things, and the model of another script that may not be replaced.
 */
export async function modelInPlace(
  target: string,
  saver: { readonly script: string; readonly workspace: string; readonly overwrite: boolean },
): Promise<string | undefined> {
  await checkFolder(target);
  const names: readonly string[] = await readdir(target).catch(() => []);
  if (names.length === 0) return undefined;
  if (!names.includes('graft.json')) {
    const some = names.slice(0, 3).join(', ');
    throw new GraftError(`${target} is no place for a model: it holds ${some}${names.length > 3 ? ', …' : ''}.`, {
      action: `Save into a folder of its own: ${path.join(target, 'model')}`,
    });
  }
  const value = await readJsonFile(path.join(target, 'graft.json'), maxBytes).catch(() => undefined);
  const { run, script } = isPlainObject(value) ? value : {};
  const id = typeof run === 'string' ? run : 'unknown';
  const maker = typeof script === 'string' ? script : await scriptOf(id, saver.workspace);
  if (saver.overwrite || maker === undefined || maker === saver.script) return id;
  throw new GraftError(`${target} holds the model of another script, ${maker} (run ${id}).`, {
    action: 'Save to another folder, or replace it on purpose: saveModel(…, …, { overwrite: true })',
  });
}

/** A path through a file cannot be made. */
async function checkFolder(target: string): Promise<void> {
  for (let folder = target; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const entry = await stat(folder).catch(() => undefined);
    if (entry === undefined) continue;
    if (entry.isDirectory()) return;
    throw new GraftError(`${target} cannot be made: ${folder} is a file.`, { action: 'Choose another folder.' });
  }
}

/** Models of 0.1.0 name their run alone. */
async function scriptOf(run: string, workspace: string): Promise<string | undefined> {
  // It comes from a file: a name, not a path.
  if (!/^[\w-]+$/.test(run)) return undefined;
  const info = await readInfo(path.join(runsFolder(workspace), run)).catch(() => undefined);
  return info === undefined ? undefined : path.relative(workspace, info.script).split(path.sep).join('/');
}
