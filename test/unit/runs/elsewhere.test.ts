import assert from 'node:assert/strict';
import { utimesSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { checkRunInfo } from '../../../src/protocol/index.js';
import { isRunAlive } from '../../../src/runs/alive.js';
import { sendControl } from '../../../src/runs/control/client.js';
import { endProcess } from '../../../src/runs/end-process.js';
import { findRun } from '../../../src/runs/read.js';
import { Run } from '../../../src/runtime/run/run.js';
import { craftRun, goodInfo, goodNonce } from '../../support/crafted-run.js';
import { temporaryFolder } from '../../support/pictures.js';
import { inRun } from '../../support/run.js';

const other = `${os.hostname()}-2`;
const started = { type: 'started', time: 1, protocol: 1, pid: 1, nonce: goodNonce, script: 'a.ts', resumed: false };

const cases = [
  { host: other, age: 60, status: 'running' },
  { host: other, age: -60, status: 'running' },
  { host: other, age: 600, status: 'interrupted' },
  { host: other, age: undefined, status: 'interrupted' },
  { host: os.hostname(), age: 0, status: 'interrupted' },
  { host: undefined, age: 0, status: 'interrupted' },
];
for (const { host, age, status } of cases) {
  const where = host === undefined ? 'that does not say where' : host === other ? 'of another machine' : 'of this one';
  test(`a run ${where}, ${age === undefined ? 'without a heartbeat' : `its heart beat ${age} s ago`}: ${status}`, async () => {
    const workspace = temporaryFolder();
    // No process of this machine has its number.
    const folder = craftRun(workspace, 'r1', { run: { host }, events: [started], heartbeat: age !== undefined });
    const time = new Date(Date.now() - (age ?? 0) * 1000);
    if (age !== undefined) utimesSync(path.join(folder, 'heartbeat'), time, time);
    const { info, status: found } = await findRun(workspace, 'r1');
    assert.equal(found, status);
    assert.equal(await isRunAlive(folder, info), status === 'running');
  });
}

test('a run of another machine is stopped there, and nothing here is signalled for it', async () => {
  const folder = craftRun(temporaryFolder(), 'r1', { run: { host: other, pid: process.pid }, heartbeat: true });
  const info = { id: 'r1', nonce: goodNonce, host: other };
  await assert.rejects(sendControl(folder, info, 'stop'), (error: Error & { action?: string }) => {
    assert.equal(error.message, `Run r1 does not answer: ${other} executes it, which is another machine.`);
    assert.equal(error.action, 'Stop it there.');
    return true;
  });
  for (const force of ['terminate', 'kill'] as const)
    assert.equal(await endProcess(folder, goodNonce, force), undefined);
});

test('a run says where it is executed; what is no name of a machine is refused', async () => {
  const workspace = temporaryFolder();
  await inRun(workspace, (run: Run) => {
    assert.equal(run.info.host, os.hostname());
    return Promise.resolve();
  });
  for (const host of [7, null, 'x'.repeat(5_000)])
    assert.deepEqual(checkRunInfo({ ...goodInfo(workspace, 'r1'), host }, 'r1'), {
      wrong: 'its host is not what a run has there',
    });
});
