import assert from 'node:assert/strict';
import os from 'node:os';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';

import { RunFeed } from '../../../../src/extension/panel/run-feed.js';
import type { RunFollower, RunSummary } from '../../../../src/extension/interfaces.js';
import type { EpochEvent, HostMessage } from '../../../../src/protocol/index.js';
import { goodInfo, goodReport } from '../../../support/crafted-run.js';

const metrics = { loss: 0.5, accuracy: 0.75, macroF1: 0.7 };
const epoch = (number: number): EpochEvent => ({
  ...{ type: 'epoch', stage: 'head', epoch: number, epochs: 9, train: metrics, validation: metrics },
  ...{ learningRate: 0.1, ms: 1, best: true, time: number },
});

async function open() {
  const [posted, reports]: [HostMessage[], unknown[]] = [[], []];
  let follower: RunFollower | undefined;
  let summary: RunSummary | undefined = {
    ...{ id: 'r1', folder: os.tmpdir(), info: goodInfo(os.tmpdir(), 'r1'), status: 'running' },
  } as RunSummary;
  const feed = new RunFeed('r1', os.tmpdir(), {
    post: (message) => posted.push(message),
    summary: () => summary,
    follow: (one) => {
      follower = one;
      return { ready: one.onLook(), offset: 0, dispose: () => undefined };
    },
    onData: () => Promise.resolve(undefined),
    onReport: (report) => reports.push(report),
  });
  await feed.start();
  const happens = async (...numbers: number[]) => {
    for (const number of numbers) follower?.listener.onEvent(epoch(number), number);
    await follower?.onLook();
  };
  const drawn = async () => {
    feed.onDrawn();
    await setImmediate();
  };
  const end = async () => {
    await follower?.onLook(goodReport());
  };
  const forget = () => {
    summary = undefined;
  };
  /** What epochs each message brought. */
  const brought = () =>
    posted.map((message) => (message.type === 'run' ? message.epochs?.rows.map((row) => row.epoch) : message.type));
  return { happens, drawn, end, forget, brought, reports };
}

test('a page gets more when it has drawn what it was sent: then all that came meanwhile at once', async () => {
  const { happens, drawn, brought } = await open();
  await happens(1);
  await happens(2, 3);
  assert.deepEqual(brought(), [undefined], 'its first message is not drawn yet');
  await drawn();
  assert.deepEqual(brought(), [undefined, [1, 2, 3]]);
  await happens(4);
  await drawn();
  await drawn();
  assert.deepEqual(brought(), [undefined, [1, 2, 3], [4]], 'nothing came after it');
  await happens(5);
  assert.deepEqual(brought(), [undefined, [1, 2, 3], [4], [5]], 'a page that has drawn all gets it at once');
});

test('a page that draws hears of the report, and that the run is gone', async () => {
  const { end, forget, happens, reports, brought } = await open();
  await end();
  assert.equal(reports.length, 1);
  forget();
  await happens(1);
  assert.deepEqual(brought(), [undefined, 'noRun']);
});
