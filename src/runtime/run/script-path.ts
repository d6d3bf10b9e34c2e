import { existsSync } from 'node:fs';
import path from 'node:path';

import type { Run } from './run.js';

const told = new WeakMap<Run, Set<string>>();

/**
 * A path of the script that is read from: relative to the script's folder, as a reader of the script expects. Where there is nothing, and
 * there is something under the workspace, where scripts of 0.1.0 started, it is that; it is said once.
 */
export function pathToRead(run: Run, given: string): string {
  const { script, workspace } = run.info;
  const folder = path.dirname(path.resolve(workspace, script));
  if (path.isAbsolute(given) || folder === path.resolve(workspace)) return given;
  const own = path.resolve(folder, given);
  const other = path.resolve(workspace, given);
  if (existsSync(own) || !existsSync(other)) return path.relative(process.cwd(), own) || '.';
  const before = told.get(run) ?? new Set();
  told.set(run, before);
  if (!before.has(given)) {
    run.warn(
      `${given} is not in the folder of ${path.basename(script)}, so ${other} is read.`,
      `Paths are relative to the script: write ${path.relative(folder, other).split(path.sep).join('/')}`,
    );
  }
  before.add(given);
  return path.relative(process.cwd(), other) || '.';
}

/** A path of the script that is written to. */
export function pathToWrite({ info: { script, workspace } }: Run, given: string): string {
  return path.resolve(path.dirname(path.resolve(workspace, script)), given);
}
