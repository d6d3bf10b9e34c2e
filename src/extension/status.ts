import * as vscode from 'vscode';

import { isActive } from '../protocol/index.js';
import { command } from './commands.js';
import { activity } from './run-text.js';
import type { RunStore } from './runs/run-store.js';
import { isResumable } from './runs/activity.js';
import { showStatus } from './window.js';

/** One item, there while something trains; and the context that menus look at. */
export function registerStatus(runs: RunStore): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('graft.status', vscode.StatusBarAlignment.Left, 10);
  item.name = 'Graft';
  const update = () => {
    const list = runs.list();
    const active = list.filter(isActive);
    const [first] = active;
    const context = {
      'graft.hasRuns': list.length > 0,
      'graft.active': active.length > 0,
      'graft.resumable': list.some(isResumable),
    };
    for (const [key, value] of Object.entries(context)) void vscode.commands.executeCommand('setContext', key, value);
    if (first === undefined) {
      item.hide();
      return;
    }
    const more = active.length > 1 ? ` (+${active.length - 1})` : '';
    const icon =
      first.status === 'paused' ? 'debug-pause' : first.debugging === undefined ? 'loading~spin' : 'debug-alt';
    item.command = command('graft.openRun', vscode.l10n.t('Open Run'), first.id);
    showStatus(item, {
      icon,
      text: `${activity(first)}${more}`,
      tooltip:
        first.debugging === undefined
          ? vscode.l10n.t('Graft: {0} is training. Open the training panel.', first.title)
          : vscode.l10n.t('Graft: {0} is being debugged. Open the training panel.', first.title),
      spoken: vscode.l10n.t('Graft: {0}, {1}', first.title, activity(first)),
    });
  };
  update();
  return vscode.Disposable.from(item, runs.onDidChange(update));
}
