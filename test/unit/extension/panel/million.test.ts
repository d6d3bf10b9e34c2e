import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import test from 'node:test';
import { monitorEventLoopDelay } from 'node:perf_hooks';

import type { HostMessage } from '../../../../src/protocol/index.js';
import { RunFeed } from '../../../../src/extension/panel/run-feed.js';
import { followFolder } from '../../../browser/support/fake-host.js';
import { craftRun } from '../../../support/crafted-run.js';
import { writeLongLog } from '../../../support/long-log.js';
import { assertInTime } from '../../../support/steady.js';
import type { RunSummary } from '../../../../src/extension/interfaces.js';

const lines = 1_000_000;

test('a log of a million batches is read in under a second, and the host stays free meanwhile', async (t) => {
  const workspace = await mkdtemp(path.join(os.tmpdir(), 'graft-million-'));
  const folder = craftRun(workspace, 'long', {});
  const out = createWriteStream(path.join(folder, 'events.ndjson'));
  await writeLongLog(out, lines);
  await once(out, 'close');
  const messages: HostMessage[] = [];
  const summary = { id: 'long', folder, info: { script: 'a.ts', startTime: 0 }, status: 'done' } as RunSummary;
  const feed = new RunFeed('long', folder, {
    post: (message) => messages.push(message),
    summary: () => summary,
    follow: (follower) => followFolder(folder, follower),
    onData: () => Promise.resolve(undefined),
    onReport: () => undefined,
  });
  t.after(async () => {
    feed.dispose();
    await rm(workspace, { recursive: true });
  });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const [start, used] = [performance.now(), process.cpuUsage()];
  await feed.start();
  const { user, system } = process.cpuUsage(used);
  // Whichever is smaller: on a busy machine the clock also counts what others do.
  const ms = Math.min(performance.now() - start, (user + system) / 1000);
  delay.disable();
  const longest = delay.max / 1e6;
  const [first] = messages;
  assert.ok(first?.type === 'run' && first.batches !== undefined && first.epochs !== undefined);
  const points = first.batches.rows.x.length;
  t.diagnostic(`${lines} batches: ${ms.toFixed(0)} ms, longest pause ${longest.toFixed(0)} ms, ${points} points sent`);
  console.log(`  ${lines} batches: ${ms.toFixed(0)} ms, longest pause ${longest.toFixed(0)} ms, ${points} points sent`);
  assert.equal(first.facts?.batches, lines);
  assert.equal(first.epochs.rows.length, 100);
  assert.ok(points >= 2_048 && points < 4_096, `${points} points`);
  // Zoomed in, every batch is there: the one spike, at batch 512,000, too.
  const detail = await feed.detail(51.15, 51.25);
  assert.ok(detail !== undefined && detail.x.filter((x) => x >= 51.15 && x <= 51.25).length >= 1_000);
  assert.equal(Math.max(...detail.loss), 50);
  await assertInTime(ms < 1_000 && longest < 250, `${ms.toFixed(0)} ms, a pause of ${longest.toFixed(0)} ms`);
});
