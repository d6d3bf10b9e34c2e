import path from 'node:path';

import * as vscode from 'vscode';

import type { RunTarget } from './targets.js';
import type { Parts } from './parts.js';
import { chooseRun } from './run-actions.js';
import { statusName } from './run-text.js';
import type { RunFilter } from './runs/shown.js';
import { byScript } from './runs/shown.js';
import type { RunSummary } from './interfaces.js';
import { label } from '../words/index.js';
import { shownItems } from './window.js';

/** Asks for a name; an empty one gives the run its own back. */
export async function rename({ runs }: Parts, target: RunTarget): Promise<void> {
  const run = await chooseRun(runs.list(), target, runs.list(), vscode.l10n.t('Rename which run?'));
  if (run === undefined) return;
  const name = await vscode.window.showInputBox({
    title: label(vscode.l10n.t('Rename {0}', run.title)),
    prompt: vscode.l10n.t('Empty: its script and when it began.'),
    value: run.name ?? '',
    ignoreFocusOut: true,
    ...(run.name === undefined ? { placeHolder: label(run.title) } : {}),
  });
  if (name !== undefined) await runs.label(run.id, { name });
}

export async function star(
  { runs }: Parts,
  target: RunTarget,
  selected: readonly string[] | undefined,
  starred: boolean,
): Promise<void> {
  const several = (selected?.length ?? 0) > 1 ? selected : undefined;
  const one = several ?? [(await chooseRun(runs.list(), target, runs.list(), vscode.l10n.t('Which run?')))?.id];
  for (const run of one) if (run !== undefined) await runs.label(run, { starred });
}

interface FilterItem extends vscode.QuickPickItem {
  readonly value: RunFilter | undefined;
}

/** Asks which runs the view should show; what is typed is looked for in their names. */
export async function filter({ runs, shown }: Parts): Promise<void> {
  const all = runs.list();
  const item = (label: string, value: RunFilter | undefined, count: number): FilterItem => ({
    ...{ label, value, description: String(count) },
  });
  const status = (statuses: readonly RunSummary['status'][]) =>
    item(
      statuses.map((one) => statusName({ status: one })).join(', '),
      { kind: 'status', statuses },
      all.filter((run) => statuses.includes(run.status)).length,
    );
  const items = [
    item(vscode.l10n.t('All Runs'), undefined, all.length),
    item(`★ ${vscode.l10n.t('Starred')}`, { kind: 'starred' }, all.filter(({ starred }) => starred).length),
    status(['running', 'paused']),
    status(['done']),
    status(['stopped', 'failed', 'interrupted']),
    ...byScript(all).map(({ script, runs: some }) =>
      item(path.basename(script), { kind: 'script', script }, some.length),
    ),
  ];
  const pick = vscode.window.createQuickPick<FilterItem>();
  pick.title = vscode.l10n.t('Filter Runs');
  pick.placeholder = vscode.l10n.t('Choose, or type a part of a name');
  pick.ignoreFocusOut = true;
  pick.items = shownItems(items);
  const chosen = await new Promise<FilterItem | undefined>((resolve) => {
    pick.onDidChangeValue((text) => {
      const typed = text.trim();
      const found = vscode.l10n.t('Named like "{0}"', typed);
      const named = { ...item(found, { kind: 'text', text: typed }, 0), description: '', alwaysShow: true };
      pick.items = shownItems(typed === '' ? items : [...items, named]);
    });
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
    });
    pick.show();
  });
  pick.dispose();
  if (chosen !== undefined) shown.show(chosen.value);
}
