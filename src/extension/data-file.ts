import * as vscode from 'vscode';

/**
 * Asks for labelled pictures that are not in folders: a CSV file, or a file of an IDX pair.
 * Folders have a dialog of their own, as most systems' dialogs offer either files or folders.
 */
export async function chooseDataFile(near?: vscode.Uri): Promise<string | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('CSV or IDX File of Labelled Pictures'),
      filters: {
        [vscode.l10n.t('Labelled Pictures')]: ['csv', 'tsv', 'gz', 'idx3-ubyte', 'idx1-ubyte'],
        [vscode.l10n.t('All Files')]: ['*'],
      },
      openLabel: vscode.l10n.t('Use File'),
      ...(near === undefined ? {} : { defaultUri: near }),
    })) ?? [];
  return uri?.fsPath;
}

export async function chooseDataFolder(title: string): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({ canSelectFiles: false, canSelectFolders: true, title });
  return chosen?.[0]?.fsPath;
}
