import assert from 'node:assert/strict';
import { test } from 'node:test';

import { scriptLenses } from '../../../src/extension/lenses/text.js';
import { twinOf } from '../../../src/extension/runs/twin.js';
import type { RunSummary } from '../../../src/extension/interfaces.js';
import { differenceOf, evidence, numbersOf, translator } from '../../../src/words/index.js';

const score = (right: number, pictures: number) => ({ accuracy: right / pictures, pictures });

// The examples of Newcombe (1998), table II, method 10.
for (const [a, b, low, high] of [
  [score(56, 70), score(48, 80), 0.0524, 0.3339],
  [score(9, 10), score(3, 10), 0.1705, 0.809],
  [score(5, 56), score(0, 29), -0.0381, 0.1926],
  [score(10, 10), score(0, 10), 0.6075, 1],
] as const) {
  test(`the interval of a difference, as published: ${a.accuracy.toFixed(3)} and ${b.accuracy.toFixed(3)}`, () => {
    const found = differenceOf(a, b);
    assert.ok(Math.abs(found.low - low) < 6e-5, String(found.low));
    assert.ok(Math.abs(found.high - high) < 6e-5, String(found.high));
  });
}

test('a verdict only where the pictures suffice for one', () => {
  const say = (a: number, b: number) =>
    evidence(translator({}), numbersOf('en'), score(a, 40), score(b, 40), undefined);
  assert.equal(
    say(38, 12).text,
    'Transfer helps: 95.0 % with the pre-trained weights, 30.0 % with random ones, on 40 validation pictures. That is 65.0 points more (95 % interval: 45.8 to 77.5; unpaired, since nothing says that both saw the same pictures, or which of them each got right).',
  );
  assert.equal(say(38, 36).verdict, 'unclear');
  assert.equal(say(12, 38).verdict, 'harms');
});

const run = (id: string, purpose: 'train' | 'from-scratch' | undefined, more: object = {}): RunSummary => ({
  ...{ title: id, name: undefined, starred: false, debugging: undefined, phase: undefined, stage: undefined },
  ...{
    id,
    epochs: undefined,
    folder: `/w/.graft/runs/${id}`,
    status: 'done',
    epoch: undefined,
    best: undefined,
    progress: undefined,
  },
  ...{ checkpoint: false, suggestion: undefined, problem: undefined, measured: { data: 'd', seed: 7, pictures: 40 } },
  info: {
    ...{ protocol: 1, id, script: '/w/a.ts', scriptHash: 'h', arguments: [], workspace: '/w', versions: {} },
    ...{ platform: 'linux-x64', engine: 'auto', pid: 1, nonce: 'n', socket: 's', startTime: 0 },
    ...(purpose === undefined ? {} : { purpose }),
  },
  ...more,
});

test('a run and its twin find each other: the newest that is done, with the same script and pictures', () => {
  const trained = run('a', undefined);
  const scratch = run('b', 'from-scratch');
  assert.equal(twinOf(trained, [scratch, run('c', 'from-scratch'), trained])?.id, 'b');
  assert.equal(twinOf(scratch, [scratch, trained])?.id, 'a');
  assert.equal(twinOf(run('x', 'train', { status: 'stopped' }), [scratch]), undefined);
  const others = [
    run('d', 'from-scratch', { status: 'failed' }),
    run('e', 'from-scratch', { measured: { data: 'other', seed: 7, pictures: 40 } }),
    run('f', 'from-scratch', { info: { ...scratch.info, scriptHash: 'changed' } }),
    run('g', 'train'),
  ];
  assert.equal(twinOf(trained, others), undefined);
});

test('the lens is there where there is a base to prove', () => {
  const titles = (text: string) => scriptLenses('/w/a.ts', text, []).map(({ title }) => title);
  assert.deepEqual(titles('const base = await applications.sapling();'), ['▶ Train', 'Debug', 'Prove It Helps']);
  assert.deepEqual(titles("const base = await loadBase('x.h5');"), ['▶ Train', 'Debug', 'Prove It Helps']);
  assert.deepEqual(titles('const model = tf.sequential();'), ['▶ Train', 'Debug']);
});
