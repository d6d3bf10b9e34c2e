import net from 'node:net';

import { parseControlReply, type ControlReply, type ControlRequest, type RunInfo } from '../../protocol/index.js';
import { GraftError, messageOf } from '../../common/errors.js';
import { isElsewhere } from '../alive.js';
import { onLines } from './lines.js';
import { findOwner } from '../owner.js';

const timeoutMs = 5_000;

/**
 * Asks a running training process for something and waits for its answer (at most 5 s). Where it listens is known from its record in
 * our own folder alone: a run that has none is not connected to.
 *
 * @throws GraftError when nobody listens any more or the process refuses.
 */
export async function sendControl(
  folder: string,
  info: Pick<RunInfo, 'id' | 'nonce' | 'host'>,
  type: ControlRequest['type'],
): Promise<void> {
  const found = await findOwner(folder, info.nonce);
  if (found === undefined && isElsewhere(info)) {
    throw new GraftError(`Run ${info.id} does not answer: ${info.host ?? ''} executes it, which is another machine.`, {
      action: 'Stop it there.',
    });
  }
  if (found === undefined) {
    throw new GraftError(`Run ${info.id} does not answer: no training process of yours says that it executes it.`, {
      action: `If it goes on all the same, stop it where it was started. If it has ended, continue it with: graft resume ${info.id}`,
    });
  }
  const reply = await ask(found.socket, { id: 1, nonce: info.nonce, type }).catch((error: unknown) => {
    throw new GraftError(`Run ${info.id} does not answer: ${messageOf(error)}.`, {
      action: `If its process has ended, continue it with: graft resume ${info.id}`,
      cause: error,
    });
  });
  if (!reply.ok) throw new GraftError(`Run ${info.id} refused: ${reply.message}`, { action: 'See: graft runs' });
}

async function ask(path: string, request: ControlRequest): Promise<ControlReply> {
  const socket = net.connect(path);
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<ControlReply>((resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no answer within ${timeoutMs / 1000} s`));
      }, timeoutMs);
      socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
      socket.on('error', reject);
      socket.on('close', () => {
        reject(new Error('the process closed the connection'));
      });
      onLines(socket, (line) => {
        const reply = parseControlReply(line);
        if (reply?.id === request.id) resolve(reply);
        else reject(new Error('what it said is no answer'));
      });
    });
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
