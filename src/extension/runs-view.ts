import * as vscode from 'vscode';

import type { RunStatus } from '../protocol/index.js';
import { command } from './commands.js';
import { activity, runDescription, runLabel, statusName } from './run-text.js';
import type { RunStore } from './runs.js';
import { isActive } from './runs/run-watch.js';
import type { RunSummary } from './services.js';
import { row, showStatus } from './window.js';

const icons: Readonly<Record<RunStatus, vscode.ThemeIcon>> = {
  running: new vscode.ThemeIcon('loading~spin'),
  paused: new vscode.ThemeIcon('debug-pause'),
  done: new vscode.ThemeIcon('pass', new vscode.ThemeColor('testing.iconPassed')),
  stopped: new vscode.ThemeIcon('circle-slash'),
  failed: new vscode.ThemeIcon('error', new vscode.ThemeColor('testing.iconFailed')),
  interrupted: new vscode.ThemeIcon('warning', new vscode.ThemeColor('problemsWarningIcon.foreground')),
};

/** The Runs view: what is on disk, newest first. */
export class RunsTree implements vscode.TreeDataProvider<RunSummary> {
  readonly onDidChangeTreeData: vscode.Event<void>;

  constructor(private readonly runs: Pick<RunStore, 'list' | 'onDidChange'>) {
    this.onDidChangeTreeData = runs.onDidChange;
  }

  getChildren(run?: RunSummary): RunSummary[] {
    return run === undefined ? [...this.runs.list()] : [];
  }

  getTreeItem(run: RunSummary): vscode.TreeItem {
    const description = runDescription(run, Date.now());
    const item = row({
      label: runLabel(run),
      description,
      tooltip: [
        `${runLabel(run)} (${run.id})`,
        statusName(run),
        ...(run.problem === undefined ? [] : [`${run.problem.message} ${run.problem.action ?? ''}`]),
      ],
      spoken: `${runLabel(run)}, ${statusName(run)}, ${description}`,
    });
    item.id = run.id;
    item.iconPath = icons[run.status];
    item.contextValue = `run-${run.status}`;
    item.command = command('graft.openRun', vscode.l10n.t('Open Run'), run.id);
    return item;
  }
}

export function registerRunsView(runs: RunStore): vscode.Disposable {
  const view = vscode.window.createTreeView('graft.runs', {
    treeDataProvider: new RunsTree(runs),
    canSelectMany: true,
    showCollapseAll: false,
  });
  return vscode.Disposable.from(
    view,
    view.onDidChangeVisibility(({ visible }) => {
      if (visible) void runs.refresh();
    }),
  );
}

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
      'graft.resumable': list.some((run) => !isActive(run) && run.status !== 'done'),
    };
    for (const [key, value] of Object.entries(context)) void vscode.commands.executeCommand('setContext', key, value);
    if (first === undefined) {
      item.hide();
      return;
    }
    const more = active.length > 1 ? ` (+${active.length - 1})` : '';
    item.command = command('graft.openRun', vscode.l10n.t('Open Run'), first.id);
    showStatus(item, {
      icon: first.status === 'paused' ? 'debug-pause' : 'loading~spin',
      text: `${activity(first)}${more}`,
      tooltip: vscode.l10n.t('Graft: {0} is training. Open the training panel.', runLabel(first)),
      spoken: vscode.l10n.t('Graft: {0}, {1}', runLabel(first), activity(first)),
    });
  };
  update();
  return vscode.Disposable.from(item, runs.onDidChange(update));
}
