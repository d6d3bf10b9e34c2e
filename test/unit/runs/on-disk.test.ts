import assert from 'node:assert/strict';
import { appendFileSync, utimesSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';

import { isRunAlive } from '../../../src/runtime/runs/alive.js';
import { lastLines, Tail } from '../../../src/runtime/runs/tail.js';
import { socketPath } from '../../../src/runtime/runs/control-server.js';
import { temporaryFolder } from '../../support/pictures.js';

test('a tail gives whole lines, once, also when one is written in two parts', async () => {
  const file = path.join(temporaryFolder(), 'log');
  const tail = new Tail(file);
  assert.deepEqual(await tail.read(), []);
  writeFileSync(file, 'one\ntw');
  assert.deepEqual(await tail.read(), ['one']);
  appendFileSync(file, 'o\nthree\n');
  assert.deepEqual(await tail.read(), ['two', 'three']);
  assert.deepEqual(await tail.read(), []);
});

test('the last lines of a log, and a tail that goes on after them', async () => {
  const file = path.join(temporaryFolder(), 'log');
  writeFileSync(file, 'first line\nsecond\nthird\nhal');
  const { lines, offset } = await lastLines(file, 16);
  assert.deepEqual(lines, ['third']);
  appendFileSync(file, 'f\n');
  assert.deepEqual(await new Tail(file, offset).read(), ['half']);
  assert.deepEqual((await lastLines(file, 1000)).lines, ['first line', 'second', 'third', 'half']);
  assert.deepEqual(await lastLines(path.join(temporaryFolder(), 'none'), 10), { lines: [], offset: 0 });
});

test('a process id alone is not a run that goes on: another process may have got it', async () => {
  const folder = temporaryFolder();
  const socket = socketPath(`test-${process.pid}`);
  const heartbeat = path.join(folder, 'heartbeat');
  const { pid } = process;
  assert.equal(await isRunAlive(folder, { pid, socket }), false, 'no heartbeat, no socket');
  writeFileSync(heartbeat, '');
  assert.equal(await isRunAlive(folder, { pid, socket }), true, 'a fresh heartbeat');
  assert.equal(await isRunAlive(folder, { pid: 2 ** 30, socket }), false, 'no such process');
  utimesSync(heartbeat, new Date(0), new Date(0));
  assert.equal(await isRunAlive(folder, { pid, socket }), false, 'an old heartbeat');
  const server = net.createServer().listen(socket);
  await new Promise((resolve) => server.once('listening', resolve));
  assert.equal(await isRunAlive(folder, { pid, socket }), true, 'an old heartbeat, but its socket answers');
  server.close();
});
