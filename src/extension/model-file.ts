import * as vscode from 'vscode';

import { baseFileExtensions } from '../runtime/bases/files/model-files.js';

/** Asks for the file of a pre-trained model. */
export async function chooseModelFile(near?: vscode.Uri): Promise<string | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Model File'),
      filters: { [vscode.l10n.t('Models')]: baseFileExtensions.map((extension) => extension.slice(1)) },
      openLabel: vscode.l10n.t('Use Model'),
      ...(near === undefined ? {} : { defaultUri: near }),
    })) ?? [];
  return uri?.fsPath;
}
