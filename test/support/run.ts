import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { endRun, forgetCurrentRun, openCurrentRun } from '../../src/runtime/run/current.js';
import type { Run } from '../../src/runtime/run/run.js';

/**
 * Works in a run of its own, as a script does.
 *
 * @param id the name of the run's folder in the workspace.
 */
export async function inRun<T>(workspace: string, work: (run: Run) => Promise<T>, id = 'r1'): Promise<T> {
  const folder = path.join(workspace, '.graft/runs', id);
  const script = path.join(workspace, 'a.ts');
  writeFileSync(script, '');
  const run = await openCurrentRun({
    ...{ folder, script, arguments: [], workspace, engine: 'auto', purpose: 'train', resumed: false },
  });
  try {
    return await work(run);
  } finally {
    endRun(run);
    forgetCurrentRun();
  }
}
