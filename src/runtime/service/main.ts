/**
 * The editor's helper process: answers the calls that come over its IPC channel, one after another, and ends when the channel
 * closes. The editor gives it one at a time, and ends it where one cannot be interrupted (src/extension/service).
 *
 * node dist/service.js, forked
 */
import sharp from 'sharp';

import { checkServiceMessage, protocolVersion, type ServiceCall, type ServiceReply } from '../../protocol/index.js';
import { GraftError, messageOf } from '../../common/errors.js';
import { collectAfter } from './collect.js';
import { methods } from './methods.js';

/** Calls that were not answered yet, by number. */
const open = new Map<number, AbortController>();
let queue = Promise.resolve();

function reply(message: ServiceReply): void {
  process.send?.(message);
}

function refuse(id: number, error: unknown): void {
  const action = error instanceof GraftError ? { action: error.action } : {};
  reply({ type: 'error', id, message: messageOf(error), ...action });
}

async function answer({ id, method, request }: ServiceCall, signal: AbortSignal): Promise<void> {
  try {
    signal.throwIfAborted();
    reply({ type: 'started', id });
    // The request was checked against the method.
    const handler = methods[method] as (request: unknown, signal: AbortSignal) => Promise<unknown>;
    reply({ type: 'result', id, result: await handler(request, signal) });
  } catch (error) {
    if (!(error instanceof GraftError) && !signal.aborted) console.error(error);
    refuse(id, error);
  } finally {
    open.delete(id);
    collectAfter();
  }
}

process.on('message', (value: unknown) => {
  const message = checkServiceMessage(value);
  if (message.type === 'cancel') open.get(message.id)?.abort();
  else if (message.type === 'call') {
    const controller = new AbortController();
    open.set(message.id, controller);
    queue = queue.then(() => answer(message, controller.signal));
  } else {
    const error = new GraftError(message.reason, {
      action: 'Reload the window: two versions of Graft may be at work.',
    });
    if (message.id === undefined) console.error(error.message);
    else refuse(message.id, error);
  }
});
process.on('disconnect', () => process.exit(0));
// What libvips keeps for a second look at the same picture is never looked at here.
sharp.cache(false);
reply({ type: 'ready', protocol: protocolVersion });
