import * as vscode from 'vscode';

/** A way to a file, as a button says it. */
interface Way {
  readonly title: string;
  readonly go: () => Thenable<unknown>;
}

/**
 * The best way to show where a file lies: the Explorer where it is in the workspace, else the system's own file manager.
 * A window in a browser, or on another machine, has none: there is the path.
 */
export function wayTo(file: vscode.Uri): Way {
  const reveal = vscode.l10n.t('Reveal');
  if (vscode.workspace.getWorkspaceFolder(file) !== undefined)
    return { title: reveal, go: () => vscode.commands.executeCommand('revealInExplorer', file) };
  if (vscode.env.uiKind === vscode.UIKind.Desktop && vscode.env.remoteName === undefined)
    return { title: reveal, go: () => vscode.commands.executeCommand('revealFileInOS', file) };
  return { title: vscode.l10n.t('Copy Path'), go: () => vscode.env.clipboard.writeText(file.fsPath) };
}
