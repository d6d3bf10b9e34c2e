import assert from 'node:assert/strict';
import { test } from 'node:test';

import { importLine, modelActions, scriptLenses } from '../../../src/extension/lenses/text.js';
import { activity, age, runDescription } from '../../../src/extension/run-text.js';
import { factsOf, summarize, type Facts } from '../../../src/extension/runs/summary.js';
import { isBatchLine } from '../../../src/runs/event-codec.js';
import { after, emptyState } from '../../../src/runs/log-state.js';
import { cannotWriteRun } from '../../../src/runs/launchers/launch.js';
import type { EpochEvent, RunEvent, RunInfo } from '../../../src/protocol/index.js';
import { goodReport } from '../../support/crafted-run.js';

const info: RunInfo = {
  ...{ protocol: 1, id: 'r1', script: '/w/train.ts', scriptHash: '', arguments: [], workspace: '/w', versions: {} },
  ...{ platform: 'linux-x64', engine: 'auto', pid: 4711, nonce: 'n', socket: '/tmp/s', startTime: 0 },
};
const epoch = (n: number, accuracy: number, best: boolean): EpochEvent => ({
  ...{ type: 'epoch', time: n, stage: 'fine-tune', epoch: n, epochs: 12, train: { loss: 1, accuracy: 0.5 } },
  ...{ validation: { loss: 1, accuracy, macroF1: accuracy }, learningRate: 0.1, ms: 5, best },
});
const started: RunEvent = { type: 'started', time: 0, protocol: 1, pid: 4711, nonce: 'n', script: '', resumed: false };
const run = (events: readonly RunEvent[], facts: Partial<Facts> = {}) =>
  summarize({
    ...{ folder: '/w/.graft/runs/r1', info, alive: true, crash: undefined },
    state: events.reduce(after, emptyState),
    ...facts,
  });

const progress: RunEvent = {
  type: 'progress',
  time: 1,
  phase: 'prefix',
  done: 42,
  total: 100,
  perSecond: 10,
  etaMs: 1,
};
const stage: RunEvent = {
  ...{ type: 'stage', time: 3, stage: 'fine-tune', epochs: 12, learningRate: 1e-4, trainable: 1, cached: 0, images: 4 },
};
const checkpoint: RunEvent = { type: 'checkpoint', time: 2, file: 'c', stage: 'head', epoch: 1, step: 1 };
const failed: RunEvent = { type: 'failed', time: 9, message: 'The disk is full.', action: 'Free some space.' };
const table = [
  { name: 'just started', run: run([started]), status: 'running', lenses: ['starting', '■ Stop'] },
  {
    name: 'prefix',
    run: run([started, progress]),
    status: 'running',
    lenses: ['running the frozen layers, 42 %', '■ Stop'],
  },
  {
    name: 'epochs; the best is kept',
    run: run([started, epoch(1, 0.9, true), epoch(2, 0.8, false)]),
    status: 'running',
    lenses: ['fine-tuning, epoch 2/12, 80.0 %', '■ Stop'],
  },
  { name: 'paused', run: run([started, { type: 'paused', time: 3 }]), status: 'paused', lenses: ['paused', '■ Stop'] },
  {
    name: 'done',
    run: run([started, { type: 'done', time: 4 }], { alive: false }),
    status: 'done',
    lenses: ['▶ Train', 'Debug', 'Done'],
  },
  {
    name: 'done: the lens keeps the result',
    run: run([started, epoch(1, 0.9, true), { type: 'done', time: 4 }], { alive: false }),
    status: 'done',
    lenses: ['▶ Train', 'Debug', 'Done: 90.0 %'],
  },
  {
    name: 'fine-tuning has begun: the last epoch of the head is not what runs',
    run: run([started, { ...epoch(30, 0.9, true), stage: 'head' }, stage]),
    status: 'running',
    lenses: ['fine-tuning, epoch 1/12', '■ Stop'],
  },
  {
    name: 'evaluating: the last epoch is not what runs',
    run: run([started, epoch(12, 0.9, true), { type: 'phase', phase: 'evaluate', state: 'started', time: 5 }]),
    status: 'running',
    lenses: ['evaluating', '■ Stop'],
  },
  {
    name: 'resumed: what it was at before is not what runs',
    run: run([started, epoch(5, 0.9, true), failed, { ...started, resumed: true }]),
    status: 'running',
    lenses: ['starting', '■ Stop'],
  },
  {
    name: 'stopped with a checkpoint',
    run: run([started, checkpoint, { type: 'stopped', time: 4 }], { alive: false }),
    status: 'stopped',
    lenses: ['▶ Train', 'Debug', 'Stopped', 'Resume'],
  },
  {
    name: 'failed without a checkpoint',
    run: run([started, failed], { alive: false }),
    status: 'failed',
    lenses: ['▶ Train', 'Debug', 'Failed: The disk is full.'],
  },
  {
    name: 'vanished',
    run: run([started, checkpoint], { alive: false }),
    status: 'interrupted',
    lenses: ['▶ Train', 'Debug', 'Interrupted', 'Resume'],
  },
  {
    name: 'resumed after it failed',
    run: run([started, failed, { ...started, resumed: true }]),
    status: 'running',
    lenses: ['starting', '■ Stop'],
  },
];
for (const { name, run: summary, status, lenses } of table) {
  test(`a run: ${name}`, () => {
    assert.equal(summary.status, status);
    assert.deepEqual(
      scriptLenses('/w/train.ts', '', [summary]).map(({ title }) => title),
      lenses,
    );
  });
}

