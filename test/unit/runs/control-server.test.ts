import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { sendControl } from '../../../src/runs/control/client.js';
import { Control, startControlServer } from '../../../src/runs/control/server.js';
import { claimRun } from '../../../src/runs/owner.js';
import { temporaryFolder } from '../../support/pictures.js';

async function listen(control: Control) {
  const folder = temporaryFolder();
  const nonce = randomBytes(8).toString('hex');
  const path = (await claimRun(folder, nonce)) ?? '';
  const server = await startControlServer(path, nonce, control);
  assert.ok(server);
  return { folder, nonce, path, server };
}

async function connected(path: string): Promise<net.Socket> {
  const socket = net.connect(path);
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

const closed = (socket: net.Socket) => new Promise((resolve) => socket.once('close', resolve));

test('a window that goes away before the answer does not end the training', async () => {
  const control = new Control();
  const { folder, nonce, path, server } = await listen(control);
  const escaped: unknown[] = [];
  const onError = (error: unknown) => escaped.push(error);
  process.on('uncaughtException', onError);
  try {
    for (let i = 0; i < 20; i++) {
      const socket = await connected(path);
      socket.write(`${JSON.stringify({ id: i, nonce, type: 'checkpoint' })}\n`.repeat(200));
      socket.destroy();
    }
    await sleep(200);
    assert.deepEqual(escaped, []);
    await sendControl(folder, { id: 'run', nonce }, 'pause');
    assert.equal(control.paused, true);
    await assert.rejects(sendControl(folder, { id: 'run', nonce: '0'.repeat(16) }, 'stop'), /no training process/);
    await assert.rejects(sendControl(temporaryFolder(), { id: 'run', nonce }, 'stop'), /no training process/);
    const stranger = await connected(path);
    stranger.write(`${JSON.stringify({ id: 1, nonce: 'other', type: 'stop' })}\n`);
    const [said] = (await new Promise<Buffer>((resolve) => stranger.once('data', resolve))).toString().split('\n');
    assert.deepEqual(JSON.parse(said ?? ''), { id: 1, ok: false, message: 'This process belongs to another run.' });
    stranger.destroy();
    assert.equal(control.stopRequested, false);
  } finally {
    process.off('uncaughtException', onError);
    server.close();
  }
});

test(
  'a line without end closes the connection, and so do more of them than anybody needs',
  { timeout: 30_000 },
  async () => {
    const { path, server, folder, nonce } = await listen(new Control());
    const long = await connected(path);
    long.write(Buffer.alloc(65_537, 0x20));
    await closed(long);
    const many = await Promise.all(Array.from({ length: 16 }, () => connected(path)));
    await closed(await connected(path));
    for (const socket of many) socket.destroy();
    await sleep(100);
    await sendControl(folder, { id: 'run', nonce }, 'checkpoint');
    server.close();
  },
);

for (const [name, answer, why] of [
  ['no JSON', 'hello\n', /no answer/],
  ['another answer', '{"id":2,"ok":true}\n', /no answer/],
  ['a message that is none', '{"id":1,"ok":false,"message":[1]}\n', /no answer/],
  ['a line without end', ' '.repeat(70_000), /more than 64 kB/],
  ['nothing', undefined, /closed the connection/],
] as const) {
  test(`an answer is checked: ${name}`, async () => {
    const folder = temporaryFolder();
    const nonce = randomBytes(8).toString('hex');
    const path = (await claimRun(folder, nonce)) ?? '';
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => (answer === undefined ? socket.destroy() : socket.write(answer)));
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    await assert.rejects(sendControl(folder, { id: 'run', nonce }, 'stop'), why);
    server.close();
  });
}
