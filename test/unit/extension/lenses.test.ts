import assert from 'node:assert/strict';
import { test } from 'node:test';

import type * as vscode from 'vscode';

import { Unasked } from '../../../src/extension/lenses/unasked.js';

const [script, other] = [{}, {}] as [vscode.TextDocument, vscode.TextDocument];

test('an editor that dropped its question for lenses is told once more, one that asked is not', ({ mock }) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  let told = 0;
  let shown = [script];
  const unasked = new Unasked(
    () => shown,
    () => {
      told++;
    },
  );
  const after = (ms: number) => {
    mock.timers.tick(ms);
    return told;
  };

  unasked.expect();
  assert.equal(after(999), 0);
  assert.equal(after(1), 1, 'It was not asked.');
  assert.equal(after(10_000), 1, 'Once: lenses may be switched off.');

  unasked.expect();
  unasked.wasAsked(script);
  assert.equal(after(10_000), 1, 'It was asked.');

  // A training changes what they say several times a second: the last time counts.
  unasked.expect();
  assert.equal(after(600), 1);
  unasked.wasAsked(script);
  unasked.expect();
  assert.equal(after(600), 1);
  assert.equal(after(400), 2);

  unasked.expect();
  shown = [script, other];
  unasked.wasAsked(script);
  assert.equal(after(1_000), 3, 'The other one was not asked for.');

  shown = [];
  unasked.expect();
  assert.equal(after(10_000), 3, 'Nothing is shown.');

  shown = [script];
  unasked.expect();
  unasked.dispose();
  assert.equal(after(10_000), 3);
});
