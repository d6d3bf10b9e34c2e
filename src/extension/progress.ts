import * as vscode from 'vscode';

import { label } from '../words/index.js';

const lateMs = 1_500;

/** The same for what is usually done before anybody could read it. Undefined when it was cancelled. */
export async function withLateProgress<T>(
  title: string,
  work: (token: vscode.CancellationToken) => Promise<T>,
): Promise<T | undefined> {
  const source = new vscode.CancellationTokenSource();
  const working = work(source.token);
  const show = setTimeout(() => {
    void withProgress(title, async (token) => {
      token.onCancellationRequested(() => {
        source.cancel();
      });
      await working.catch(() => undefined);
    });
  }, lateMs);
  try {
    return await working;
  } catch (error) {
    if (error instanceof vscode.CancellationError) return undefined;
    throw error;
  } finally {
    clearTimeout(show);
    source.dispose();
  }
}

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
