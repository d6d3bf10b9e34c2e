import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { readTextTable } from '../../../../src/runtime/data/text/table.js';
import { temporaryFolder } from '../../../support/pictures.js';

/** Bytes that are still used when nothing is left that nobody needs. */
function heap(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

test('of a table of 60 MB, its texts stay in memory and nothing else', async () => {
  const file = path.join(temporaryFolder(), 'wide.csv');
  const stream = createWriteStream(file);
  const count = 30_000;
  stream.write('id,raw,text,label\n');
  for (let i = 0; i < count; i++)
    stream.write(
      `${i},${'raw bytes that nobody asked for '.repeat(62)},"A letter about bed number ${i}, again",${i % 2}\n`,
    );
  stream.end();
  await finished(stream);
  const before = heap();
  const { found } = await readTextTable(file);
  const kept = heap() - before;
  assert.equal(found.length, count);
  // 60 characters, 64 of a hash, an id and three objects each.
  assert.ok(kept < 600 * count, `${(kept / count).toFixed(0)} bytes a text`);
});
