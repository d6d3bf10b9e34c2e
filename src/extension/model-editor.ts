import { randomBytes } from 'node:crypto';
import path from 'node:path';

import * as vscode from 'vscode';

import { GraftError, messageOf } from '../runtime/errors.js';
import { modelCommand } from './lenses/lenses.js';
import { modelHtml } from './model-html.js';
import type { Service } from './services.js';

const actions = ['fineTune', 'extract'] as const;

/** Model files that no text editor can show: read-only, with the same actions as a `model.json`. */
export class ModelEditor implements vscode.CustomReadonlyEditorProvider {
  constructor(private readonly service: Service) {}

  static register(service: Service): vscode.Disposable {
    const webviewOptions = { enableFindWidget: true };
    return vscode.window.registerCustomEditorProvider('graft.model', new ModelEditor(service), { webviewOptions });
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  async resolveCustomEditor(
    { uri }: vscode.CustomDocument,
    { webview }: vscode.WebviewPanel,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const commands = actions.map((action) => modelCommand(action, uri));
    // No script: the actions are links to these commands alone.
    webview.options = {
      enableScripts: false,
      enableCommandUris: commands.map(({ command }) => command),
      localResourceRoots: [],
    };
    const nonce = randomBytes(16).toString('hex');
    const name = path.basename(uri.fsPath);
    try {
      const model = await this.service.call('describeModel', { file: uri.fsPath }, token);
      const base = await this.service.call('describeBase', { base: uri.fsPath }, token).then(
        () => undefined,
        (error: unknown) => explain(error),
      );
      const links =
        base === undefined && vscode.workspace.isTrusted
          ? commands.map(({ command, title, arguments: args }) => ({
              title,
              href: `command:${command}?${encodeURIComponent(JSON.stringify(args))}`,
            }))
          : [];
      webview.html = modelHtml({ nonce, name, model, links, note: base });
    } catch (error) {
      // The editor was closed.
      if (token.isCancellationRequested) return;
      webview.html = modelHtml({ nonce, name, model: undefined, links: [], note: explain(error) });
    }
  }
}

function explain(error: unknown): string {
  return error instanceof GraftError ? `${error.message} ${error.action}` : messageOf(error);
}
