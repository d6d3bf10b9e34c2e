import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { describe, it } from 'mocha';
import * as vscode from 'vscode';

import { click, extension, lenses, open, runFolders, workspace } from '../support.js';

describe('in a workspace that is not trusted', () => {
  it('the extension is there, and looks', async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    await extension.activate();
    await vscode.commands.executeCommand('graft.openTrainingPanel');
  });

  it('nothing is run: neither by lens nor by command', async () => {
    const file = vscode.Uri.file(path.join(workspace, 'train.ts'));
    writeFileSync(
      file.fsPath,
      readFileSync(path.join(extension.extensionPath, 'templates/image/fine-tune.ts'), 'utf8'),
    );
    await open(file);
    // A command that waits for an answer to its message would never return: nobody answers here.
    const attempts = [
      ...(await lenses(file)).filter(({ title }) => title.includes('Train') || title.includes('Debug')).map(click),
      vscode.commands.executeCommand('graft.train', file),
    ];
    await Promise.race([Promise.allSettled(attempts), sleep(3_000)]);
    await sleep(1_000);
    assert.deepEqual(runFolders(), []);
  });
});
