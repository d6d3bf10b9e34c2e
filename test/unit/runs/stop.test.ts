import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Control, startControlServer } from '../../../src/runs/control/server.js';
import { claimRun } from '../../../src/runs/owner.js';
import { stopRun, type Stopped } from '../../../src/runs/stop.js';
import { craftRun, goodNonce } from '../../support/crafted-run.js';
import { temporaryFolder } from '../../support/pictures.js';

const started = { type: 'started', time: 1, protocol: 1, pid: 1, nonce: goodNonce, script: 'a.ts', resumed: false };
const info = { id: 'r1', nonce: goodNonce };

/** A child that only writes down what is done to it. */
function fakeChild() {
  const felt: string[] = [];
  const child = {
    pid: 4711,
    signal: (name: string) => void felt.push(name),
    end: () => {
      felt.push('end');
      return Promise.resolve();
    },
  };
  return { child, felt };
}

const cases: readonly {
  readonly name: string;
  readonly events?: readonly object[];
  readonly isRun?: boolean;
  readonly info: typeof info | undefined;
  /** Whether the run has ended after each step; undefined for one that nobody waits for to the end. */
  readonly ends: readonly (boolean | undefined)[];
  readonly steps: readonly string[];
  readonly felt: readonly string[];
  readonly stopped: Omit<Stopped, 'refusal'>;
  readonly end?: string;
}[] = [
  {
    name: 'that has not said who it is: nobody can be asked, so it is waited for, then signalled, then ended',
    ...{ info: undefined, isRun: false, ends: [false, false, true], steps: ['ask', 'terminate', 'kill'] },
    ...{ felt: ['SIGTERM', 'end'], stopped: { by: 'kill' } },
  },
  {
    name: 'that cannot be asked is signalled at once; its own end stays',
    ...{ info, events: [started, { type: 'stopped', time: 2 }], ends: [undefined, true], steps: ['ask', 'terminate'] },
    ...{ felt: ['SIGTERM'], stopped: { by: 'terminate' }, end: '{"type":"stopped","time":2}' },
  },
  {
    name: 'that was ended before it said anything has its end written',
    ...{ info, events: [started], ends: [undefined, false, true], steps: ['ask', 'terminate', 'kill'] },
    ...{ felt: ['SIGTERM', 'end'], stopped: { by: 'kill', forced: true }, end: '{"type":"stopped","ended":true,' },
  },
  {
    name: 'that goes on all the same is left as it is',
    ...{ info, events: [started], ends: [undefined, false, false], steps: ['ask', 'terminate', 'kill'] },
    ...{ felt: ['SIGTERM', 'end'], stopped: { by: 'kill' }, end: '{"type":"started"' },
  },
] as const;
for (const { name, events = [], isRun = true, info: known, ends, steps, felt, stopped, end } of cases) {
  test(`stopping a child ${name}`, async () => {
    const workspace = temporaryFolder();
    const folder = isRun ? craftRun(workspace, 'r1', { events }) : path.join(workspace, 'none');
    const fake = fakeChild();
    const taken: string[] = [];
    const { refusal, ...how } = await stopRun({ folder, info: known, child: fake.child }, (step) => {
      taken.push(step);
      return Promise.resolve(ends[taken.length - 1] ?? new Promise<never>(() => undefined));
    });
    assert.deepEqual([taken, fake.felt, how], [steps, felt, stopped]);
    if (how.forced === undefined && ends.at(-1) === false) assert.match(String(refusal), /does not answer/);
    if (end !== undefined) {
      const last = readFileSync(path.join(folder, 'events.ndjson'), 'utf8').trimEnd().split('\n').at(-1);
      assert.ok(last?.startsWith(end), last);
    }
  });
}

test('a run that somebody else has started is asked; where nobody is proven to execute it, nobody is signalled', async () => {
  const workspace = temporaryFolder();
  const nonce = randomBytes(8).toString('hex');
  const folder = craftRun(workspace, 'r1', { run: { nonce }, events: [started] });
  const control = new Control();
  const server = await startControlServer((await claimRun(folder, nonce)) ?? '', nonce, control);
  const steps: unknown[] = [];
  const stopped = await stopRun({ folder, info: { id: 'r1', nonce } }, async (step) => {
    steps.push(step);
    while (!control.stopRequested) await sleep(10);
    return true;
  });
  assert.deepEqual([stopped, steps], [{ by: 'ask' }, ['ask']]);
  server?.close();
  const other = craftRun(workspace, 'r2', { events: [started] });
  const waited: unknown[] = [];
  const { refusal, ...how } = await stopRun({ folder: other, info }, (...step) => {
    waited.push(step);
    return new Promise(() => undefined);
  });
  assert.deepEqual(how, { by: 'terminate', unproven: true });
  assert.match(String(refusal), /no training process of yours/);
  assert.ok(waited.length === 1 && (waited[0] as AbortSignal[])[2]?.aborted);
});

test('a run that hears nothing is not waited for longer than there is patience', async () => {
  const workspace = temporaryFolder();
  const nonce = randomBytes(8).toString('hex');
  const folder = craftRun(workspace, 'r1', { run: { nonce }, events: [started] });
  // Somebody listens, and never answers.
  const server = net.createServer(() => undefined).listen((await claimRun(folder, nonce)) ?? '');
  server.unref();
  const { child, felt } = fakeChild();
  const start = Date.now();
  const { refusal, ...how } = await stopRun({ folder, info: { id: 'r1', nonce }, child }, (step) =>
    Promise.resolve(step === 'kill'),
  );
  assert.ok(Date.now() - start < 3_000);
  assert.deepEqual([felt, how, refusal], [['SIGTERM', 'end'], { by: 'kill' }, undefined]);
  server.close();
});
