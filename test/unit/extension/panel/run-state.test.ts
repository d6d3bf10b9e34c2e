import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { LogReader } from '../../../../src/runs/log-reader.js';
import { RunState } from '../../../../src/extension/panel/run-state.js';

const line = (event: Record<string, unknown>) => `${JSON.stringify({ time: 1_000, ...event })}\n`;
const batch = (stage: string, epoch: number, step: number, steps: number, loss: number) =>
  `${JSON.stringify({ type: 'batch', stage, epoch, step, steps, loss, accuracy: 0.5, learningRate: 1e-3, imagesPerSecond: 10, memory: 5e8, time: 1_000 })}\n`;
const epoch = (stage: string, n: number, loss: number, best = true) =>
  line({
    type: 'epoch',
    stage,
    epoch: n,
    epochs: 2,
    train: { loss, accuracy: 0.5 },
    validation: { loss, accuracy: 0.5, macroF1: 0.5 },
    learningRate: 1e-3,
    ms: 5,
    best,
  });
const stage = (name: string) =>
  line({ type: 'stage', stage: name, epochs: 2, learningRate: 1e-3, trainable: 1, cached: 0, images: 4 });
const started = (resumed = false) =>
  line({ type: 'started', protocol: 1, pid: 1, nonce: 'n', script: 'a.ts', resumed });

