import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import * as vscode from 'vscode';

import type { RunSummary } from '../../../src/extension/interfaces.js';
import { followWalkthrough, Walkthrough } from '../../../src/extension/walkthrough.js';

/** A window with so many folders: what the editor is told, what is done in it, and its tabs. */
function window(t: TestContext, folders: number, kept = new Map<string, unknown>()) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const told: string[] = [];
  const tabs = new vscode.EventEmitter<object>();
  const stub = vscode as unknown as { commands: object; workspace: object; window: { tabGroups: object } };
  Object.assign(stub.commands, {
    executeCommand: (_: string, key: string) => {
      told.push(key.replace('graft.did.', ''));
    },
  });
  Object.assign(stub.workspace, { workspaceFolders: Array(folders).fill({}) });
  Object.assign(stub.window.tabGroups, { onDidChangeTabs: tabs.event });
  const memory = {
    get: (key: string, fallback: unknown) => kept.get(key) ?? fallback,
    update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
  } as unknown as vscode.Memento;
  const runs: RunSummary[] = [];
  const [changed, shown] = [new vscode.EventEmitter<void>(), new vscode.EventEmitter<string>()];
  const panel = { visible: false, shows: () => panel.visible, onDidShow: shown.event };
  const walkthrough = new Walkthrough(memory);
  followWalkthrough(walkthrough, { list: () => runs, onDidChange: changed.event }, panel);
  const open = (input: object | undefined) => {
    tabs.fire({ opened: [{ input }], changed: [] });
    t.mock.timers.tick(1_000);
  };
  return { told, kept, walkthrough, runs, changed, shown, panel, open };
}

test('the walkthrough ticks what was done, each once', (t) => {
  const { told, walkthrough, runs, changed, shown, panel, open } = window(t, 1);
  open(undefined);
  assert.deepEqual(told, ['start']);
  // A run that fails is no training done.
  runs.push({ id: 'a', status: 'failed' } as RunSummary);
  changed.fire();
  assert.deepEqual(told, ['start', 'script']);
  runs.push({ id: 'b', status: 'done' } as RunSummary);
  changed.fire();
  assert.deepEqual(told, ['start', 'script', 'train']);
  panel.visible = true;
  shown.fire('b');
  changed.fire();
  assert.deepEqual(told, ['start', 'script', 'train', 'look']);
  walkthrough.did('use');
  walkthrough.did('use');
  assert.deepEqual(told, ['start', 'script', 'train', 'look', 'use']);
});

test('nothing is told before a walkthrough is looked at; then all, in another window too', (t) => {
  const { told, walkthrough, open, kept } = window(t, 1);
  walkthrough.did('use');
  open({ uri: 'a file' });
  assert.deepEqual(told, []);
  open(undefined);
  open(undefined);
  assert.deepEqual(told, ['start', 'use']);
  t.mock.timers.reset();
  const other = window(t, 0, kept);
  other.open(undefined);
  assert.deepEqual(other.told, ['start', 'use']);
});

test('without a folder nothing is ticked', (t) => {
  const { told, open } = window(t, 0);
  open(undefined);
  assert.deepEqual(told, []);
});
