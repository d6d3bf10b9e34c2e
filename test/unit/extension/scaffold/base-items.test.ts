import assert from 'node:assert/strict';
import { test } from 'node:test';

import { QuickPickItemKind } from 'vscode';

import { baseItems } from '../../../../src/extension/scaffold/choices.js';
import { listBases } from '../../../../src/runtime/scaffold/known-options.js';

test('the bases to choose from are grouped by family, each with its facts', async () => {
  // Whether a base has been measured here is this machine's matter.
  const bases = (await listBases()).map((base) => {
    const { secondsPerPicture, ...facts } = { ...base, secondsPerPicture: 0.05 };
    return base.label === 'ResNet50' ? { ...facts, secondsPerPicture } : facts;
  });
  const items = baseItems(bases);
  const separators = items.filter(({ kind }) => kind === QuickPickItemKind.Separator).map(({ label }) => label);
  assert.deepEqual(separators, [...new Set(bases.map(({ family }) => family)), '']);
  const at = items.findIndex(({ label }) => label === 'ResNet50');
  assert.equal(items[at - 1]?.label, 'ResNet');
  assert.match(
    items[at]?.detail ?? '',
    /224 × 224 pixels · 23\.6 M parameters · \d+ MB · 74\.9 % on ImageNet · MIT · 0\.05 s per picture on this machine$/,
  );
  const other = items.find(({ label }) => label === 'ResNet101');
  assert.match(other?.detail ?? '', / · MIT$/);
  assert.equal(items.at(-1)?.value, 'file');
  assert.equal(items.filter(({ value }) => typeof value === 'object').length, bases.length);
});