test('the best epoch counts, not the newest; the report outranks both', () => {
  assert.equal(run([started, epoch(1, 0.9, true), epoch(2, 0.8, false)]).best?.accuracy, 0.9);
  assert.equal(runDescription(run([started, epoch(1, 0.9, true)]), 60_000), 'fine-tuning, epoch 1/12, 90.0 %');
  assert.equal(activity({ ...run([started, epoch(1, 0.9, true)]), status: 'paused' }), 'paused');
});

test('a crash says how the process ended, its last words, and whether to resume', () => {
  const killed = run([started], { alive: false, crash: { code: null, signal: 'SIGKILL', output: 'bad alloc' } });
  assert.deepEqual(killed.problem, {
    message: 'The training process was killed (SIGKILL). It said: bad alloc',
    action: 'There is no checkpoint yet: run it again.',
  });
  const code = run([started, checkpoint], { alive: false, crash: { code: 7, signal: null, output: '' } });
  assert.deepEqual(code.problem, {
    message: 'The training process ended with code 7.',
    action: 'Resume it: a checkpoint is saved.',
  });
  const full = run([started, checkpoint], { alive: false, crash: { code: cannotWriteRun, signal: null, output: '' } });
  assert.match(full.problem?.message ?? '', /The disk is full/);
  assert.match(run([started], { info: { ...info, protocol: 99 } }).problem?.message ?? '', /protocol 99, not 1/);
});

test('a run that did not answer Stop says so, and whether to resume', () => {
  const silent = (before: readonly RunEvent[]) =>
    run([started, ...before, { type: 'stopped', ended: true, time: 5 }], { alive: false });
  assert.equal(silent([]).status, 'stopped');
  assert.deepEqual(silent([]).problem, {
    message: 'The training did not answer Stop, so its process was ended.',
    action: 'There is no checkpoint yet: run it again.',
  });
  assert.equal(silent([checkpoint]).problem?.action, 'Resume it: a checkpoint is saved.');
  assert.equal(run([started, { type: 'stopped', time: 5 }], { alive: false }).problem, undefined);
});

test('another script has its own lens', () => {
  assert.deepEqual(
    scriptLenses('/w/other.ts', '', [run([started])]).map(({ title }) => title),
    ['▶ Train', 'Debug'],
  );
});

test('lines that are not worth parsing', () => {
  assert.ok(isBatchLine(Buffer.from('{"type":"batch","stage":"head"}')));
  assert.ok(!isBatchLine(Buffer.from('{"type":"epoch","stage":"head"}')));
});

test('ages', () => {
  assert.deepEqual([0, 59_000, 61_000, 3_700_000, 200_000_000].map(age), [
    'just now',
    'just now',
    '1 min ago',
    '1 h ago',
    '2 d ago',
  ]);
});

const imports = [
  { text: "// x\nimport { fit } from 'graftjs';", line: 1 },
  { text: 'import {\n  fit,\n  freeze,\n} from "graftjs";\n', line: 0 },
  { text: "import * as graft from 'graftjs'", line: 0 },
  { text: "// import { fit } from 'graftjs';", line: undefined },
  { text: "import { fit } from 'graftjs-other';\nimport x from 'y';", line: undefined },
  { text: 'const text = "from \'graftjs\'";', line: undefined },
];
for (const { text, line } of imports) {
  test(`import line of ${JSON.stringify(text)}`, () => {
    assert.equal(importLine(text), line);
  });
}

test('a model.json offers what works for it', () => {
  const layers = '{"modelTopology": {"class_name": "Conv2D"}, "weightsManifest": []}';
  assert.deepEqual(modelActions(layers, false), ['fineTune', 'extract']);
  assert.deepEqual(modelActions(layers, true), ['fineTune', 'extract', 'evaluate', 'try', 'export']);
  assert.deepEqual(modelActions(layers.replace('Conv2D', 'Dense'), false), []);
  assert.deepEqual(modelActions(`${layers}"format": "graph-model"`, false), []);
  assert.deepEqual(modelActions('{"name": "package"}', false), []);
});

test('of a report, a list keeps what it shows, not the matrix', () => {
  const report = goodReport();
  assert.deepEqual(factsOf({ report }), {
    best: report.metrics,
    measured: { data: 'd', seed: 7, pictures: 4 },
  });
});
