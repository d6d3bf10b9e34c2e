import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';

import { temporaryName } from '../../common/files.js';
import { processRuns } from '../../runs/process/identity.js';

/**
 * Deletes what killed processes have left in a folder that others may be writing to: what belongs to a process that goes on stays.
 *
 * @param target only what was to become this file or folder. Default: whatever is there.
 */
export async function clearAbandoned(folder: string, target?: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, whole, pid] = temporaryName.exec(name) ?? [];
    if (pid === undefined || (target !== undefined && whole !== target) || (await processRuns(Number(pid)))) continue;
    await rm(path.join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
}
