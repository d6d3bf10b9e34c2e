import assert from 'node:assert/strict';
import { test } from 'node:test';

import { runDescription } from '../../../src/extension/run-text.js';
import type { RunSummary } from '../../../src/extension/interfaces.js';
import { classesAndPictures, numbersOf, translator } from '../../../src/words/index.js';
import * as vscode from 'vscode';

const noon = new Date(2026, 10, 24, 12, 5, 9).getTime();
const table: [language: string, expected: readonly string[]][] = [
  ['en', ['95.8 %', '96 %', '12,345', '0.950', '0.0123', '1.23e-5', '0.0012', '1.6 M', '47 k', '1,576 MB', '0.25']],
  [
    'de',
    ['95,8\u00a0%', '96\u00a0%', '12.345', '0,950', '0,0123', '1,23e-5', '0,0012', '1,6 M', '47 k', '1.576 MB', '0,25'],
  ],
  ['tr', ['%95,8', '%96', '12.345', '0,950', '0,0123', '1,23e-5', '0,0012', '1,6 M', '47 k', '1.576 MB', '0,25']],
];
for (const [language, expected] of table) {
  test(`numbers as ${language} writes them`, () => {
    const n = numbersOf(language);
    const written = [
      ...[n.percent(0.958), n.percent(0.958, 0), n.count(12_345), n.fixed(0.95, 3)],
      ...[n.significant(0.012_34), n.significant(1.234e-5), n.rate(0.001_23)],
      ...[n.compact(1_600_000), n.compact(47_123), n.megabytes(1_576e6), n.tick(0.25)],
    ];
    assert.deepEqual(written, expected);
  });
}

test('times are those of the language; nothing is a dash; a language that nobody knows is English', () => {
  assert.equal(numbersOf('de').moment(noon), '24.11.2026, 12:05');
  assert.equal(numbersOf('de').day(noon), '24.11.2026');
  assert.equal(numbersOf('de').timeOfDay(noon), '12:05:09');
  assert.match(numbersOf('en').moment(noon), /^Nov 24, 2026, 12:05\sPM$/);
  assert.deepEqual([null, undefined, NaN, 0].map(numbersOf('de').significant), ['–', '–', '–', '0,0000']);
  assert.deepEqual([9.53e23, 999_999, -2e7].map(numbersOf('en').significant), ['9.53e+23', '999,999.0000', '-2.00e+7']);
  assert.equal(numbersOf('en').rate(1_000), '1,000');
  assert.equal(numbersOf('qps-ploc').count(12_345), '12,345');
});

test('the editor and the panel write numbers in the language of their texts', () => {
  const stub = vscode as unknown as { l10n: { bundle: unknown }; env: { language: string } };
  Object.assign(stub.l10n, { bundle: {} });
  Object.assign(stub.env, { language: 'de' });
  try {
    const run = { name: 'mine', status: 'done', best: { accuracy: 0.958 }, info: { startTime: 0 } } as RunSummary;
    assert.equal(runDescription(run, 60_000), '95,8\u00a0%, 1 min ago');
    // A title of ours says when.
    assert.equal(runDescription({ ...run, name: undefined }, 60_000), '95,8\u00a0%');
    stub.l10n.bundle = undefined;
    // Texts without a translation are English, and so are their numbers.
    assert.equal(runDescription(run, 60_000), '95.8 %, 1 min ago');
  } finally {
    Object.assign(stub.l10n, { bundle: undefined });
    Object.assign(stub.env, { language: 'en' });
  }
  assert.equal(classesAndPictures(translator({}), numbersOf('de'), 3, 10_000), '3 classes, 10.000 pictures');
});
