import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { textTable } from '../../../src/runtime/data/text/readers.js';
import { temporaryFolder } from '../../support/pictures.js';

test('the sample of letters is what its grammar makes', () => {
  const file = path.join(temporaryFolder(), 'letters.csv');
  execFileSync(process.execPath, ['tools/letters/make.mjs', file]);
  assert.equal(readFileSync(file, 'utf8'), readFileSync('sample/letters.csv', 'utf8'));
});

test('its letters differ, and there are as many of each kind', async () => {
  const { report, classes } = await textTable('sample/letters.csv');
  assert.deepEqual(classes, ['complaint', 'order', 'question', 'thanks']);
  assert.deepEqual(
    report.classes.map(({ train, validation }) => train + validation),
    [70, 70, 70, 70],
  );
  const { duplicates, nearDuplicates, skipped, warnings } = report;
  assert.deepEqual(
    { duplicates, nearDuplicates, skipped, warnings },
    { duplicates: [], nearDuplicates: [], skipped: [], warnings: [] },
  );
});
