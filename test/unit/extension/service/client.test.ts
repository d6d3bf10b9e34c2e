import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { EventEmitter, type CancellationToken } from 'vscode';

import { ServiceClient } from '../../../../src/extension/service/client.js';
import { limitOf } from '../../../../src/extension/service/limits.js';
import { GraftError } from '../../../../src/common/errors.js';
import { temporaryFolder } from '../../../support/pictures.js';

/** A helper process that does what its call says: answers with its own number, waits, hangs, or ends. */
const program = path.join(temporaryFolder(), 'fake.mjs');
writeFileSync(
  program,
  `import { existsSync, writeFileSync } from 'node:fs';
const say = (message) => process.send(message);
const cancelled = new Map();
process.on('message', ({ type, id, method, request }) => {
  if (type === 'cancel') return cancelled.get(id)?.();
  const what = request.file ?? request.model ?? '';
  if (what.startsWith('dies unbegun') && !existsSync(what.slice(13))) {
    writeFileSync(what.slice(13), '');
    process.exit(7);
  }
  say({ type: 'started', id });
  if (what === 'loop') for (;;);
  if (what === 'killed') process.kill(process.pid, 'SIGKILL');
  if (what === 'exit') process.exit(9);
  if (what === 'noise') for (const message of ['text', null, { type: 'result', id: id + 1 }, { type: 'error', id, message: 7 }]) say(message);
  if (what === 'wait') return cancelled.set(id, () => say({ type: 'error', id, message: 'cancelled' }));
  say({ type: 'result', id, result: process.pid });
});
process.on('disconnect', () => process.exit(0));
say({ type: 'ready', protocol: 1 });
`,
);

const log = { info: () => undefined, warn: () => undefined };
const clients: ServiceClient[] = [];
function client(limitMs?: number, options: { idleMs?: number; graceMs?: number } = {}): ServiceClient {
  const node = () => ({ path: process.execPath, environment: {} });
  const limit: typeof limitOf = (method, request) => ({ ...limitOf(method, request), ...(limitMs && { ms: limitMs }) });
  const made = new ServiceClient({ program, node, log, graceMs: 300, ...options }, limit);
  clients.push(made);
  return made;
}
afterEach(() => {
  for (const one of clients.splice(0)) one.dispose();
});

const evaluation = (what: string) => ['evaluate', { model: what, data: '' }] as const;
const description = (what: string) => ['describeModel', { file: what }] as const;
const pidOf = async (service: ServiceClient, what = '') =>
  (await service.call(...description(what))) as unknown as number;
const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!condition()) {
    assert.ok(Date.now() < end, 'waited 20 s');
    await sleep(20);
  }
}
function cancellation() {
  const emitter = new EventEmitter<void>();
  return {
    token: { isCancellationRequested: false, onCancellationRequested: emitter.event } as CancellationToken,
    cancel: () => {
      emitter.fire();
    },
  };
}
const isCancellation = (error: Error) => error.constructor.name.includes('CancellationError');

test('what hangs holds up nobody, ends at its limit, and takes its process with it', async () => {
  const service = client(6_000);
  const first = await pidOf(service);
  const hanging = service.call(...description('loop'));
  const start = Date.now();
  const [second, third] = await Promise.all([pidOf(service), pidOf(service)]);
  assert.ok(Date.now() - start < 5_900, 'answered while the other one hangs');
  assert.notEqual(second, first);
  assert.equal(third, second);
  assert.ok(isRunning(first));
  await assert.rejects(hanging, (error: unknown) => {
    assert.ok(error instanceof GraftError);
    assert.match(error.message, /gave no answer within 6 s, so it was ended/);
    assert.match(error.action, /Check the file/);
    return true;
  });
  await until(() => !isRunning(first));
  assert.equal(await pidOf(service), second);
});

test('a long call is passed at once; at most two go on, and a third waits for its turn', async () => {
  const service = client();
  const [one, two, three] = [cancellation(), cancellation(), cancellation()];
  const long = [one, two, three].map(({ token }) => service.call(...evaluation('wait'), token));
  for (const call of long) call.catch(() => undefined);
  const pid = await pidOf(service);
  assert.equal(await pidOf(service), pid);
  one.cancel();
  await assert.rejects(long[0] ?? Promise.resolve(), isCancellation);
  // The one that was cancelled answers, and its process takes the third.
  const fourth = service.call(...evaluation(''));
  await sleep(100);
  two.cancel();
  assert.notEqual(await fourth, pid);
  three.cancel();
  for (const call of long) await assert.rejects(call, isCancellation);
});

test('cancelling settles at once, also what cannot be interrupted and what still waits', async () => {
  const service = client();
  const pid = await pidOf(service);
  const [loop, waiting] = [cancellation(), cancellation()];
  const hanging = service.call(...description('loop'), loop.token);
  const behind = service.call(...description(''), waiting.token);
  waiting.cancel();
  await assert.rejects(behind, isCancellation);
  loop.cancel();
  await assert.rejects(hanging, isCancellation);
  assert.notEqual(await pidOf(service), pid);
  await until(() => !isRunning(pid));
  const before = { isCancellationRequested: true } as CancellationToken;
  await assert.rejects(service.call(...description(''), before), isCancellation);
});

const endings = [
  ['killed', /was killed \(SIGKILL\)\. The memory may not have been enough\./],
  ['exit', /ended with code 9/],
] as const;
for (const [what, message] of endings) {
  test(`a process that ends with its call (${what}) says so, and the next call gets another`, async () => {
    const service = client();
    const pid = await pidOf(service);
    await assert.rejects(service.call(...description(what)), message);
    assert.notEqual(await pidOf(service), pid);
  });
}

test('a call that its process did not begin is made once more, and only once', async () => {
  const service = client();
  const marker = path.join(temporaryFolder(), 'died');
  assert.ok((await pidOf(service, `dies unbegun ${marker}`)) > 0);
  await assert.rejects(pidOf(service, `dies unbegun ${path.join(marker, 'no folder')}`), /ended with code 1\b/);
});

test('a process that was killed while it had nothing to do is replaced', async () => {
  const service = client();
  const pid = await pidOf(service);
  // Its own child, whose number it said itself.
  process.kill(pid, 'SIGKILL');
  assert.notEqual(await pidOf(service), pid);
});

test('many short calls share one process, which ends when nothing is asked', async () => {
  const service = client(undefined, { idleMs: 200 });
  const pids = await Promise.all(Array.from({ length: 60 }, () => pidOf(service)));
  const [pid = 0] = pids;
  assert.deepEqual([...new Set(pids)], [pid]);
  await until(() => !isRunning(pid));
  assert.notEqual(await pidOf(service), pid);
});

test('messages that answer nothing are ignored', async () => {
  assert.ok((await pidOf(client(), 'noise')) > 0);
});

test('what is open when the window closes is cancelled, and nothing is started afterwards', async () => {
  const service = client();
  const pid = await pidOf(service);
  const open = [service.call(...evaluation('wait')), service.call(...description('loop'))];
  service.dispose();
  for (const call of open) await assert.rejects(call, isCancellation);
  await assert.rejects(pidOf(service), isCancellation);
  await until(() => !isRunning(pid));
});

test('each method has a limit; predict’s grows with its files', () => {
  assert.deepEqual(limitOf('describeModel', { file: '' }), { ms: 60_000, long: false });
  assert.deepEqual(limitOf('evaluate', { model: '', data: '' }), { ms: 43_200_000, long: true });
  const files = Array.from({ length: 30 }, String);
  assert.equal(limitOf('predict', { model: '', files }).ms, 360_000);
});
