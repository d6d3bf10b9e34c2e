import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as vscode from 'vscode';

import type { RunSummary } from '../../../src/extension/services.js';
import { followWalkthrough, Walkthrough } from '../../../src/extension/walkthrough.js';

/** The editor, as far as it is told what was done. */
function editor(folders: number) {
  const told: string[] = [];
  const stub = vscode as unknown as { commands: object; workspace: object };
  Object.assign(stub.commands, {
    executeCommand: (_: string, key: string) => {
      told.push(key.replace('graft.did.', ''));
    },
  });
  Object.assign(stub.workspace, { workspaceFolders: Array(folders).fill({}) });
  const kept = new Map<string, unknown>();
  const memory = {
    get: (key: string, fallback: unknown) => kept.get(key) ?? fallback,
    update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
  } as unknown as vscode.Memento;
  return { told, memory };
}

test('the walkthrough ticks what was done, each once, and tells it again in another window', () => {
  const { told, memory } = editor(1);
  const changed = new vscode.EventEmitter<void>();
  const shown = new vscode.EventEmitter<string>();
  const runs: RunSummary[] = [];
  let visible = false;
  const walkthrough = new Walkthrough(memory);
  followWalkthrough(
    walkthrough,
    { list: () => runs, get: () => runs[0], onDidChange: changed.event },
    { shows: () => visible, onDidShow: shown.event },
  );
  assert.deepEqual(told, ['start']);
  // A run that fails is no training done.
  runs.push({ id: 'a', status: 'failed' } as RunSummary);
  changed.fire();
  assert.deepEqual(told, ['start', 'script']);
  runs.push({ id: 'b', status: 'done' } as RunSummary);
  changed.fire();
  assert.deepEqual(told, ['start', 'script', 'train']);
  visible = true;
  shown.fire('b');
  changed.fire();
  assert.deepEqual(told, ['start', 'script', 'train', 'look']);
  walkthrough.did('use');
  walkthrough.did('use');
  told.length = 0;
  new Walkthrough(memory);
  assert.deepEqual(told, ['start', 'script', 'train', 'look', 'use']);
});

test('without a folder nothing is ticked', () => {
  const { told, memory } = editor(0);
  const never = new vscode.EventEmitter<never>().event;
  const nothing = { list: () => [], get: () => undefined, onDidChange: never };
  followWalkthrough(new Walkthrough(memory), nothing, { shows: () => false, onDidShow: never });
  assert.deepEqual(told, []);
});
