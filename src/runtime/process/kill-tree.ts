import { execFile } from 'node:child_process';

/** Ends a process that `launchTraining` started and all that it started, at once. */
export async function killTree(pid: number): Promise<void> {
  if (process.platform === 'win32') {
    await new Promise<void>((resolve) => {
      // It fails only for a process that has ended.
      execFile('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true }, () => {
        resolve();
      });
    });
    return;
  }
  // A detached process leads a group of its own; one that was started otherwise does not.
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL');
      return;
    } catch {
      // No such group, or it has ended.
    }
  }
}
