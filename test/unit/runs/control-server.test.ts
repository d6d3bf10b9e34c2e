import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { sendControl } from '../../../src/runtime/runs/control-client.js';
import { Control, socketPath, startControlServer } from '../../../src/runtime/runs/control-server.js';

test('a window that goes away before the answer does not end the training', async () => {
  const nonce = randomBytes(8).toString('hex');
  const control = new Control();
  const server = await startControlServer(nonce, control);
  const escaped: unknown[] = [];
  const onError = (error: unknown) => escaped.push(error);
  process.on('uncaughtException', onError);
  try {
    for (let i = 0; i < 20; i++) {
      const socket = net.connect(socketPath(nonce));
      socket.on('error', () => undefined);
      await new Promise((resolve) => socket.once('connect', resolve));
      socket.write(`${JSON.stringify({ id: i, nonce, type: 'checkpoint' })}\n`.repeat(200));
      socket.resetAndDestroy();
    }
    await sleep(200);
    assert.deepEqual(escaped, []);
    await sendControl({ id: 'run', nonce, socket: socketPath(nonce) }, 'pause');
    assert.equal(control.paused, true);
    await assert.rejects(sendControl({ id: 'run', nonce: 'other', socket: socketPath(nonce) }, 'stop'), /another run/);
    assert.equal(control.stopRequested, false);
  } finally {
    process.off('uncaughtException', onError);
    server?.close();
  }
});
