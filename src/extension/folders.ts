import * as vscode from 'vscode';

import { GraftError } from '../common/errors.js';

const local = () => (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');

/** The workspace folder of a file, else of the file in the editor, else the only one. */
export function folderOf(file?: vscode.Uri): vscode.WorkspaceFolder | undefined {
  const folders = local();
  const candidates = [file, vscode.window.activeTextEditor?.document.uri];
  for (const uri of candidates) {
    const folder = uri === undefined ? undefined : vscode.workspace.getWorkspaceFolder(uri);
    if (folder !== undefined && folders.includes(folder)) return folder;
  }
  return folders.length === 1 ? folders[0] : undefined;
}

/**
 * As `folderOf`; asks where several are open and none is meant. Undefined when the user leaves.
 *
 * @throws GraftError when no folder is open.
 */
export async function chooseFolder(file?: vscode.Uri): Promise<vscode.WorkspaceFolder | undefined> {
  if (local().length === 0) {
    throw new GraftError(vscode.l10n.t('No folder is open to write a script into.'), {
      action: vscode.l10n.t('Open a folder, or the sample workspace.'),
    });
  }
  return (
    folderOf(file) ??
    (await vscode.window.showWorkspaceFolderPick({ placeHolder: vscode.l10n.t('The folder to train in') }))
  );
}
