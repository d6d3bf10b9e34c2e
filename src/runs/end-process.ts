import { isSignalTarget } from '../protocol/index.js';
import { killTree } from './process/kill-tree.js';
import { findOwner, stillRuns } from './owner.js';

/** How the process of a run is ended that does not stop when asked. */
export type Force = 'terminate' | 'kill';

/**
 * Ends the process of a run, and for `kill` all that it started, where there is proof that it is the run's own: its record in our folder,
 * and its start time. Looked at anew each time: between two calls another process may have got its number.
 *
 * @returns the process; undefined where there is no proof, and nothing was done.
 */
export async function endProcess(folder: string, nonce: string, force: Force): Promise<number | undefined> {
  const found = await findOwner(folder, nonce);
  if (found === undefined || !isSignalTarget(found.owner.pid) || !(await stillRuns(found.owner))) return undefined;
  const { pid } = found.owner;
  if (force === 'kill') await killTree(pid);
  else {
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      // It has just ended.
    }
  }
  return pid;
}
