import { lstat } from 'node:fs/promises';
import path from 'node:path';

import type { RunInfo } from '../protocol/index.js';
import { machineIdentity, processRuns } from './process/identity.js';
import { findOwner, stillRuns } from './owner.js';

/** A training process touches its `heartbeat` file every 2 s. */
const staleMs = 10_000;

/**
 * Whether a run goes on. Its process says so in the folder of our own (`owner.ts`), and the heartbeat in the run's folder; nothing is
 * connected to and nothing signalled, since a run's folder may have come from anywhere.
 */
export async function isRunAlive(folder: string, { pid, nonce }: Pick<RunInfo, 'pid' | 'nonce'>): Promise<boolean> {
  const found = await findOwner(folder, nonce);
  // Of an older version, or of a process with another temporary folder.
  if (found === undefined) return (await processRuns(pid)) && (await hasPulse(folder));
  const { owner } = found;
  // In another container: its number means nothing here.
  if (owner.machine !== (await machineIdentity())) return await hasPulse(folder);
  // Elsewhere than on Linux, to know when a process started takes another process: not several times a second.
  const isSure = process.platform === 'linux' || !(await hasPulse(folder));
  return isSure ? await stillRuns(owner) : await processRuns(owner.pid);
}

async function hasPulse(folder: string): Promise<boolean> {
  // Not through a link: to a clock file of the system, it would beat for ever.
  return await lstat(path.join(folder, 'heartbeat')).then(
    (entry) => entry.isFile() && Math.abs(Date.now() - entry.mtimeMs) < staleMs,
    () => false,
  );
}
