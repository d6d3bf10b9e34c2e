import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import path from 'node:path';

import { describe, it } from 'mocha';
import * as vscode from 'vscode';

import { extension, until, workspace } from '../support.js';

describe('pictures that the editor cannot show', () => {
  it('open as previews: HEIC as JPEG, in the viewer for pictures', async () => {
    const file = path.join(workspace, 'photo.heic');
    copyFileSync(path.join(extension.extensionPath, 'test/fixtures/heic/plain.heic'), file);
    const uri = vscode.Uri.file(`${file}.jpg`).with({ scheme: 'graft-picture' });
    const jpeg = await vscode.workspace.fs.readFile(uri);
    assert.deepEqual([...jpeg.subarray(0, 3)], [0xff, 0xd8, 0xff]);
    assert.equal((await vscode.workspace.fs.stat(uri)).size, jpeg.byteLength);
    await assert.rejects(Promise.resolve(vscode.workspace.fs.writeFile(uri, jpeg)));
    await vscode.commands.executeCommand('vscode.open', uri);
    const tab = await until('the tab', () => {
      const { activeTab } = vscode.window.tabGroups.activeTabGroup;
      return activeTab?.label === 'photo.heic.jpg' && activeTab;
    });
    assert.ok(tab.input instanceof vscode.TabInputCustom, String(tab.input));
    assert.equal(tab.input.viewType, 'imagePreview.previewEditor');
    await vscode.window.tabGroups.close(tab);
  });

  it('that are none are refused', async () => {
    const uri = vscode.Uri.file(path.join(workspace, 'nothing.heic.jpg')).with({ scheme: 'graft-picture' });
    await assert.rejects(Promise.resolve(vscode.workspace.fs.readFile(uri)));
  });
});
