import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';

import * as vscode from 'vscode';

import { GraftError, messageOf } from '../common/errors.js';
import { modelCommand } from './lenses/lenses.js';
import type { ModelAction } from './lenses/text.js';
import { modelHtml } from './model-html.js';
import type { Service } from './interfaces.js';

/** For files that only this viewer can show, and for `model.json`, which opens as text and here where it is asked for. */
const viewTypes = ['graft.model', 'graft.modelJson'];

/** Model files, read-only, with the same actions as above a `model.json`. */
export class ModelEditor implements vscode.CustomReadonlyEditorProvider {
  constructor(private readonly service: Service) {}

  static register(service: Service): vscode.Disposable {
    const webviewOptions = { enableFindWidget: true };
    const editor = new ModelEditor(service);
    return vscode.Disposable.from(
      ...viewTypes.map((type) => vscode.window.registerCustomEditorProvider(type, editor, { webviewOptions })),
    );
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  async resolveCustomEditor(
    { uri }: vscode.CustomDocument,
    { webview }: vscode.WebviewPanel,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const possible = actionsOf(uri.fsPath);
    const commands = possible.map((action) => ({ action, ...modelCommand(action, uri) }));
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
      // What cannot be trained on can be looked at and used all the same; an ONNX file is not meant for more.
      const note = possible.some(isForBases)
        ? await this.service.call('describeBase', { base: uri.fsPath }, token).then(() => undefined, explain)
        : undefined;
      const offered = vscode.workspace.isTrusted ? commands : [];
      const links = offered
        .filter(({ action }) => note === undefined || !isForBases(action))
        .map(({ command, title, arguments: args }) => ({
          title,
          href: `command:${command}?${encodeURIComponent(JSON.stringify(args))}`,
        }));
      webview.html = modelHtml({ nonce, name, model, links, note });
    } catch (error) {
      // The editor was closed.
      if (token.isCancellationRequested) return;
      webview.html = modelHtml({ nonce, name, model: undefined, links: [], note: explain(error) });
    }
  }
}

const forBases: readonly ModelAction[] = ['fineTune', 'extract'];
const isForBases = (action: ModelAction) => forBases.includes(action);

/** What can be done with a model file of this kind. */
export function actionsOf(file: string): readonly ModelAction[] {
  if (path.extname(file).toLowerCase() === '.onnx') return [];
  const isSaved = path.extname(file) === '.json' && existsSync(path.join(path.dirname(file), 'graft.json'));
  return isSaved ? [...forBases, 'evaluate', 'try', 'export'] : forBases;
}

function explain(error: unknown): string {
  return error instanceof GraftError ? `${error.message} ${error.action}` : messageOf(error);
}
