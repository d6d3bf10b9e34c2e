import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, it } from 'mocha';
import * as vscode from 'vscode';

import { click, event, lens, open, runFolders, until, writeScript } from '../support.js';

/** The little of the debug adapter protocol that is looked at here. */
interface Stopped {
  readonly session: vscode.DebugSession;
  readonly threadId: number;
  readonly reason: string;
}
interface Frame {
  readonly id: number;
  readonly line: number;
  readonly source?: { readonly path?: string };
}
interface Variables {
  readonly variables: readonly { readonly name: string; readonly value: string }[];
}

describe('Debug', () => {
  it('stops at a breakpoint in the TypeScript, shows variables there, and goes on to the end', async () => {
    const script = writeScript('debug.ts', 1);
    const lines = readFileSync(script.fsPath, 'utf8').split('\n');
    const line = lines.findIndex((text) => text.startsWith('freeze(base'));
    await open(script);
    const breakpoint = new vscode.SourceBreakpoint(new vscode.Location(script, new vscode.Position(line, 0)));
    vscode.debug.addBreakpoints([breakpoint]);
    const stops: Stopped[] = [];
    // Not `activeDebugSession`: a busy window still names the one that has ended.
    const ended = new Set<string>();
    const ends = vscode.debug.onDidTerminateDebugSession(({ id }) => ended.add(id));
    const tracker = vscode.debug.registerDebugAdapterTrackerFactory('*', {
      createDebugAdapterTracker: (session) => ({
        onDidSendMessage: (message: { event?: string; body?: { threadId: number; reason: string } }) => {
          if (message.event === 'stopped' && message.body !== undefined) stops.push({ session, ...message.body });
        },
      }),
    });
    try {
      const before = new Set(runFolders());
      void click(await lens(script, 'Debug'));
      const { session, threadId, reason } = await until('a stop', () => stops[0]);
      assert.equal(reason, 'breakpoint');
      // The panel is there, beside the script that the debugger shows, and both say where the run is.
      const groupOf = (isIt: (tab: vscode.Tab) => boolean) =>
        vscode.window.tabGroups.all.find(({ tabs }) => tabs.some(isIt))?.viewColumn;
      const panel = await until('the panel', () =>
        groupOf(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith('graft.training')),
      );
      const text = groupOf(({ label }) => label === 'debug.ts');
      assert.ok(text !== undefined && text !== panel, `The script is in group ${text}, the panel in ${panel}.`);
      await lens(script, 'at a breakpoint');
      const { stackFrames } = (await session.customRequest('stackTrace', { threadId })) as { stackFrames: Frame[] };
      const [frame] = stackFrames;
      assert.ok(frame !== undefined);
      // In a remote window the editor makes an address of the path.
      const place = frame.source?.path ?? '';
      const file = place.startsWith('vscode-remote:') ? vscode.Uri.parse(place).path : place;
      assert.deepEqual([file, frame.line], [script.fsPath, line + 1]);

      const { scopes } = (await session.customRequest('scopes', { frameId: frame.id })) as {
        scopes: { variablesReference: number }[];
      };
      const seen = new Map<string, string>();
      for (const { variablesReference } of scopes) {
        const { variables } = (await session.customRequest('variables', { variablesReference })) as Variables;
        for (const { name, value } of variables) seen.set(name, value);
      }
      assert.ok(seen.has('data') && seen.has('base'), [...seen.keys()].slice(0, 40).join());
      const { result } = (await session.customRequest('evaluate', {
        expression: 'data.classes.length',
        frameId: frame.id,
      })) as { result: string };
      assert.equal(result, '4');

      await session.customRequest('continue', { threadId });
      const run = await until('the run', () => runFolders().find((each) => !before.has(each)));
      await event(run, 'done');
      await until('the end of the session', () => ended.has(session.parentSession?.id ?? session.id));
      assert.equal(stops.length, 1, JSON.stringify(stops.slice(1).map(({ reason: why }) => why)));
    } finally {
      ends.dispose();
      tracker.dispose();
      vscode.debug.removeBreakpoints([breakpoint]);
      await vscode.debug.stopDebugging();
    }
  });

  it('stopped while it trains saves a checkpoint', async () => {
    const script = writeScript('debug-stop.ts', 2_000);
    const before = new Set(runFolders());
    await open(script);
    void click(await lens(script, 'Debug'));
    const run = await until('the run', () => runFolders().find((each) => !before.has(each)));
    await event(run, 'epoch', 3);
    await vscode.debug.stopDebugging();
    const stopped = await event(run, 'stopped');
    assert.ok(stopped.type === 'stopped');
    assert.ok(stopped.checkpoint !== undefined && existsSync(path.join(run, stopped.checkpoint)));
    await lens(script, 'Resume');
  });
});
