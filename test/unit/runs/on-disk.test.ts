import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { longestLine, type BatchEvent, type RunEvent } from '../../../src/protocol/index.js';
import { Run } from '../../../src/runtime/run/run.js';
import { lastLines } from '../../../src/runs/last-lines.js';
import { LogFollower } from '../../../src/runs/log-follower.js';
import { LogReader, type LogListener } from '../../../src/runs/log-reader.js';
import { temporaryFolder } from '../../support/pictures.js';

const event = '{"type":"paused","time":1}\n';
/** One that can be told from others. */
const said = (text: string) => `${JSON.stringify({ type: 'warning', message: text, time: 1 })}\n`;

/** What warnings say, and the types of other events. */
class Heard implements LogListener {
  #heard: string[] = [];

  onEvent(event: RunEvent): void {
    this.#heard.push(event.type === 'warning' ? event.message : event.type);
  }

  take(): string[] {
    return this.#heard.splice(0);
  }
}

async function read(file: string): Promise<string[]> {
  const heard = new Heard();
  await new LogReader(file, heard).read();
  return heard.take();
}

test('a reader gives whole lines, once, also when one is written in two parts', async () => {
  const file = path.join(temporaryFolder(), 'log');
  const heard = new Heard();
  const reader = new LogReader(file, heard);
  const next = async () => {
    await reader.read();
    return heard.take();
  };
  assert.deepEqual(await next(), []);
  writeFileSync(file, said('one') + said('two').slice(0, 30));
  assert.deepEqual(await next(), ['one']);
  appendFileSync(file, said('two').slice(30) + said('three'));
  assert.deepEqual(await next(), ['two', 'three']);
  assert.deepEqual(await next(), []);
});

test('the last lines of an output', async () => {
  const file = path.join(temporaryFolder(), 'log');
  writeFileSync(file, 'first line\nsecond\nthird\nhal');
  assert.deepEqual(await lastLines(file, 16), ['third']);
  appendFileSync(file, 'f\n');
  assert.deepEqual(await lastLines(file, 1000), ['first line', 'second', 'third', 'half']);
  assert.deepEqual(await lastLines(path.join(temporaryFolder(), 'none'), 10), []);
});

test('the end of a log, and a reader that goes on after it', async () => {
  const file = path.join(temporaryFolder(), 'log');
  const [first, second, third, half] = ['first', 'second', 'third', 'half'].map(said);
  assert.ok(first !== undefined && second !== undefined && third !== undefined && half !== undefined);
  writeFileSync(file, first + second + third + half.slice(0, 20));
  for (const [bytes, expected] of [
    [third.length + 20, ['third', 'half']],
    [third.length + 25, ['third', 'half']],
    [third.length + 19, ['half']],
    [0, []],
    [20, ['half']],
    [10_000, ['first', 'second', 'third', 'half']],
  ] as const) {
    writeFileSync(file, first + second + third + half.slice(0, 20));
    const heard = new Heard();
    const reader = await LogReader.near(file, heard, bytes);
    await reader.read();
    appendFileSync(file, half.slice(20));
    await reader.read();
    assert.deepEqual(heard.take(), expected, String(bytes));
    appendFileSync(file, event);
    await reader.read();
    assert.deepEqual(heard.take(), ['paused'], String(bytes));
  }
  const heard = new Heard();
  const none = path.join(temporaryFolder(), 'none');
  const reader = await LogReader.near(none, heard);
  writeFileSync(none, event);
  await reader.read();
  assert.deepEqual(heard.take(), ['paused']);
});

test('whoever follows a log hears each event once, in order, also who comes later, or goes', async () => {
  const file = path.join(temporaryFolder(), 'log');
  writeFileSync(file, said('one') + said('two'));
  const [lists, panel, other] = [new Heard(), new Heard(), new Heard()];
  const log = await LogFollower.near(file, lists, said('two').length);
  const stays = () => false;
  await Promise.all([log.read(), log.follow(panel, stays), log.read()]);
  assert.deepEqual([lists.take(), panel.take()], [['two'], ['one', 'two']]);
  appendFileSync(file, said('three'));
  await Promise.all([log.follow(other, stays), log.read(), log.read()]);
  assert.deepEqual([lists.take(), panel.take(), other.take()], [['three'], ['three'], ['one', 'two', 'three']]);
  log.unfollow(panel);
  appendFileSync(file, said('four'));
  await log.read();
  assert.deepEqual([lists.take(), panel.take(), other.take()], [['four'], [], ['four']]);
  assert.equal(log.offset, statSync(file).size);
});

