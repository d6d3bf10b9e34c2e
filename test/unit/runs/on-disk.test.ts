import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { longestLine } from '../../../src/protocol/index.js';
import { LogReader } from '../../../src/extension/panel/log-reader.js';
import { Run } from '../../../src/runtime/run/run.js';
import { lastLines, Tail } from '../../../src/runs/tail.js';
import { temporaryFolder } from '../../support/pictures.js';

async function read(tail: Tail): Promise<string[]> {
  const lines: string[] = [];
  await tail.read((line) => lines.push(line));
  return lines;
}

test('a tail gives whole lines, once, also when one is written in two parts', async () => {
  const file = path.join(temporaryFolder(), 'log');
  const tail = new Tail(file);
  assert.deepEqual(await read(tail), []);
  writeFileSync(file, 'one\ntw');
  assert.deepEqual(await read(tail), ['one']);
  appendFileSync(file, 'o\nthree\n');
  assert.deepEqual(await read(tail), ['two', 'three']);
  assert.deepEqual(await read(tail), []);
});

test('the last lines of a log, and a tail that goes on after them', async () => {
  const file = path.join(temporaryFolder(), 'log');
  writeFileSync(file, 'first line\nsecond\nthird\nhal');
  const { lines, offset } = await lastLines(file, 16);
  assert.deepEqual(lines, ['third']);
  appendFileSync(file, 'f\n');
  assert.deepEqual(await read(new Tail(file, offset)), ['half']);
  assert.deepEqual((await lastLines(file, 1000)).lines, ['first line', 'second', 'third', 'half']);
  assert.deepEqual(await lastLines(path.join(temporaryFolder(), 'none'), 10), { lines: [], offset: 0 });
});

const event = '{"type":"paused","time":1}\n';

test('a line without end is passed over by both readers, in little memory; the next one is read', async () => {
  const file = path.join(temporaryFolder(), 'events.ndjson');
  writeFileSync(file, event);
  // 600 MB that take no place on the disk.
  truncateSync(file, 600_000_000);
  appendFileSync(file, `\n${event}`);
  // What an empty place is does not matter to the readers; what it takes to read it does.
  const before = process.memoryUsage().rss;
  const lines = await read(new Tail(file));
  assert.deepEqual(lines, [event.trim(), event.trim()]);
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
      assert.deepEqual(await read(new Tail(file)), [], file);
      assert.deepEqual(await lastLines(file, 100), { lines: [], offset: 0 }, file);
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
