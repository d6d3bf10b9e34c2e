import os from 'node:os';

import * as vscode from 'vscode';

import { markdown } from '../words/index.js';
import { markdownTable } from './documents.js';
import { folderOf } from './folders.js';
import type { Parts } from './parts.js';
import { requireTrust } from './problems.js';
import { withProgress } from './progress.js';

/** Tries everything that a training needs and shows what it found. */
export async function checkEnvironment({ service, documents }: Parts): Promise<void> {
  requireTrust();
  const folder = (folderOf() ?? vscode.workspace.workspaceFolders?.[0])?.uri.fsPath ?? os.homedir();
  const checks = await withProgress(vscode.l10n.t('Checking the environment'), (token) =>
    service.call('checkEnvironment', { folder }, token),
  );
  const failed = checks.filter(({ ok }) => !ok).length;
  const verdict =
    failed === 0
      ? vscode.l10n.t('Everything that training needs works.')
      : vscode.l10n.t('{0} of {1} checks failed.', failed, checks.length);
  const rows = checks.map(({ name, ok, detail }) => [ok ? '✓' : '✗', name, detail]);
  await documents.show(
    vscode.l10n.t('Graft Environment'),
    markdown`# ${vscode.l10n.t('Environment')}\n\n${verdict}\n\n${markdownTable(['', vscode.l10n.t('Check'), vscode.l10n.t('Found')], rows)}\n`,
  );
}