test('of those who follow a log, each gets the batches that it wants; the newest reaches the others that care', async () => {
  const file = path.join(temporaryFolder(), 'log');
  const batch = (step: number) =>
    `${JSON.stringify({ type: 'batch', stage: 'head', epoch: 1, step, steps: 9, loss: 1, accuracy: 1, learningRate: 1, imagesPerSecond: 1, memory: 1, time: step })}\n`;
  writeFileSync(file, event);
  const listener = (wanted: readonly number[] | undefined) => {
    const [got, skipped]: [number[], number[]] = [[], []];
    let offered = 0;
    const wants = wanted && { wantsBatch: () => wanted.includes(++offered) };
    const onEvent = (one: RunEvent) => {
      if (one.type === 'batch') got.push(one.step);
    };
    return { got, skipped, ...wants, onEvent, onSkipped: ({ step }: BatchEvent) => skipped.push(step) };
  };
  const [none, odd, second] = [listener(undefined), listener([1, 3]), listener([2])];
  const log = await LogFollower.near(file, none, 0);
  for (const one of [odd, second]) await log.follow(one, () => false);
  appendFileSync(file, batch(1) + batch(2) + batch(3) + batch(4) + batch(5));
  await log.read();
  assert.deepEqual([none.got, odd.got, second.got], [[], [1, 3], [2]]);
  assert.deepEqual([none.skipped.at(-1), odd.skipped.at(-1), second.skipped.at(-1)], [5, 5, 5]);
});

test('a line without end is passed over, in little memory; the next one is read', async () => {
  const file = path.join(temporaryFolder(), 'events.ndjson');
  writeFileSync(file, event);
  // 600 MB that take no place on the disk.
  truncateSync(file, 600_000_000);
  appendFileSync(file, `\n${event}`);
  // What an empty place is does not matter to the reader; what it takes to read it does.
  const before = process.memoryUsage().rss;
  const offsets: number[] = [];
  const reader = new LogReader(file, { wantsBatch: () => true, onEvent: (_, offset) => offsets.push(offset) });
  await reader.read();
  assert.deepEqual(offsets, [0, 600_000_001]);
  const grown = process.memoryUsage().rss - before;
  assert.ok(grown < 10 * longestLine, `${(grown / 1e6).toFixed(0)} MB more`);
});

test('a long line that Graft may write is read', async () => {
  const file = path.join(temporaryFolder(), 'events.ndjson');
  const skipped = Array.from({ length: 50_000 }, (_, i) => ({ file: `photos/${i}.jpg`, reason: 'It is truncated.' }));
  const data = { type: 'data', time: 1, directory: 'photos', classes: [], duplicates: 0, skipped };
  writeFileSync(file, `${JSON.stringify(data)}\n${event}`);
  const types: string[] = [];
  await new LogReader(file, { wantsBatch: () => true, onEvent: ({ type }) => types.push(type) }).read();
  assert.deepEqual(types, ['data', 'paused']);
});

test(
  'what is no file has no lines, and nobody waits for it',
  { skip: process.platform === 'win32' ? 'no named pipes in folders' : false, timeout: 10_000 },
  async () => {
    const folder = temporaryFolder();
    const pipe = path.join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    mkdirSync(path.join(folder, 'folder'));
    for (const file of [pipe, path.join(folder, 'folder'), '/dev/zero']) {
      assert.deepEqual(await read(file), [], file);
      assert.deepEqual(await lastLines(file, 100), [], file);
      assert.equal(await new LogReader(file, { wantsBatch: () => true, onEvent: () => undefined }).read(), false, file);
    }
  },
);

test(
  'a script that is no regular file is refused, and not waited for',
  { skip: process.platform === 'win32' },
  async () => {
    const workspace = temporaryFolder();
    const script = path.join(workspace, 'train.ts');
    execFileSync('mkfifo', [script]);
    const folder = path.join(workspace, '.graft', 'runs', 'r1');
    const options = {
      folder,
      script,
      arguments: [],
      workspace,
      engine: 'auto',
      purpose: 'train',
      resumed: false,
    } as const;
    await assert.rejects(Run.open(options), /train\.ts is a named pipe, not a file/);
  },
);
