import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import * as vscode from 'vscode';

import { techniques } from '../protocol/index.js';
import { sampleScript } from '../runtime/scaffold/template.js';
import { scriptName, templateName } from '../words/index.js';
import type { Parts } from './parts.js';
import { pick } from './window.js';

/** Copies the sample pictures and a script for each technique to a folder and opens it. */
export async function openSampleWorkspace({ context }: Parts): Promise<void> {
  const places = [
    { label: vscode.l10n.t("In Graft's Own Storage"), detail: context.globalStorageUri.fsPath, browse: false },
    { label: vscode.l10n.t('Choose a Folder…'), detail: vscode.l10n.t('graft-sample is made in it'), browse: true },
  ];
  const place = await pick(places, {
    title: vscode.l10n.t('Where should the sample workspace be?'),
  });
  if (place === undefined) return;
  let parent = context.globalStorageUri;
  if (place.browse) {
    const chosen = await vscode.window.showOpenDialog({ canSelectFolders: true, canSelectFiles: false });
    if (chosen?.[0] === undefined) return;
    [parent] = chosen as [vscode.Uri];
  }
  const workspace = path.join(parent.fsPath, 'graft-sample');
  await copySample(context.extensionPath, workspace);
  await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(workspace), {
    forceNewWindow: (vscode.workspace.workspaceFolders?.length ?? 0) > 0,
  });
}

/** What is there already stays as the user left it. */
export async function copySample(extension: string, workspace: string): Promise<void> {
  const data = path.join(workspace, 'sample', 'garden');
  await mkdir(data, { recursive: true });
  await cp(path.join(extension, 'sample', 'garden'), data, { recursive: true, force: false });
  for (const technique of techniques) {
    const target = path.join(workspace, scriptName(technique));
    if (existsSync(target)) continue;
    const template = await readFile(path.join(extension, 'templates', templateName('image', technique)), 'utf8');
    await writeFile(target, sampleScript(template));
  }
}
