import net from 'node:net';
import { createInterface } from 'node:readline';

import type { ControlReply, ControlRequest, RunInfo } from '../../protocol/index.js';
import { GraftError, messageOf } from '../errors.js';

const timeoutMs = 5_000;

/**
 * Asks a running training process for something and waits for its answer (at most 5 s).
 *
 * @throws GraftError when nobody listens any more or the process refuses.
 */
export async function sendControl(
  info: Pick<RunInfo, 'id' | 'nonce' | 'socket'>,
  type: ControlRequest['type'],
): Promise<void> {
  const reply = await new Promise<ControlReply>((resolve, reject) => {
    const socket = net.connect(info.socket);
    const timer = setTimeout(() => {
      socket.destroy(new Error(`no answer within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    const request: ControlRequest = { id: 1, nonce: info.nonce, type };
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    socket.on('close', () => {
      clearTimeout(timer);
      reject(new Error('the process closed the connection'));
    });
    createInterface({ input: socket })
      .on('error', () => undefined)
      .on('line', (line) => {
        clearTimeout(timer);
        resolve(JSON.parse(line) as ControlReply);
        socket.end();
      });
  }).catch((error: unknown) => {
    throw new GraftError(`Run ${info.id} does not answer: ${messageOf(error)}.`, {
      action: `If its process has ended, continue it with: graft resume ${info.id}`,
      cause: error,
    });
  });
  if (!reply.ok) throw new GraftError(`Run ${info.id} refused: ${reply.message}`, { action: 'See: graft runs' });
}
