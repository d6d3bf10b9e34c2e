import net from 'node:net';

import { parseControlRequest, type ControlReply, type ControlRequest } from '../../protocol/index.js';
import { onLines } from './lines.js';

/** Windows, command lines and people: each closes its connection after an answer. */
const mostConnections = 16;
const idleMs = 10_000;
/** Answers that nobody reads. */
const mostUnread = 65_536;

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

/**
 * Listens for requests, one JSON object a line, each answered. Does not keep the process alive.
 *
 * @param path of `claimRun`: in a folder where nobody else can listen or connect.
 */
export async function startControlServer(
  path: string,
  nonce: string,
  control: Control,
): Promise<net.Server | undefined> {
  const server = net.createServer((socket) => {
    // A window that goes away before the answer must not end the training.
    socket.on('error', () => socket.destroy());
    socket.setTimeout(idleMs, () => socket.destroy());
    socket.unref();
    onLines(socket, (line) => {
      if (socket.writableLength > mostUnread) socket.destroy();
      else socket.write(`${JSON.stringify(answer(line, nonce, control))}\n`);
    });
  });
  server.maxConnections = mostConnections;
  server.unref();
  return await new Promise((resolve) => {
    // Without a socket the run goes on: it can still be stopped by a signal.
    server.once('error', () => {
      resolve(undefined);
    });
    server.listen(path, () => {
      resolve(server);
    });
  });
}

function answer(line: string, nonce: string, control: Control): ControlReply {
  const request = parseControlRequest(line);
  if (request === undefined) return { id: -1, ok: false, message: `Not a request: ${line.slice(0, 200)}` };
  if (request.nonce !== nonce) return { id: request.id, ok: false, message: 'This process belongs to another run.' };
  control.handle(request.type);
  return { id: request.id, ok: true };
}
