import * as vscode from 'vscode';

import { label } from '../words/index.js';

/** Shows that something is going on, with a button to cancel it. */
export async function withProgress<T>(
  title: string,
  work: (token: vscode.CancellationToken) => Promise<T>,
): Promise<T> {
  return await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: label(title), cancellable: true },
    (_progress, token) => work(token),
  );
}

/** The same in the status bar, where it takes a moment. */
export async function withQuietProgress(title: string, work: () => Promise<void>): Promise<void> {
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: label(title) }, work);
}
