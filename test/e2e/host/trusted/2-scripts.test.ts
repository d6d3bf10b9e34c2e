import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, it } from 'mocha';
import * as vscode from 'vscode';

import { lens, lenses, open, until, workspace, writeScript } from '../support.js';

const errors = (file: vscode.Uri) =>
  vscode.languages
    .getDiagnostics(file)
    .filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error)
    .map(({ message }) => message);

describe('scripts', () => {
  it('show no red squiggles in a workspace without node_modules, and wrong ones do', async () => {
    const right = writeScript('right.ts', 3);
    const wrong = vscode.Uri.file(path.join(workspace, 'wrong.ts'));
    writeFileSync(wrong.fsPath, "import { nothing } from 'graftjs';\nconsole.log(process.argv, nothing);\n");
    await open(right);
    await open(wrong);
    await until('a problem in wrong.ts', () => errors(wrong).length > 0);
    assert.deepEqual(errors(wrong), ["Module '\"graftjs\"' has no exported member 'nothing'."]);
    assert.deepEqual(errors(right), []);
    await vscode.workspace.fs.delete(wrong);
  });

  it('that import graftjs have lenses: Train, Debug', async () => {
    const file = writeScript('lenses.ts', 3);
    await open(file);
    await lens(file, 'Train');
    await lens(file, 'Debug');
  });

  it('that do not import graftjs have none, nor where graft.codeLens is off', async () => {
    const other = vscode.Uri.file(path.join(workspace, 'other.ts'));
    writeFileSync(other.fsPath, "console.log('graftjs');\n");
    await open(other);
    const ours = async (file: vscode.Uri) => (await lenses(file)).filter(({ command }) => command.startsWith('graft.'));
    assert.deepEqual(await ours(other), []);
    const file = writeScript('lenses.ts', 3);
    const settings = vscode.workspace.getConfiguration('graft');
    await settings.update('codeLens', false, vscode.ConfigurationTarget.Workspace);
    await until('no lens', async () => (await ours(file)).length === 0);
    await settings.update('codeLens', undefined, vscode.ConfigurationTarget.Workspace);
    await until('lenses again', async () => (await ours(file)).length > 0);
  });
});
