import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Inputs } from '../../../src/runtime/run/inputs.js';
import { temporaryFolder } from '../../support/pictures.js';

test('a script and data that disappear are told once, with what to do; data that is no file never is', () => {
  const workspace = temporaryFolder();
  const script = path.join(workspace, 'train.ts');
  writeFileSync(script, '');
  mkdirSync(path.join(workspace, 'data'));
  const told: string[] = [];
  const inputs = new Inputs({ script, workspace }, (message, action) => told.push(`${message} ${action}`));
  inputs.add('data');
  inputs.add('made up');
  inputs.look();
  assert.deepEqual(told, []);
  rmSync(script);
  rmSync(path.join(workspace, 'data'), { recursive: true });
  inputs.look();
  inputs.look();
  assert.equal(told.length, 2);
  assert.match(told.join(), /train\.ts was deleted\. The training goes on.*Put it back before you resume/);
  assert.match(told.join(), /The data data was deleted\. The training goes on.*Put it back/);
});
