import { stat } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';

import type { RunInfo } from '../../protocol/index.js';

/** A training process touches its `heartbeat` file every 2 s. */
const staleMs = 10_000;
const connectMs = 2_000;

/**
 * Whether the process of a run is still there. The process id alone does not tell: another process may have got it. The
 * heartbeat does, and where that is old (the machine slept, or a long computation) the control socket, whose name has the
 * run's nonce in it.
 */
export async function isRunAlive(folder: string, { pid, socket }: Pick<RunInfo, 'pid' | 'socket'>): Promise<boolean> {
  if (!processExists(pid)) return false;
  const age = await stat(path.join(folder, 'heartbeat')).then(
    ({ mtimeMs }) => Math.abs(Date.now() - mtimeMs),
    () => Infinity,
  );
  return age < staleMs || (await listens(socket));
}

/** Whether a process with this id exists, whatever it is. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function listens(path: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = net.connect(path);
    const settle = (answer: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(settle, connectMs, false);
    socket.once('connect', () => {
      settle(true);
    });
    socket.once('error', () => {
      settle(false);
    });
  });
}
