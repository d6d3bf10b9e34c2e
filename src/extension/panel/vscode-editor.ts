import path from 'node:path';
import * as vscode from 'vscode';

import type { PanelCommand } from '../../protocol/index.js';
import { pictureExtensions } from '../../runtime/data/image/formats.js';
import { chooseDataFile } from '../data-file.js';
import { chooseModelFile } from '../model-file.js';
import { previewOf } from '../picture-previews.js';
import { withLateProgress } from '../progress.js';
import { tell } from '../window.js';
import type { Editor } from './editor.js';

const commandIds: Record<PanelCommand, string> = {
  openSample: 'graft.openSampleWorkspace',
  train: 'graft.train',
  tryModel: 'graft.tryModel',
  proveItHelps: 'graft.proveItHelps',
  useLearningRate: 'graft.useLearningRate',
  exportModel: 'graft.exportModel',
  manageTrust: 'workbench.trust.manage',
  openLog: 'graft.openLog',
};

/** The editor around a real webview. */
export class VsCodeEditor implements Editor {
  readonly t = vscode.l10n.t;

  constructor(private readonly panel: vscode.WebviewPanel) {}

  get trusted(): boolean {
    return vscode.workspace.isTrusted;
  }

  get workspaceFolders(): readonly string[] {
    return (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  }

  async openFile(file: string, preserveFocus = false): Promise<void> {
    await this.#open(vscode.Uri.file(file), preserveFocus);
  }

  async openPreview(file: string, preserveFocus = false): Promise<void> {
    await this.#open(previewOf(vscode.Uri.file(file)), preserveFocus);
  }

  async #open(uri: vscode.Uri, preserveFocus: boolean): Promise<void> {
    // Where something is open beside the panel already, the file goes there: the panel keeps its width.
    const other = vscode.window.tabGroups.all.find(({ viewColumn }) => viewColumn !== this.panel.viewColumn);
    const options = { viewColumn: other?.viewColumn ?? vscode.ViewColumn.Beside, preview: true, preserveFocus };
    await vscode.commands.executeCommand('vscode.open', uri, options);
  }

  async chooseFolder(current: string): Promise<string | undefined> {
    const [uri] =
      (await vscode.window.showOpenDialog({
        title: vscode.l10n.t('Data folder: a folder per class'),
        canSelectFiles: false,
        canSelectFolders: true,
        defaultUri: vscode.Uri.file(current),
        openLabel: vscode.l10n.t('Use Folder'),
      })) ?? [];
    return uri?.fsPath;
  }

  async chooseDataFile(current: string): Promise<string | undefined> {
    return await chooseDataFile(vscode.Uri.file(current));
  }

  async choosePictures(): Promise<readonly string[] | undefined> {
    const chosen = await vscode.window.showOpenDialog({
      canSelectMany: true,
      filters: { [this.t('Pictures')]: [...pictureExtensions].map((extension) => extension.slice(1)) },
      title: this.t('Pictures to Try'),
    });
    return chosen?.map(({ fsPath }) => fsPath);
  }

  fileOf(address: string): string | undefined {
    const { scheme, path: file } = vscode.Uri.parse(address);
    // In a remote window, files of the machine that this runs on have the remote's addresses.
    return scheme === 'file' || scheme === 'vscode-remote' ? vscode.Uri.file(file).fsPath : undefined;
  }

  async chooseModelFile(): Promise<string | undefined> {
    const [folder] = this.workspaceFolders;
    return await chooseModelFile(folder === undefined ? undefined : vscode.Uri.file(folder));
  }

  async chooseScriptFile(current: string): Promise<string | undefined> {
    const uri = await vscode.window.showSaveDialog({
      title: vscode.l10n.t('Training script'),
      defaultUri: vscode.Uri.file(current),
      filters: { TypeScript: ['ts'] },
    });
    return uri?.fsPath;
  }

  async saveFile(name: string, format: 'csv' | 'png', content: Uint8Array): Promise<void> {
    const folder = this.workspaceFolders[0];
    const file = `${path.basename(name).replace(/[^\w .-]+/g, '-')}.${format}`;
    const uri = await vscode.window.showSaveDialog({
      filters: { [format.toUpperCase()]: [format] },
      ...(folder === undefined ? {} : { defaultUri: vscode.Uri.file(path.join(folder, file)) }),
    });
    if (uri !== undefined) await vscode.workspace.fs.writeFile(uri, content);
  }

  async cancellable<T>(title: string, work: (token?: vscode.CancellationToken) => Promise<T>): Promise<T | undefined> {
    return await withLateProgress(title, work);
  }

  async exists(file: string): Promise<boolean> {
    return await vscode.workspace.fs.stat(vscode.Uri.file(file)).then(
      () => true,
      () => false,
    );
  }

  async confirmOverwrite(file: string): Promise<boolean> {
    const overwrite = vscode.l10n.t('Overwrite');
    const question = vscode.l10n.t('{0} already exists. Overwrite it?', path.basename(file));
    return (await tell('warning', question, [overwrite], { modal: true })) === overwrite;
  }

  async writeText(file: string, text: string): Promise<void> {
    await vscode.workspace.fs.writeFile(vscode.Uri.file(file), new TextEncoder().encode(text));
  }

  async runCommand(command: PanelCommand, run?: string): Promise<void> {
    await vscode.commands.executeCommand(commandIds[command], ...(run === undefined ? [] : [run]));
  }
}