async function read(text: string): Promise<RunState> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'graft-log-'));
  try {
    const file = path.join(folder, 'events.ndjson');
    await writeFile(file, text);
    const state = new RunState();
    await new LogReader(file, state).read();
    return state;
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('epochs count on over the stages; batches lie between them', async () => {
  const state = await read(
    started() +
      stage('head') +
      batch('head', 1, 1, 2, 4) +
      epoch('head', 1, 3) +
      epoch('head', 2, 2) +
      stage('fine-tune') +
      batch('fine-tune', 1, 1, 2, 1.5) +
      epoch('fine-tune', 1, 1),
  );
  assert.deepEqual(
    state.epochs.map(({ x, stage }) => [x, stage]),
    [
      [1, 'head'],
      [2, 'head'],
      [3, 'fine-tune'],
    ],
  );
  assert.deepEqual(state.batches.all().x, [0.5, 2.5]);
  assert.deepEqual(
    state.facts().stages.map(({ x, stage }) => [x, stage]),
    [
      [0, 'head'],
      [2, 'fine-tune'],
    ],
  );
});

test('within an epoch, the batches say how far training is and when it will end', async () => {
  const phase = line({ type: 'phase', phase: 'train', state: 'started', time: 500 });
  const progress = (done: number, etaMs: number) =>
    line({ type: 'progress', phase: 'train', done, total: 2, perSecond: 0, etaMs });
  const train = async (...more: string[]) =>
    (await read([started(), phase, stage('head'), ...more].join('')))
      .facts()
      .phases.find((one) => one.phase === 'train');
  assert.equal((await train(progress(0, 0)))?.endsAt, undefined);
  const first = await train(progress(0, 0), batch('head', 1, 1, 4, 4));
  assert.deepEqual([first?.progress?.done, first?.endsAt], [0.25, 500 + (500 / 0.25) * 2]);
  const second = await train(progress(1, 700), batch('head', 2, 1, 4, 4));
  assert.deepEqual([second?.progress?.done, second?.endsAt], [1.25, 1_700]);
  // A batch that came before the epoch's end is not of the next one.
  assert.equal((await train(batch('head', 1, 4, 4, 4), progress(1, 700)))?.progress?.done, 1);
});

test('a resumed execution replaces the epochs after its checkpoint', async () => {
  const state = await read(
    started() +
      stage('head') +
      epoch('head', 1, 3) +
      epoch('head', 2, 2) +
      batch('head', 3, 1, 2, 9) +
      started(true) +
      stage('head') +
      batch('head', 2, 1, 2, 8) +
      epoch('head', 2, 1.5),
  );
  assert.deepEqual(
    state.epochs.map(({ x, train }) => [x, train.loss]),
    [
      [1, 3],
      [2, 1.5],
    ],
  );
  assert.deepEqual(state.batches.all(), { x: [1.5], loss: [8], accuracy: [0.5] });
  assert.equal(state.facts().stages.length, 1);
});

test('elapsed: all executions together, without the time in which nothing ran', async () => {
  const at = (time: number, event: Record<string, unknown>) => line({ ...event, time });
  const begin = (time: number, resumed = false) =>
    at(time, { type: 'started', protocol: 1, pid: 2, nonce: 'n', script: 's', resumed });
  const { elapsed } = (await read(begin(1_000) + at(31_000, { type: 'stopped' }) + begin(900_000, true))).facts();
  assert.deepEqual(elapsed, { ms: 30_000, since: 900_000 });
  // One that was killed was last seen at its last event.
  const killed = await read(
    begin(1_000) + at(11_000, { type: 'paused' }) + begin(900_000, true) + at(905_000, { type: 'done' }),
  );
  assert.deepEqual(killed.facts().elapsed, { ms: 15_000 });
});

test('phases: progress, time and expected end', async () => {
  const state = await read(
    started() +
      line({ type: 'phase', phase: 'read', state: 'started', time: 1_000 }) +
      line({ type: 'phase', phase: 'read', state: 'ended', time: 1_250 }) +
      line({ type: 'phase', phase: 'prefix', state: 'started', total: 10, time: 1_300 }) +
      line({ type: 'progress', phase: 'prefix', done: 4, total: 10, perSecond: 8, etaMs: 750, time: 1_800 }),
  );
  assert.deepEqual(state.facts().phases.slice(0, 3), [
    { phase: 'read', state: 'ended', ms: 250 },
    {
      phase: 'prefix',
      state: 'active',
      ms: 0,
      progress: { done: 4, total: 10, perSecond: 8 },
      since: 1_300,
      endsAt: 2_550,
    },
    { phase: 'train', state: 'waiting', ms: 0 },
  ]);
});

test('a phase that failed or was stopped says so, whoever wrote that', async () => {
  const phase = (name: string, state: string) => line({ type: 'phase', phase: name, state });
  const ends = async (text: string) => (await read(started() + text)).facts().phases.map(({ state }) => state);
  const upToTraining = phase('read', 'started') + phase('read', 'ended') + phase('train', 'started');
  const expected = (end: string) => ['ended', 'waiting', end, 'waiting', 'waiting'];
  assert.deepEqual(
    await ends(upToTraining + phase('train', 'failed') + line({ type: 'failed', message: 'No.' })),
    expected('failed'),
  );
  assert.deepEqual(
    await ends(upToTraining + phase('train', 'stopped') + line({ type: 'stopped' })),
    expected('stopped'),
  );
  // The process could not write more than how the run ended.
  assert.deepEqual(await ends(upToTraining + line({ type: 'failed', message: 'No.' })), expected('failed'));
  assert.deepEqual(await ends(upToTraining + line({ type: 'done' })), expected('ended'));
  // Resumed: it runs again.
  assert.deepEqual(
    (await ends(upToTraining + phase('train', 'failed') + started(true) + phase('train', 'started')))[2],
    'active',
  );
});

test('a log is read on from where it was; half a line waits, a broken one is left out', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'graft-log-'));
  const file = path.join(folder, 'events.ndjson');
  const state = new RunState();
  const reader = new LogReader(file, state);
  assert.equal(await reader.read(), false);
  const whole = epoch('head', 2, 1);
  await writeFile(file, started() + stage('head') + epoch('head', 1, 2) + whole.slice(0, 40));
  assert.equal(await reader.read(), true);
  assert.equal(state.takeEpochs()?.rows.length, 1);
  assert.equal(await reader.read(), false);
  await appendFile(file, `${whole.slice(40)}{"type":"batch","stage":"he\n${batch('head', 3, 1, 2, 1)}`);
  await reader.read();
  assert.deepEqual(
    state.takeEpochs()?.rows.map(({ x }) => x),
    [2],
  );
  assert.equal(state.facts().batch?.epoch, 3);
  await rm(folder, { recursive: true });
});
