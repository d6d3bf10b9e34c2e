import * as vscode from 'vscode';

/** The language that our texts are in, for `<html lang>`: the editor's where there is a translation, else English. */
export function language(): string {
  return vscode.l10n.bundle === undefined ? 'en' : vscode.env.language;
}
