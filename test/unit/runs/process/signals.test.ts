import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { processRuns, processState } from '../../../../src/runs/process/identity.js';
import { killTree } from '../../../../src/runs/process/kill-tree.js';
import { isRunAlive } from '../../../../src/runs/alive.js';
import { endProcess } from '../../../../src/runs/end-process.js';
import { claimRun } from '../../../../src/runs/owner.js';
import { findRun } from '../../../../src/runs/read.js';
import { craftRun, hostilePids } from '../../../support/crafted-run.js';
import { temporaryFolder } from '../../../support/pictures.js';
import { inNamespace, noNamespace, runInNamespace, victim } from '../../../support/processes.js';

function held(t: TestContext) {
  const one = victim();
  t.after(() => one.child.kill('SIGKILL'));
  return one;
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1_000; i++) {
    if (await condition()) return;
    await sleep(20);
  }
  throw new Error(`Waited for ${what} in vain.`);
}

if (inNamespace) {
  // Everything below can only reach what this file has started.
  test('no number ends a process but that of a process', async (t) => {
    const { child, lives } = held(t);
    for (const pid of [...hostilePids, -(child.pid ?? 0), String(child.pid), NaN, Infinity, 2 ** 31])
      await assert.rejects(killTree(pid as number), /is not the number of a process that may be ended/, String(pid));
    assert.ok(lives());
  });

  test('a run.json that names a process, its group, the first process or all of them ends nobody', async (t) => {
    const { pid, lives } = held(t);
    const workspace = temporaryFolder();
    for (const one of [...hostilePids, pid, -pid]) {
      const nonce = randomBytes(8).toString('hex');
      const folder = craftRun(workspace, 'r', { run: { pid: one, nonce }, heartbeat: true });
      await findRun(workspace, 'r').catch(() => undefined);
      assert.equal(await isRunAlive(folder, { pid: one as number, nonce }), one === pid || one === 1);
      for (const force of ['terminate', 'kill'] as const)
        assert.equal(await endProcess(folder, nonce, force), undefined, String(one));
    }
    await sleep(100);
    assert.ok(lives());
  });

  test('the first process is not signalled, also where its record fits', async () => {
    // It is this one.
    assert.equal(process.pid, 1);
    const folder = temporaryFolder();
    const nonce = randomBytes(8).toString('hex');
    await claimRun(folder, nonce);
    assert.equal(await isRunAlive(folder, { pid: 1, nonce }), true);
    for (const force of ['terminate', 'kill'] as const) assert.equal(await endProcess(folder, nonce, force), undefined);
  });

  test('a process that leads no group is ended alone; one that does, with what it started', async (t) => {
    // Both victims are in the group of the first, which goes on.
    const parent = spawn(
      process.execPath,
      [
        '-e',
        `const { spawn } = require('node:child_process');
        const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
        console.log(child.pid); setInterval(() => {}, 1000);`,
      ],
      { detached: true, stdio: ['ignore', 'pipe', 'ignore'] },
    );
    t.after(() => parent.kill('SIGKILL'));
    const child = Number((await new Promise<Buffer>((resolve) => parent.stdout.once('data', resolve))).toString());
    assert.deepEqual(
      [(await processState(child))?.leadsGroup, (await processState(parent.pid ?? 0))?.leadsGroup],
      [false, true],
    );
    await killTree(child);
    await until('the end of the child', async () => !(await processRuns(child)));
    assert.equal(await processRuns(parent.pid ?? 0), true);
    await killTree(parent.pid ?? 0);
    await until('the end of the parent', async () => !(await processRuns(parent.pid ?? 0)));
  });

  test('a killed process that nobody has taken note of does not run', async (t) => {
    // The parent is blocked, and never waits for its child.
    const parent = spawn('sh', ['-c', 'sleep 1000 & echo $!; kill -STOP $$; wait'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    t.after(() => parent.kill('SIGKILL'));
    const child = Number((await new Promise<Buffer>((resolve) => parent.stdout.once('data', resolve))).toString());
    assert.equal(await processRuns(child), true);
    const isStopped = () => readFileSync(`/proc/${parent.pid ?? 0}/stat`, 'utf8').includes(') T ');
    await until('the parent to stop', () => Promise.resolve(isStopped()));
    process.kill(child, 'SIGKILL');
    await until('the child to be a zombie', async () => (await processState(child))?.isZombie === true);
    // The system still knows it.
    process.kill(child, 0);
    assert.equal(await processRuns(child), false);
    const workspace = temporaryFolder();
    const nonce = randomBytes(8).toString('hex');
    const folder = craftRun(workspace, 'r', { run: { pid: child, nonce }, heartbeat: true });
    assert.equal(await isRunAlive(folder, { pid: child, nonce }), false);
    assert.equal((await findRun(workspace, 'r')).status, 'interrupted');
  });
} else {
  test('in a PID namespace of its own: nobody is signalled who is not meant', { skip: noNamespace() }, async () => {
    const { code, text } = await runInNamespace(fileURLToPath(import.meta.url));
    assert.equal(code, 0, text);
    assert.match(text, /pass 5/);
  });
}
