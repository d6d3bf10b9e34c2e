import { execFileSync } from 'node:child_process';

import { temporaryFolder } from './pictures.js';

/** Whether a small disk can be mounted here, to be filled. */
export function canMount(): boolean {
  const folder = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
