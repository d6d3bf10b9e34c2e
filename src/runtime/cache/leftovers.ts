import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';

import { processRuns } from '../process/identity.js';

/** As `writeAtomic` names what is not whole yet, with the number of the process that writes it. */
const temporaryName = /\.(\d+)\.[0-9a-f]{8}\.tmp$/;

/** Deletes what killed processes have left in a folder that others may be writing to: what belongs to a process that goes on stays. */
export async function clearLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, pid] = temporaryName.exec(name) ?? [];
    if (pid !== undefined && !(await processRuns(Number(pid))))
      await rm(path.join(folder, name), { force: true }).catch(() => undefined);
  }
}
