import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { checkReport, checkRunInfo, isNonce } from '../../../src/protocol/index.js';
import { parseEvent } from '../../../src/runs/event-codec.js';
import { goodInfo, goodReport, hostileNonces, noPids } from '../../support/crafted-run.js';

const info = goodInfo('/w', 'r1');
const wrongInfo = (change: object) => {
  const checked = checkRunInfo({ ...info, ...change }, 'r1');
  return 'wrong' in checked ? checked.wrong : 'taken';
};

test('run.json as Graft writes it, and as older versions did, is taken; its id is the folder', () => {
  assert.deepEqual(checkRunInfo(info, 'r1'), { value: info });
  const old = { ...info, purpose: undefined, socket: '/tmp/graft-0.sock', id: 'other' };
  const checked = checkRunInfo(old, 'r1');
  assert.deepEqual(
    JSON.parse(JSON.stringify(checked)),
    JSON.parse(JSON.stringify({ value: { ...info, purpose: undefined } })),
  );
  assert.ok('value' in checked && !('socket' in checked.value));
});

test('run.json with a process that cannot be one, or a nonce that is a path, is refused', () => {
  for (const pid of noPids)
    assert.equal(wrongInfo({ pid }), 'its pid is not what a run has there', JSON.stringify(pid));
  for (const nonce of hostileNonces) {
    assert.equal(isNonce(nonce), false);
    assert.equal(wrongInfo({ nonce }), 'its nonce is not what a run has there', JSON.stringify(nonce));
  }
});

for (const [field, value] of [
  ['script', 'a\0b'],
  ['script', ''],
  ['script', 'x'.repeat(5_000)],
  ['workspace', ['/w']],
  ['arguments', 'rm'],
  ['arguments', [1]],
  ['arguments', ['a\0b']],
  ['versions', { node: {} }],
  ['engine', 'sh'],
  ['purpose', 'delete'],
  ['startTime', 1e300],
  ['startTime', '2026'],
  ['protocol', -1],
] as const)
  test(`run.json is refused: ${field} ${JSON.stringify(value).slice(0, 20)}`, () => {
    assert.equal(wrongInfo({ [field]: value }), `its ${field} is not what a run has there`);
    if (field !== 'purpose') assert.equal(wrongInfo({ [field]: undefined }), `it has no ${field}`);
  });

test('run.json that is no object is refused', () => {
  for (const value of [null, 7, 'run', [], true]) assert.ok('wrong' in checkRunInfo(value, 'r1'), String(value));
  const polluted: unknown = JSON.parse('{"__proto__": {"pid": 5, "nonce": "0123456789abcdef"}}');
  assert.deepEqual(checkRunInfo(polluted, 'r1'), { wrong: 'it has no protocol' });
});

for (const [name, change, wrong] of [
  ['a class more', { classes: ['a', 'b', 'c'] }, 'it has 3 classes, but 2 rows of figures'],
  ['a short row', { confusion: [[2, 0], [1]] }, 'a row of its confusion matrix has not 2 columns'],
  [
    'half a picture',
    {
      confusion: [
        [2, 0],
        [1, 0.5],
      ],
    },
    'its confusion is not what a run has there',
  ],
  [
    'fewer than none',
    {
      confusion: [
        [2, 0],
        [1, -1],
      ],
    },
    'its confusion is not what a run has there',
  ],
  ['a number as class', { classes: ['a', 2] }, 'its classes is not what a run has there'],
  ['no metrics', { metrics: undefined }, 'it has no metrics'],
  [
    'a text as metric',
    { metrics: { loss: 1, accuracy: '99 %', macroF1: 1 } },
    'its metrics is not what a run has there',
  ],
  ['no history', { history: null }, 'its history is not what a run has there'],
  ['a mistake without file', { mistakes: [{}] }, 'its mistakes is not what a run has there'],
  ['no hashes', { hashes: { data: 'd' } }, 'its hashes is not what a run has there'],
] as const)
  test(`report.json is refused: ${name}`, () => {
    assert.deepEqual(checkReport({ ...goodReport(), ...change }), { wrong });
  });

test('reports and logs that trainings wrote are taken whole', () => {
  assert.deepEqual(checkReport(goodReport()), { value: goodReport() });
  const fixtures = path.resolve('test/fixtures/panel');
  for (const name of readdirSync(fixtures).filter((one) => !one.endsWith('.md'))) {
    const text = (file: string) => readFileSync(path.join(fixtures, name, file), 'utf8');
    const run = JSON.parse(text('run.json')) as { id: string };
    assert.ok('value' in checkRunInfo(run, run.id), name);
    if (readdirSync(path.join(fixtures, name)).includes('report.json')) {
      const report: unknown = JSON.parse(text('report.json'));
      assert.deepEqual(checkReport(report), { value: report });
    }
    for (const line of text('events.ndjson').trimEnd().split('\n'))
      assert.deepEqual(parseEvent(line), JSON.parse(line), line.slice(0, 200));
  }
});

const time = 1_700_000_000_000;
const metrics = { loss: 1, accuracy: 0.5, macroF1: 0.5 };
for (const event of [
  { type: 'epoch', time, stage: 'head', epoch: 1, epochs: 2, train: metrics, validation: metrics, ms: 1, best: true },
  {
    type: 'epoch',
    time,
    stage: 'x',
    epoch: 1,
    epochs: 2,
    train: {},
    validation: metrics,
    learningRate: 1,
    ms: 1,
    best: 1,
  },
  { type: 'data', time, directory: 7, classes: [], duplicates: 0, skipped: [] },
  { type: 'data', time, directory: '/\0', classes: [], duplicates: 0, skipped: [] },
  { type: 'data', time, directory: '/', classes: [{ name: 'a' }], duplicates: 0, skipped: [] },
  { type: 'data', time, directory: '/', classes: {}, duplicates: 0, skipped: [] },
  { type: 'failed', time, message: { toString: 1 } },
  { type: 'failed', time, message: 'x'.repeat(65_537) },
  { type: 'stopped', time, ended: 'yes' },
  { type: 'progress', time, phase: 'read', done: '1', total: 2, perSecond: 1, etaMs: 1 },
  { type: 'learningRates', time, rates: [1], losses: ['x'], smoothed: [1] },
  { type: 'paused', time: 1e300 },
  { type: 'paused', time: null },
  { type: 'toString', time },
  { type: '__proto__', time },
  [1],
  null,
])
  test(`no event: ${JSON.stringify(event).slice(0, 100)}`, () => {
    assert.equal(parseEvent(JSON.stringify(event)), undefined);
  });

test('what an event does not have is dropped; numbers that JSON has no words for are none', () => {
  assert.deepEqual(parseEvent(`{"type":"paused","time":${time},"extra":1,"__proto__":{"a":1}}`), {
    type: 'paused',
    time,
  });
  assert.equal(
    parseEvent(`{"type":"report","time":${time},"metrics":{"loss":1e999,"accuracy":1,"macroF1":1}}`),
    undefined,
  );
  assert.equal(parseEvent('['.repeat(1_000_000)), undefined);
  assert.equal(parseEvent(''), undefined);
});
