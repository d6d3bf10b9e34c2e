import assert from 'node:assert/strict';
import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { transform } from 'sucrase';

import { scriptText } from '../../../src/runtime/scaffold/script.js';
import { hostileNames, liveInTerminal } from '../../support/hostile.js';
import { temporaryFolder } from '../../support/pictures.js';

for (const [pictures, epochs] of [
  [40, 12],
  [1200, 10],
  [3000, 5],
]) {
  test(`${pictures} pictures are fine-tuned over ${epochs} epochs`, async () => {
    const workspace = temporaryFolder();
    for (const name of ['a', 'b']) {
      mkdirSync(path.join(workspace, 'data', name), { recursive: true });
      for (let i = 0; i < Number(pictures) / 2; i++)
        cpSync('sample/garden/leaf/leaf-01.jpg', path.join(workspace, 'data', name, `${i}.jpg`));
    }
    const text = await scriptText({ technique: 'fine-tuning', data: 'data', base: 'sapling', workspace });
    assert.match(text, new RegExp(`\\n  epochs: ${epochs},\\n`));
  });
}

for (const name of hostileNames) {
  // What a file system of Linux takes.
  if (name.includes('/') || Buffer.byteLength(name) > 200 || name.includes('\ud800')) continue;
  test(`a folder named ${JSON.stringify(name)} is a name in the script, and no part of it`, async () => {
    const workspace = temporaryFolder();
    for (const label of ['a', 'b']) {
      mkdirSync(path.join(workspace, name, label), { recursive: true });
      cpSync('sample/garden/leaf/leaf-01.jpg', path.join(workspace, name, label, '1.jpg'));
    }
    const text = await scriptText({ technique: 'fine-tuning', data: name, base: 'sapling', workspace });
    const plain = await scriptText({
      technique: 'fine-tuning',
      data: path.join(workspace, name),
      base: 'sapling',
      workspace: '/',
    });
    assert.equal(liveInTerminal(text), undefined);
    assert.equal(text.split('\n').length, plain.split('\n').length);
    const { code } = transform(text, { transforms: ['typescript'] });
    const literals = [...code.matchAll(/^.*(?:imageFolder|saveModel)\([^']*('(?:[^'\\]|\\.)*')/gm)].map(
      ([, literal = '']) => (0, eval)(literal) as string,
    );
    assert.deepEqual(literals.sort(), [`models/${name}`, name].sort());
  });
}
