import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { before, describe, test } from 'node:test';

import { GraftError } from '../../../src/common/errors.js';
import { parseJson, readJsonFile, readRegularFile } from '../../../src/common/read-file.js';

describe('only regular files are read, and no more of them than allowed', () => {
  let folder = '';
  const at = (name: string) => path.join(folder, name);
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'graft-read-'));
    await writeFile(at('ten'), '0123456789');
    await writeFile(at('empty'), '');
    await mkdir(at('folder'));
  });

  test('a file within its limit', async () => {
    assert.equal((await readRegularFile(at('ten'), 10)).toString(), '0123456789');
    assert.equal((await readRegularFile(at('empty'), 10)).length, 0);
  });

  for (const [name, said] of [
    ['ten', /ten has 10 bytes, more than the 9 bytes that such a file may have/],
    ['missing', /missing cannot be read: ENOENT/],
    ['folder', /folder is a folder, not a file/],
  ] as const) {
    test(`refused: ${name}`, async () => {
      await assert.rejects(readRegularFile(at(name), 9), (error) => {
        assert.ok(error instanceof GraftError);
        assert.match(error.message, said);
        return true;
      });
    });
  }

  const unix = process.platform === 'win32' ? 'Windows has no such files' : false;
  test(
    'a named pipe nobody writes into, and a device without an end, are refused at once',
    { skip: unix },
    async () => {
      execFileSync('mkfifo', [at('pipe')]);
      await assert.rejects(readRegularFile(at('pipe'), 9), /pipe is a named pipe, not a file/);
      await assert.rejects(readRegularFile('/dev/zero', 9), /\/dev\/zero is a device, not a file/);
    },
  );

  test('a file that says it has no length, and has one, is not read past the limit', async (t) => {
    if (process.platform !== 'linux') {
      t.skip('only Linux has /proc');
      return;
    }
    await assert.rejects(readRegularFile('/proc/self/smaps', 100), /more than the 100 bytes/);
  });
});

describe('JSON', () => {
  test('is parsed', async () => {
    assert.deepEqual(parseJson('{"a": ["}", "\\"]"]}', 'x'), { a: ['}', '"]'] });
    const file = path.join(await mkdtemp(path.join(tmpdir(), 'graft-json-')), 'x.json');
    await writeFile(file, '[1]');
    assert.deepEqual(await readJsonFile(file), [1]);
  });

  test('nested too deep or malformed is refused by name', () => {
    assert.throws(
      () => parseJson('['.repeat(100_000), 'deep.json'),
      /deep\.json is not valid JSON: it is nested deeper/,
    );
    assert.throws(() => parseJson('{', 'cut.json'), /cut\.json is not valid JSON/);
    assert.deepEqual(parseJson('[1]'.repeat(1), 'x'), [1]);
    assert.doesNotThrow(() => parseJson(`${'['.repeat(256)}${']'.repeat(256)}`, 'x'));
  });
});
