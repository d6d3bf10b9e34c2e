/**
 * The editor's helper process: answers `ServiceMethods` over its IPC channel, one request after another, and ends when
 * the channel closes.
 *
 * node dist/service.js, forked
 */
import { protocolVersion, type ServiceMethod, type ServiceReply } from '../../protocol/index.js';
import { GraftError, messageOf } from '../errors.js';
import { methods } from './methods.js';

function reply(message: ServiceReply): void {
  process.send?.(message);
}

async function answer(id: number, method: ServiceMethod, request: unknown): Promise<void> {
  try {
    // The method's own request type was checked where it was sent: both ends are one build.
    const handler = methods[method] as (request: unknown) => Promise<unknown>;
    reply({ type: 'result', id, result: await handler(request) });
  } catch (error) {
    const action = error instanceof GraftError ? { action: error.action } : {};
    if (!(error instanceof GraftError)) console.error(error);
    reply({ type: 'error', id, message: messageOf(error), ...action });
  }
}

let queue = Promise.resolve();
process.on('message', (message: unknown) => {
  const { id, method, request } = (message ?? {}) as Record<string, unknown>;
  if (typeof id !== 'number') return;
  if (typeof method !== 'string' || !Object.hasOwn(methods, method)) {
    reply({ type: 'error', id, message: `There is no method ${String(method)}.` });
    return;
  }
  queue = queue.then(() => answer(id, method as ServiceMethod, request));
});
process.on('disconnect', () => process.exit(0));
reply({ type: 'ready', protocol: protocolVersion });
