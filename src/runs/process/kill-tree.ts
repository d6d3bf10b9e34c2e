import { execFile } from 'node:child_process';

import { isSignalTarget } from '../../protocol/index.js';
import { processState, systemProgram } from './identity.js';

/**
 * Ends a process and all that it started, at once. Whoever calls this has started it, or has proof that it is the one that is meant
 * (`runs/owner.ts`): a number alone is none.
 *
 * @throws Error for what is no process of its own: 0, 1 and negative numbers mean groups of processes, or all of the machine.
 */
export async function killTree(pid: number): Promise<void> {
  if (!isSignalTarget(pid)) throw new Error(`${String(pid)} is not the number of a process that may be ended.`);
  if (process.platform === 'win32') {
    await new Promise<void>((resolve) => {
      // It fails only for a process that has ended.
      execFile(systemProgram('taskkill.exe'), ['/pid', String(pid), '/T', '/F'], { windowsHide: true }, () => {
        resolve();
      });
    });
    return;
  }
  const state = await processState(pid);
  if (state === undefined) return;
  try {
    // One that was started detached leads a group; the group of another one has strangers in it.
    process.kill(state.leadsGroup ? -pid : pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}
