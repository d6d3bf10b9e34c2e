import assert from 'node:assert/strict';
import test from 'node:test';

import { checkWebviewMessage } from '../../../src/protocol/index.js';

const choice = { technique: 'fine-tuning', data: 'data', base: 'sapling', out: 'a.ts' };

const right = [
  { type: 'ready', version: 1 },
  { type: 'ready', version: 1, view: { kind: 'compare', ids: ['20261124-203710-146c'] } },
  { type: 'navigate', view: { kind: 'run', id: 'a' } },
  { type: 'control', id: 'a', request: 'resume' },
  { type: 'write', choice, train: true },
  { type: 'write', choice: { ...choice, freezeUpTo: 'conv' }, train: false },
  { type: 'listBases' },
  { type: 'navigate', view: { kind: 'try', model: '/w/models/a', name: 'a' } },
  { type: 'try', ticket: 1, pictures: [{ name: 'a.jpg', content: 'AAAA' }], files: ['file:///a.jpg'] },
];
for (const message of right) {
  test(`taken: ${JSON.stringify(message)}`, () => {
    assert.deepEqual(checkWebviewMessage(message), message);
  });
}

const wrong: unknown[] = [
  undefined,
  'stop',
  {},
  { type: 'toString' },
  { type: 'executeCommand', command: 'workbench.action.quit' },
  { type: 'command', command: 'workbench.action.quit' },
  { type: 'control', id: 'a', request: 'delete' },
  { type: 'control', id: '../a', request: 'stop' },
  { type: 'navigate', view: { kind: 'run', id: '..' } },
  { type: 'navigate', view: { kind: 'file' } },
  { type: 'detail', id: 'a', from: Number.NaN, to: 1 },
  { type: 'write', choice: { ...choice, technique: 'magic' }, train: true },
  { type: 'write', choice },
  { type: 'saveFile', name: 'a', format: 'exe', content: '' },
  { type: 'navigate', view: { kind: 'try', model: 1, name: 'a' } },
  { type: 'try', ticket: 1, pictures: [{ name: 'a.jpg' }], files: [] },
  { type: 'try', ticket: 1, pictures: [], files: [1] },
];
for (const message of wrong) {
  test(`refused: ${JSON.stringify(message)}`, () => {
    assert.equal(checkWebviewMessage(message), undefined);
  });
}
