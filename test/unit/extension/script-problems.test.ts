import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import * as vscode from 'vscode';

import { registerScriptProblems } from '../../../src/extension/script-problems.js';
import type { RunStore } from '../../../src/extension/runs/run-store.js';

test('the line that a script failed on is a problem until it runs again; one outside the workspace is none', () => {
  const found = new Map<string, readonly string[]>();
  const workspace = path.resolve('/work-of-somebody');
  Object.assign(vscode.languages, {
    createDiagnosticCollection: () => ({
      set: ({ fsPath }: vscode.Uri, all: readonly { range: { numbers: number[] }; message: string }[]) =>
        found.set(
          fsPath,
          all.map(({ range, message }) => `${range.numbers[0] ?? ''}: ${message}`),
        ),
      delete: ({ fsPath }: vscode.Uri) => found.delete(fsPath),
    }),
  });
  Object.assign(vscode.Uri, { file: (fsPath: string) => ({ fsPath }) });
  Object.assign(vscode.workspace, { workspaceFolders: [{ uri: { fsPath: workspace } }] });
  const [changed, ended] = [new vscode.EventEmitter<void>(), new vscode.EventEmitter<unknown>()];
  const script = path.join(workspace, 'a.ts');
  let list: unknown[] = [];
  registerScriptProblems({
    onDidChange: changed.event,
    onDidEnd: ended.event,
    list: () => list,
  } as unknown as RunStore);

  const failed = (file: string, line: number) => ({
    status: 'failed',
    info: { script },
    problem: { message: 'fit has no option "x".', action: 'It has none.', place: { file, line } },
  });
  ended.fire(failed(script, 7));
  assert.deepEqual([...found], [[script, ['6: fit has no option "x". It has none.']]]);
  list = [{ status: 'running', info: { script } }];
  changed.fire();
  assert.equal(found.size, 0);
  for (const [file, line] of [
    [path.resolve('/etc/passwd'), 1],
    [script, 0],
    [script, 1e9],
  ] as const)
    ended.fire(failed(file, line));
  assert.equal(found.size, 0);
});
