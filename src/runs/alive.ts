import { lstat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import type { RunInfo } from '../protocol/index.js';
import { machineIdentity, processRuns } from './process/identity.js';
import { findOwner, stillRuns } from './owner.js';

/** A training process touches its `heartbeat` file every 2 s. */
const staleMs = 10_000;
/** The disk that both see may tell it a minute later of another machine, and the clocks may differ. */
const staleElsewhereMs = 150_000;

/**
 * Whether a run goes on. Its process says so in the folder of our own (`owner.ts`), and the heartbeat in the run's folder; nothing is
 * connected to and nothing signalled, since a run's folder may have come from anywhere. Of a run of another machine the heartbeat is all
 * that can be seen.
 */
export async function isRunAlive(folder: string, info: Pick<RunInfo, 'pid' | 'nonce' | 'host'>): Promise<boolean> {
  const found = await findOwner(folder, info.nonce);
  if (found === undefined && isElsewhere(info)) return await hasPulse(folder, staleElsewhereMs);
  // It is of an older version, or its process has another temporary folder.
  if (found === undefined) return (await processRuns(info.pid)) && (await hasPulse(folder));
  const { owner } = found;
  // In another container: its number means nothing here.
  if (owner.machine !== (await machineIdentity())) return await hasPulse(folder);
  // Elsewhere than on Linux, to know when a process started takes another process: not several times a second.
  const isSure = process.platform === 'linux' || !(await hasPulse(folder));
  return isSure ? await stillRuns(owner) : await processRuns(owner.pid);
}

/** Whether another machine executes a run, as far as its run.json can be believed. */
export function isElsewhere({ host }: Pick<RunInfo, 'host'>): boolean {
  return host !== undefined && host !== os.hostname();
}

async function hasPulse(folder: string, longest = staleMs): Promise<boolean> {
  // Not through a link: to a clock file of the system, it would beat for ever.
  return await lstat(path.join(folder, 'heartbeat')).then(
    (entry) => entry.isFile() && Math.abs(Date.now() - entry.mtimeMs) < longest,
    () => false,
  );
}
