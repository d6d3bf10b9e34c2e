import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { temporaryFolder } from '../../support/pictures.js';
// @ts-expect-error A tool is plain JavaScript.
import { trackedFiles } from '../../../tools/tracked-files.mjs';

const list = trackedFiles as (root: string, paths: readonly string[]) => string[];

test('the package holds what the repository holds: what somebody trained beside it does not travel along', () => {
  const root = temporaryFolder();
  const git = (...words: string[]) => spawnSync('git', words, { cwd: root });
  for (const name of [
    'models/sapling/model.json',
    'models/garden/model.json',
    'package.nls.json',
    'package.nls.de.json',
    'a b.md',
  ]) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), '');
  }
  if (git('init', '--quiet').status !== 0) {
    assert.throws(() => list(root, ['models']));
    return;
  }
  git('add', 'models/sapling', 'package.nls.json', 'package.nls.de.json', 'a b.md');
  assert.deepEqual(list(root, ['models', ':(glob)package.nls*.json', 'a b.md']).sort(), [
    'a b.md',
    'models/sapling/model.json',
    'package.nls.de.json',
    'package.nls.json',
  ]);
});

test('where git knows nothing, nothing is packaged by guess', () => {
  assert.throws(() => list(temporaryFolder(), ['models']), /known to git alone/);
});
