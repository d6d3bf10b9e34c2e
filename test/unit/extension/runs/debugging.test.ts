import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as vscode from 'vscode';

import { Debugging } from '../../../../src/extension/runs/debugging.js';

const folder = '/w/.graft/runs/r1';

/** A run that the debugger starts: its outer session, and the one inside that the program's messages come from. */
function debugged() {
  const factories = new Map<string, vscode.DebugAdapterTrackerFactory>();
  const [started, ended] = [
    new vscode.EventEmitter<vscode.DebugSession>(),
    new vscode.EventEmitter<vscode.DebugSession>(),
  ];
  Object.assign(vscode.debug, {
    registerDebugAdapterTrackerFactory: (type: string, factory: vscode.DebugAdapterTrackerFactory) =>
      factories.set(type, factory),
    onDidStartDebugSession: started.event,
    onDidTerminateDebugSession: ended.event,
  });
  const seen: (string | undefined)[] = [];
  const debugging = new Debugging(() => {
    seen.push(debugging.stateOf(folder));
  });
  debugging.add(folder);
  const outer = { configuration: { args: [folder] } } as unknown as vscode.DebugSession;
  const inner = { configuration: {}, parentSession: outer } as unknown as vscode.DebugSession;
  const tracker = factories.get('pwa-node')?.createDebugAdapterTracker(inner) as vscode.DebugAdapterTracker;
  return {
    debugging,
    started,
    ended,
    outer,
    inner,
    seen,
    say: (message: object) => tracker.onDidSendMessage?.(message),
  };
}

test('a run under the debugger is halted at a breakpoint, until it goes on or ends', () => {
  const { debugging, started, ended, outer, inner, seen, say } = debugged();
  started.fire(outer);
  started.fire(inner);
  assert.equal(debugging.stateOf(folder), 'going');
  say({ type: 'event', event: 'stopped' });
  say({ type: 'response', command: 'continue', success: true });
  say({ type: 'event', event: 'stopped' });
  say({ type: 'event', event: 'continued' });
  ended.fire(inner);
  ended.fire(outer);
  assert.deepEqual(seen, ['halted', 'going', 'halted', 'going', undefined]);
});

test('a run that has halted stays so when the editor says only then that its session has started', () => {
  const { debugging, started, outer, inner, say } = debugged();
  started.fire(outer);
  say({ type: 'event', event: 'stopped' });
  started.fire(inner);
  assert.equal(debugging.stateOf(folder), 'halted');
});
