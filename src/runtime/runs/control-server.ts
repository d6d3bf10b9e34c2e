import { rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

import type { ControlReply, ControlRequest } from '../../protocol/index.js';

const requestTypes: ReadonlySet<string> = new Set([
  'stop',
  'pause',
  'continue',
  'checkpoint',
] satisfies ControlRequest['type'][]);

/** Where the process with this nonce listens: a named pipe on Windows; elsewhere a short path, since a socket's may have 104 bytes. */
export function socketPath(nonce: string): string {
  return process.platform === 'win32' ? `\\\\.\\pipe\\graft-${nonce}` : path.join(os.tmpdir(), `graft-${nonce}.sock`);
}

/** What people asked of the run; the training loop looks at it between two steps. */
export class Control {
  stopRequested = false;
  paused = false;
  checkpointRequested = false;
  #wake: (() => void) | undefined;

  /** Paused, and not asked to stop. */
  isWaiting(): boolean {
    return this.paused && !this.stopRequested;
  }

  handle(type: ControlRequest['type']): void {
    if (type === 'stop') this.stopRequested = true;
    if (type === 'pause') this.paused = true;
    if (type === 'continue') this.paused = false;
    if (type === 'checkpoint') this.checkpointRequested = true;
    this.#wake?.();
  }

  /** Resolves at the next request. */
  async changed(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** Listens for requests, one JSON object a line, each answered. Does not keep the process alive. */
export async function startControlServer(nonce: string, control: Control): Promise<net.Server | undefined> {
  const server = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.unref();
    createInterface({ input: socket })
      // It passes on what the socket says: a window that goes away before the answer must not end the training.
      .on('error', () => undefined)
      .on('line', (line) => {
        socket.write(`${JSON.stringify(answer(line, nonce, control))}\n`);
      });
  });
  server.unref();
  return await new Promise((resolve) => {
    // Without a socket the run goes on: it can still be stopped by a signal.
    server.once('error', () => {
      resolve(undefined);
    });
    server.listen(socketPath(nonce), () => {
      process.once('exit', () => {
        if (process.platform !== 'win32') rmSync(socketPath(nonce), { force: true });
      });
      resolve(server);
    });
  });
}

function answer(line: string, nonce: string, control: Control): ControlReply {
  const request = parse(line);
  if (request === undefined) return { id: -1, ok: false, message: `Not a request: ${line.slice(0, 200)}` };
  if (request.nonce !== nonce) return { id: request.id, ok: false, message: 'This process belongs to another run.' };
  control.handle(request.type);
  return { id: request.id, ok: true };
}

function parse(line: string): ControlRequest | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return undefined;
    const { id, nonce, type } = value as Record<string, unknown>;
    if (typeof id !== 'number' || typeof nonce !== 'string' || typeof type !== 'string' || !requestTypes.has(type))
      return undefined;
    return { id, nonce, type: type as ControlRequest['type'] };
  } catch {
    return undefined;
  }
}
