import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, realpath, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import { hasShape, isNonce, isPath, isProcessId, isText } from '../protocol/index.js';
import { machineIdentity, processState } from './process/identity.js';
import { readJsonFile } from '../common/read-file.js';
import { makeOwnFolder, ownFolders } from './own-folder.js';

/**
 * Who executes a run: written by the training process itself into the folder of our own, under the nonce of its run.json. A run.json may
 * have come with a download and name any process; this cannot.
 */
export interface Owner {
  readonly pid: number;
  /** `ProcessState.identity`. Undefined where the system does not tell: then nothing is ever signalled. */
  readonly identity?: string;
  /** Boot and PID namespace of the number. */
  readonly machine: string;
  /** The run's folder, without links: a copy of it, with the same nonce, is not this run. */
  readonly folder: string;
}

const isOwner = hasShape<Owner>({
  pid: isProcessId,
  identity: (value): value is string | undefined => value === undefined || isText(value),
  machine: isText,
  folder: isPath,
});
const longestRecord = 65_536;
/** What has no record, or none that can be read, may just be being written. */
const staleMs = 60_000;

/** Where the process with this nonce listens; `folder` is one of our own. */
function socketPath(folder: string, nonce: string): string {
  if (!isNonce(nonce)) throw new Error('A nonce is 16 hexadecimal digits.');
  return process.platform === 'win32' ? `\\\\.\\pipe\\graft-${nonce}` : path.join(folder, `${nonce}.sock`);
}

/**
 * Says that this process executes the run in `folder`, until it ends. Clears what killed ones have left.
 *
 * @returns the path to listen at; undefined where this user has no folder that is theirs alone.
 */
export async function claimRun(folder: string, nonce: string): Promise<string | undefined> {
  const own = makeOwnFolder();
  if (own === undefined) return undefined;
  await clearRecords(own);
  const socket = socketPath(own, nonce);
  const file = path.join(own, `${nonce}.json`);
  const owner: Owner = { pid: process.pid, machine: await machineIdentity(), folder: await realpath(folder) };
  write(file, owner);
  process.once('exit', () => {
    for (const one of process.platform === 'win32' ? [file] : [file, socket]) rmSync(one, { force: true });
  });
  const identify = async () => {
    const state = await processState(process.pid);
    if (state !== undefined) write(file, { ...owner, identity: state.identity });
  };
  // PowerShell takes a second.
  if (process.platform === 'win32') identify().catch(() => undefined);
  else await identify();
  return socket;
}

/**
 * The process that executes the run in `folder` as well, where there is one. Whoever asks after `claimRun` cannot miss another: of two that
 * begin at once, the later record is written when the earlier one is there. Both may find the other then.
 */
export async function otherOwner(folder: string): Promise<number | undefined> {
  const [whole, machine] = [await realpath(folder), await machineIdentity()];
  for (const own of ownFolders()) {
    for (const name of (await readdir(own).catch(() => [])).filter((one) => one.endsWith('.json'))) {
      const owner = await readOwner(path.join(own, name));
      if (owner?.folder !== whole || owner.machine !== machine || owner.pid === process.pid) continue;
      if (await stillRunsOrMay(owner)) return owner.pid;
    }
  }
  return undefined;
}

/** The record of the process that executes the run in this folder, and where it listens. Nothing is connected to. */
export async function findOwner(
  folder: string,
  nonce: string,
): Promise<{ readonly owner: Owner; readonly socket: string } | undefined> {
  if (!isNonce(nonce)) return undefined;
  const whole = await realpath(folder).catch(() => undefined);
  for (const own of ownFolders()) {
    const owner = await readOwner(path.join(own, `${nonce}.json`));
    if (owner !== undefined && owner.folder === whole) return { owner, socket: socketPath(own, nonce) };
  }
  return undefined;
}

/** Whether the process of a record still runs: it, not another one that got its number. */
export async function stillRuns({ pid, identity }: Owner): Promise<boolean> {
  const state = await processState(pid);
  return state !== undefined && !state.isZombie && state.identity === identity;
}

async function readOwner(file: string): Promise<Owner | undefined> {
  const value = await readJsonFile(file, longestRecord).catch(() => undefined);
  return isOwner(value) ? value : undefined;
}

/** Records and sockets of processes that were killed. Those of another container on this machine are left to it. */
async function clearRecords(own: string): Promise<void> {
  const machine = await machineIdentity();
  const names = await readdir(own).catch(() => []);
  const nonces = new Set(names.map((name) => name.split('.', 1)[0] ?? '').filter(isNonce));
  for (const nonce of nonces) {
    const owner = await readOwner(path.join(own, `${nonce}.json`));
    const isOver =
      owner === undefined
        ? await isOld(path.join(own, names.find((name) => name.startsWith(nonce)) ?? nonce))
        : isOtherBoot(owner.machine, machine) || (owner.machine === machine && !(await stillRunsOrMay(owner)));
    if (!isOver) continue;
    for (const end of ['json', 'json.tmp', 'sock'])
      await rm(path.join(own, `${nonce}.${end}`), { force: true }).catch(() => undefined);
  }
}

/** One that has not said when it started may be any that has its number. */
async function stillRunsOrMay(owner: Owner): Promise<boolean> {
  const state = await processState(owner.pid);
  return state !== undefined && !state.isZombie && (owner.identity === undefined || state.identity === owner.identity);
}

function isOtherBoot(machine: string, ours: string): boolean {
  return machine.split(' ', 1)[0] !== ours.split(' ', 1)[0];
}

async function isOld(file: string): Promise<boolean> {
  return await stat(file).then(
    ({ mtimeMs }) => Date.now() - mtimeMs > staleMs,
    () => false,
  );
}

function write(file: string, owner: Owner): void {
  writeFileSync(`${file}.tmp`, JSON.stringify(owner), { mode: 0o600 });
  renameSync(`${file}.tmp`, file);
}
