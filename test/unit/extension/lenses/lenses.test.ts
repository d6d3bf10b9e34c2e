import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import type * as vscode from 'vscode';

import { Unasked } from '../../../../src/extension/lenses/unasked.js';

const [script, other] = [{}, {}] as [vscode.TextDocument, vscode.TextDocument];

function setUp(mock: TestContext['mock']) {
  mock.timers.enable({ apis: ['setTimeout'] });
  let told = 0;
  const shown = [script];
  const unasked = new Unasked(
    () => shown,
    () => {
      told++;
    },
  );
  const after = (ms: number) => {
    // A timer that is set within a tick counts from its end.
    for (let past = 0; past < ms; past += 200) mock.timers.tick(Math.min(200, ms - past));
    return told;
  };
  return { unasked, shown, after };
}

test('an editor that dropped its question for lenses is told once more, one that asked is not', ({ mock }) => {
  const { unasked, shown, after } = setUp(mock);
  unasked.expect();
  assert.equal(after(999), 0);
  assert.equal(after(1), 1, 'It was not asked.');
  unasked.wasAsked(script);
  assert.equal(after(100_000), 1, 'It was asked.');

  unasked.expect();
  shown.push(other);
  unasked.wasAsked(script);
  assert.equal(after(1_000), 2, 'The other one was not asked for.');

  shown.length = 0;
  assert.equal(after(100_000), 2, 'Nothing is shown.');
  shown.push(script);
  unasked.expect();
  unasked.dispose();
  assert.equal(after(100_000), 2);
});

test('an editor that asks late is not put off by each thing that a training says', ({ mock }) => {
  const { unasked, after } = setUp(mock);
  // It asks two seconds after it was told last; a training says something new each 400 ms.
  let [told, at] = [0, 0];
  for (let now = 0; now < 8_000 && now - at < 2_000; now += 400) {
    unasked.change();
    const count = after(0);
    if (count !== told) [told, at] = [count, now];
    const more = after(400);
    if (more !== told) [told, at] = [more, now + 400];
  }
  assert.ok(at <= 3_200, `It was told last after ${at} ms.`);
  unasked.wasAsked(script);
  unasked.change();
  assert.equal(after(0), told + 1, 'It has asked: what changes now is told at once.');
});

test('who never asks is told a few times', ({ mock }) => {
  const { unasked, after } = setUp(mock);
  unasked.change();
  assert.equal(after(0), 1);
  assert.equal(after(300_000), 7);
  unasked.change();
  assert.equal(after(0), 8);
});
