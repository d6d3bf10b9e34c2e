import * as vscode from 'vscode';

/** How tables of labelled examples end. */
export const tableExtensions = ['.csv', '.tsv', '.jsonl'] as const;

/**
 * Asks for labelled examples that are not in folders: a table, or a file of an IDX pair.
 * Folders have a dialog of their own, as most systems' dialogs offer either files or folders.
 */
export async function chooseDataFile(near?: vscode.Uri): Promise<string | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Table or IDX File of Labelled Examples'),
      filters: {
        [vscode.l10n.t('Labelled Examples')]: [
          ...tableExtensions.map((extension) => extension.slice(1)),
          ...['json', 'txt', 'gz', 'idx3-ubyte', 'idx1-ubyte'],
        ],
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
