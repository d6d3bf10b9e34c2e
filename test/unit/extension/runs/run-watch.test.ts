import assert from 'node:assert/strict';
import { appendFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { RunWatch } from '../../../../src/extension/runs/run-watch.js';
import type { RunEvent, RunReport } from '../../../../src/protocol/index.js';
import { craftRun, goodInfo, goodNonce, goodReport } from '../../../support/crafted-run.js';
import { temporaryFolder } from '../../../support/pictures.js';

const started = { type: 'started', time: 1, protocol: 1, pid: 1, nonce: goodNonce, script: 'a.ts', resumed: false };
const warning = (message: string) => ({ type: 'warning', time: 2, message });
const { metrics } = goodReport();
const line = (event: object) => `${JSON.stringify(event)}\n`;

/** Somebody who follows a run, and what they have heard. */
function follower() {
  const [events, reports]: [string[], RunReport[]] = [[], []];
  const listener = {
    onEvent: (event: RunEvent) => void events.push(event.type === 'warning' ? event.message : event.type),
  };
  const onLook = (report?: RunReport) => {
    if (report !== undefined) reports.push(report);
    return Promise.resolve();
  };
  return { events, reports, listener, onLook };
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`Waited for ${what} in vain.`);
    await sleep(20);
  }
}

/** A run that goes on elsewhere, as its heartbeat says. */
async function open(t: TestContext, events: readonly object[], report?: object) {
  const folder = craftRun(temporaryFolder(), 'r1', {
    ...{ run: { host: 'elsewhere' }, events, heartbeat: true },
    ...(report === undefined ? {} : { report: { ...report } }),
  });
  let changes = 0;
  const watch = await RunWatch.open(folder, () => changes++);
  t.after(() => {
    watch.dispose();
  });
  const say = (...more: readonly object[]) => {
    appendFileSync(path.join(folder, 'events.ndjson'), more.map(line).join(''));
  };
  return { folder, watch, say, changes: () => changes };
}

test('lists and followers hear of a run by one clock: whoever comes later hears all, and each report once', async (t) => {
  const { folder, watch, say, changes } = await open(t, [started, warning('one')]);
  const summary = () => watch.summary;
  assert.equal(summary().status, 'running');
  const first = follower();
  const following = watch.follow(first);
  await following.ready;
  assert.deepEqual([first.events, first.reports.length], [['started', 'one'], 0]);
  writeFileSync(path.join(folder, 'report.json'), JSON.stringify(goodReport()));
  say(warning('two'), { type: 'report', time: 3, metrics });
  await until('the report', () => first.reports.length === 1);
  // Of a run that goes on it is not what lists show.
  assert.equal(summary().measured, undefined);
  const second = follower();
  const other = watch.follow(second);
  await other.ready;
  assert.deepEqual([second.events, second.reports.length], [['started', 'one', 'two', 'report'], 1]);
  following.dispose();
  say({ type: 'done', time: 4 });
  await until('the end', () => watch.summary.status === 'done');
  assert.deepEqual([first.events.at(-1), second.events.at(-1)], ['report', 'done']);
  assert.deepEqual([summary().best, summary().measured?.pictures], [metrics, 4]);
  assert.deepEqual([first.reports.length, second.reports.length], [1, 1]);
  assert.ok(changes() >= 1 && changes() <= 3, String(changes()));
  other.dispose();
});

test('a run that has ended and is followed shows that it was started again', async (t) => {
  const { folder, watch, say } = await open(t, [started, { type: 'stopped', time: 2 }]);
  assert.equal(watch.isActive, false);
  const one = follower();
  const following = watch.follow(one);
  await following.ready;
  writeFileSync(
    path.join(folder, 'run.json'),
    JSON.stringify({ ...goodInfo('/w', 'r1'), host: 'elsewhere', startTime: 7 }),
  );
  const now = new Date();
  utimesSync(path.join(folder, 'heartbeat'), now, now);
  say({ ...started, resumed: true });
  await until('the second execution', () => watch.summary.status === 'running');
  assert.equal(watch.summary.info.startTime, 7);
  assert.deepEqual(one.events, ['started', 'stopped', 'started']);
  following.dispose();
});

test('a run that was started again is followed for lists, though nobody looks at it', async (t) => {
  const { folder, watch, say, changes } = await open(t, [started, { type: 'stopped', time: 2 }]);
  const now = new Date();
  utimesSync(path.join(folder, 'heartbeat'), now, now);
  say({ ...started, resumed: true });
  await watch.reopen();
  const summary = () => watch.summary;
  assert.equal(summary().status, 'running');
  const before = changes();
  say({ type: 'done', time: 4 });
  await until('the end', () => summary().status === 'done');
  assert.equal(changes(), before + 1);
});

test('whoever goes while the log is still read to them hears nothing more', async (t) => {
  const { watch, say } = await open(t, [started]);
  const one = follower();
  const following = watch.follow(one);
  following.dispose();
  await following.ready;
  say(warning('late'));
  await watch.poll();
  assert.equal(one.events.includes('late'), false);
});
