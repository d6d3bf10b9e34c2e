import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { format, resolveConfig } from 'prettier';

import { kinds, tasks, techniques } from '../../../src/protocol/index.js';
import { code, identifier, inComment, literal, object } from '../../../src/runtime/scaffold/code.js';
import { fillTemplate, sampleScript } from '../../../src/runtime/scaffold/template.js';
import { templateName } from '../../../src/words/index.js';

const template = "// On /*data*/sample/**/.\nread(/*path*/'a'/**/, { /*list*/one: 1, two: 2/**/ });\n";

test('what is in a slot is replaced, once, and nothing else', () => {
  assert.equal(sampleScript(template), "// On sample.\nread('a', { one: 1, two: 2 });\n");
  const filled = fillTemplate(template, {
    data: inComment`${'/*path*/x/**/\nrun()'}`,
    path: literal("$& $1 /*list*/ it's"),
    list: (own) => [...own, code`three: ${'3'}`],
  });
  assert.equal(
    filled,
    "// On /*path*/x/**/\\nrun().\nread('$& $1 /*list*/ it\\'s', { one: 1, two: 2, three: '3' });\n",
  );
});

test('entries of a list are set apart as the template sets them apart', () => {
  const lines = fillTemplate('f({\n  /*list*/one: 1,\n  two: 2/**/,\n});', {
    list: (own) => [...own, code`three: ${literal(3)}`],
  });
  assert.equal(lines, 'f({\n  one: 1,\n  two: 2,\n  three: 3,\n});');
});

test('a slot that nobody fills is a mistake, and so is a filling without a slot', () => {
  assert.throws(() => fillTemplate(template, { data: code`x`, path: code`x` }), /Nothing is known about the slot list/);
  assert.throws(() => fillTemplate('a', { other: code`x` }), /has no slot other/);
});

test('values are written as code', () => {
  assert.equal(object({ a: 1, b: undefined, c: "'); x('" }).text, "{ a: 1, c: '\\'); x(\\'' }");
  assert.equal(literal([224, 3]).text, '[224, 3]');
  assert.equal(literal('a\\\u2028\u202e').text, "'a\\\\\\u2028\\u202e'");
  assert.throws(() => identifier('a-b'), /no identifier/);
});

test('there is a template for each kind, task and technique, whose script is formatted', async () => {
  const scripts = kinds.flatMap((kind) =>
    readdirSync(`templates/${kind}`)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${kind}/${name}`),
  );
  const wanted = kinds.flatMap((kind) =>
    tasks.flatMap((task) => techniques.map((one) => templateName(kind, one, task))),
  );
  assert.deepEqual(scripts.sort(), wanted.sort());
  for (const name of scripts) {
    const text = sampleScript(readFileSync(`templates/${name}`, 'utf8'));
    assert.doesNotMatch(text, /\/\*/);
    assert.equal(await format(text, { ...(await resolveConfig('package.json')), parser: 'typescript' }), text);
  }
});
