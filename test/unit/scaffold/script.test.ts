import assert from 'node:assert/strict';
import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { scriptText } from '../../../src/runtime/scaffold/script.js';
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
