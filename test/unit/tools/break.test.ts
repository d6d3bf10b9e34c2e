import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { sha256 } from '../../../src/common/hash.js';
import { layersModelFiles } from '../../../src/runtime/export/saved-model.js';
import { damage } from '../../../tools/break/case.js';
import { formats } from '../../../tools/break/formats.js';
import { mutations } from '../../../tools/break/mutations.js';
import { randomOf } from '../../../tools/break/random.js';
import { failed } from '../../../tools/break/report.js';
import { sealed } from '../../../tools/break/seal.js';
import type { Outcome, Verdict } from '../../../tools/break/types.js';
import { judge } from '../../../tools/break/verdict.js';
import type { Ended } from '../../../tools/break/worker-process.js';
import { fixtures, tinyModel } from '../../support/made-up.js';
import { temporaryFolder } from '../../support/pictures.js';

const csv = formats.filter(({ name }) => name === 'csv');

test('a case is decided by its seed and its number', () => {
  const workspace = temporaryFolder();
  const file = path.join(workspace, 'table', 'labels.csv');
  mkdirSync(path.dirname(file));
  const damaged = (seed: number, index: number) => {
    writeFileSync(file, 'path,label\na.png,red\nb.png,blue\nc.png,red\n');
    const { files } = damage(workspace, seed, index, csv);
    assert.deepEqual([...files.keys()], [path.join('table', 'labels.csv')]);
    return files.get(path.join('table', 'labels.csv'))?.toString('latin1');
  };
  assert.equal(damaged(1, 7), damaged(1, 7));
  const different = new Set([1, 2].flatMap((seed) => Array.from({ length: 20 }, (_, i) => damaged(seed, i))));
  assert.ok(different.size > 30, `${different.size} of 40`);
});

test('a folder that Graft saved may be sealed again: its hashes and its digest are those of what is there', async () => {
  const workspace = temporaryFolder();
  const { topology, weights } = await layersModelFiles(tinyModel());
  mkdirSync(path.join(workspace, 'model'));
  const [file, info] = [path.join('model', 'weights.bin'), path.join('model', 'graft.json')];
  writeFileSync(path.join(workspace, 'model', 'model.json'), topology);
  writeFileSync(path.join(workspace, file), weights);
  writeFileSync(path.join(workspace, info), JSON.stringify({ hashes: { data: 'x', weights: 'y' }, digest: 'z' }));
  const seal = sealed(workspace, file, Buffer.from('abc'));
  assert.equal(seal?.file, info);
  const hashes = { data: 'x', weights: sha256('abc') };
  assert.deepEqual(JSON.parse(seal.bytes.toString()), { hashes, digest: sha256(JSON.stringify({ hashes })) });
});

test('every kind of damage changes bytes, none but truncation and garbage the length; a changed field stays JSON', () => {
  const text = Buffer.from(JSON.stringify({ size: 12, name: 'abc', list: [1, 2, 3], inner: { a: null } }));
  const binary = Buffer.from(Array.from({ length: 64 }, (_, i) => (i % 4 === 3 ? i : 0)));
  const ofKind: Record<string, Buffer> = {
    'changed field': text,
    'changed tree': readFileSync(path.join(fixtures, 'tiny.h5')),
    'changed content': readFileSync(path.join(fixtures, 'tiny.keras')),
    'changed directory': readFileSync(path.join(fixtures, 'tiny.keras')),
  };
  for (const { kind, apply } of mutations) {
    const bytes = ofKind[kind] ?? binary;
    const results = Array.from({ length: kind in ofKind ? 8 : 50 }, (_, i) => apply(bytes, randomOf(3, i))).filter(
      (result) => result !== undefined,
    );
    assert.ok(
      results.some((result) => !result.equals(bytes)),
      kind,
    );
    if (['bit flip', 'block swap', 'zeroed block', 'changed size'].includes(kind))
      assert.ok(
        results.every(({ length }) => length === bytes.length),
        kind,
      );
    if (kind === 'changed field') for (const result of results) JSON.parse(result.toString());
  }
});

const whole = { result: 'right', said: ['Note: Few pictures.'], ms: 100 };
const reply = (outcome: Partial<Outcome>): Ended => ({
  kind: 'reply',
  outcomes: [{ code: 0, out: 'right', error: '', ...outcome }],
  peak: 1,
  ms: 1,
});

for (const [what, ended, verdict] of [
  ['the same result', reply({}), 'harmless'],
  ['another result', reply({ out: 'wrong' }), 'silent'],
  ['another result, with what was said of the whole files too', reply({ out: 'wrong\nNote: Few pictures.' }), 'silent'],
  ['another result and a note', reply({ out: 'Note: x is damaged.\nwrong' }), 'refused'],
  ['another result and a file left out', reply({ out: '{"skipped": [ {"file": "x", "reason": "y"}]}' }), 'refused'],
  ['a sentence', reply({ code: 1, out: '', error: 'x is cut off. Copy it again.' }), 'refused'],
  ['a stack', reply({ code: 1, out: '', error: 'Error: x\n    at f (file.js:1:2)' }), 'stack'],
  ['what JavaScript says', reply({ code: 1, out: '', error: "Cannot read properties of null (reading 'a')" }), 'stack'],
  ['an error that is not ours', reply({ code: 1, out: '', error: 'x', stack: 'Error: x' }), 'stack'],
  ['a training that was killed', reply({ code: 1, error: 'The training process was killed (SIGSEGV).' }), 'crash'],
  ['another exit code', reply({ code: 134, out: '' }), 'crash'],
  ['a worker that ends', { kind: 'exit', how: 'SIGSEGV', ms: 1 }, 'crash'],
  ['no end', { kind: 'hang', ms: 20_001 }, 'hang'],
  ['much memory', { kind: 'memory', peak: 2e9, ms: 1 }, 'memory'],
] as const satisfies readonly (readonly [string, Ended, Verdict])[]) {
  test(`${what} is judged: ${verdict}`, () => {
    const [format] = csv;
    assert.ok(format);
    assert.equal(judge(format, temporaryFolder(), ended, whole).verdict, verdict);
  });
}

test('what is silent is a fault only where a checksum would have shown it; all else always is', () => {
  const is = (format: string, verdict: Verdict, sealed = false) => failed([{ format, verdict, sealed }]);
  assert.deepEqual(
    [is('keras', 'silent'), is('keras', 'silent', true), is('keras', 'stack', true)],
    [true, false, true],
  );
  assert.deepEqual([is('csv', 'silent'), is('checkpoint', 'silent')], [false, true]);
  assert.deepEqual(
    [is('csv', 'hang'), is('csv', 'stack'), is('csv', 'crash'), is('csv', 'memory')],
    [true, true, true, true],
  );
  assert.deepEqual([is('checkpoint', 'refused'), is('checkpoint', 'harmless')], [false, false]);
});
