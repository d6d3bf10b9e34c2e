import path from 'node:path';

import * as vscode from 'vscode';

/** A Node that runs training and the service. */
interface NodeChoice {
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** The user's (`graft.nodePath`), else the one inside VS Code. */
export function chooseNode(): NodeChoice {
  const configured = vscode.workspace.getConfiguration('graft').get<string>('nodePath', '').trim();
  return configured === ''
    ? { path: process.execPath, environment: { ELECTRON_RUN_AS_NODE: '1' } }
    : { path: configured, environment: {} };
}

/** What to do when it does not start. */
export function checkNodePath(): string {
  return vscode.l10n.t(
    'Check the setting graft.nodePath: empty for the Node inside VS Code, or the path of Node 20 or newer.',
  );
}

/** What is built beside the program that this is: programs of ours, and the panel's page. */
export function distFile(
  context: vscode.ExtensionContext,
  name: 'train.js' | 'service.js' | 'webview/panel.js' | 'webview/panel.css',
): string {
  return path.join(context.extensionPath, 'dist', name);
}
