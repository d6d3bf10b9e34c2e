import path from 'node:path';

import * as vscode from 'vscode';

import { isActive, type RunStatus } from '../protocol/index.js';
import { assertUnreachable } from '../protocol/index.js';
import { runDescription, statusName } from './run-text.js';
import type { RunStore } from './runs/run-store.js';
import { isResumable } from './runs/activity.js';
import { byScript, passes, type RunFilter, type RunsShown, type ScriptGroup } from './runs/shown.js';
import type { RunSummary, TrainingPanel } from './interfaces.js';
import { label } from '../words/index.js';
import { row } from './window.js';

const icons: Readonly<Record<RunStatus, vscode.ThemeIcon>> = {
  running: new vscode.ThemeIcon('loading~spin'),
  paused: new vscode.ThemeIcon('debug-pause'),
  done: new vscode.ThemeIcon('pass', new vscode.ThemeColor('testing.iconPassed')),
  stopped: new vscode.ThemeIcon('circle-slash'),
  failed: new vscode.ThemeIcon('error', new vscode.ThemeColor('testing.iconFailed')),
  interrupted: new vscode.ThemeIcon('warning', new vscode.ThemeColor('problemsWarningIcon.foreground')),
};

/**
 * What a click on a row does. It takes no argument: the editor keeps those of a row's command only until the row is drawn again,
 * which happens while its run goes on, and a click on what was drawn before would do nothing.
 */
const openSelectedRun = 'graft.openSelectedRun';

/** A run, by its id: what stays the same while all that is known about the run changes. */
type Node = string | ScriptGroup;
const isGroup = (node: Node): node is ScriptGroup => typeof node === 'object';

/** The Runs view: what is on disk, newest first, as one list or by script. */
export class RunsTree implements vscode.TreeDataProvider<Node> {
  readonly #changed = new vscode.EventEmitter<string[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  #runs: ReadonlyMap<string, RunSummary> = new Map();
  #drawn: ReadonlyMap<string, string> = new Map();

  constructor(
    private readonly runs: Pick<RunStore, 'list' | 'onDidChange'>,
    private readonly shown: Pick<RunsShown, 'grouped' | 'filter' | 'onDidChange'>,
  ) {
    const update = () => {
      this.#update();
    };
    update();
    runs.onDidChange(update);
    shown.onDidChange(update);
  }

  getChildren(node?: Node): Node[] {
    if (node !== undefined) return isGroup(node) ? node.runs.map(({ id }) => id) : [];
    return this.shown.grouped ? byScript([...this.#runs.values()]) : [...this.#runs.keys()];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    if (isGroup(node)) return groupItem(node);
    const run = this.#runs.get(node);
    return run === undefined ? row({ label: node, description: '', tooltip: [], spoken: node }) : this.#runItem(run);
  }

  /** Has only those rows drawn again that show something new: while the whole list is, the editor loses clicks on it. */
  #update(): void {
    const before = this.#drawn;
    this.#runs = new Map(
      this.runs.list().flatMap((run) => (passes(this.shown.filter, run) ? [[run.id, run] as const] : [])),
    );
    const rows = new Map(Array.from(this.#runs, ([id, run]) => [id, JSON.stringify(this.#runItem(run))] as const));
    const groups = this.shown.grouped ? byScript([...this.#runs.values()]) : [];
    this.#drawn = new Map([
      ...rows,
      ...groups.map((group) => [group.script, JSON.stringify(groupItem(group))] as const),
    ]);
    const isSameList = [...before.keys()].join('\n') === [...this.#drawn.keys()].join('\n');
    const isSameGroups = groups.every(({ script }) => before.get(script) === this.#drawn.get(script));
    const changed = [...rows].flatMap(([id, row]) => (before.get(id) === row ? [] : [id]));
    if (!isSameList || !isSameGroups) this.#changed.fire(undefined);
    else if (changed.length > 0) this.#changed.fire(changed);
  }

  #runItem(run: RunSummary): vscode.TreeItem {
    const script = path.basename(run.info.script);
    // The list is narrow: what tells runs apart comes first, the script last; below its script, not again.
    const isNamed = run.name !== undefined || !run.title.startsWith(script);
    const title = isNamed ? run.title : run.title.slice(script.length).replace(/^[,·\s]+/, '');
    const how = runDescription(run, Date.now());
    const description = this.shown.grouped ? how : isActive(run) ? `${script}, ${how}` : `${how}, ${script}`;
    const said = [run.title, statusName(run), how, ...(run.starred ? [vscode.l10n.t('starred')] : [])];
    const item = row({
      label: title,
      description: run.starred ? `★ ${description}` : description,
      tooltip: [
        `${run.title} (${run.id})`,
        statusName(run),
        run.info.script,
        ...(run.problem === undefined ? [] : [`${run.problem.message} ${run.problem.action ?? ''}`]),
      ],
      spoken: said.join(', '),
    });
    item.id = run.id;
    item.iconPath = icons[run.status];
    const marks = [...(run.starred ? ['starred'] : []), ...(isResumable(run) ? ['resumable'] : [])];
    item.contextValue = ['run', run.status, ...marks].join('-');
    item.command = { command: openSelectedRun, title: vscode.l10n.t('Open Run') };
    return item;
  }
}

function groupItem({ script, runs }: ScriptGroup): vscode.TreeItem {
  const name = path.basename(script);
  const count = runs.length === 1 ? vscode.l10n.t('1 run') : vscode.l10n.t('{0} runs', runs.length);
  const item = row({ label: name, description: count, tooltip: [script], spoken: `${name}, ${count}` });
  item.collapsibleState = vscode.TreeItemCollapsibleState.Expanded;
  item.id = `script ${script}`;
  item.iconPath = new vscode.ThemeIcon('file-code');
  item.contextValue = 'script';
  return item;
}

function filterText(filter: RunFilter): string {
  switch (filter.kind) {
    case 'starred':
      return vscode.l10n.t('Starred');
    case 'status':
      return filter.statuses.map((status) => statusName({ status })).join(', ');
    case 'script':
      return path.basename(filter.script);
    case 'text':
      return `"${filter.text}"`;
    default:
      return assertUnreachable(filter);
  }
}

export function registerRunsView(runs: RunStore, shown: RunsShown, panel: TrainingPanel): vscode.Disposable {
  const view = vscode.window.createTreeView('graft.runs', {
    treeDataProvider: new RunsTree(runs, shown),
    canSelectMany: true,
    showCollapseAll: false,
  });
  const describe = () => {
    const { filter } = shown;
    view.description = filter === undefined ? '' : label(filterText(filter), 80);
    const hidden = filter !== undefined && !runs.list().some((run) => passes(filter, run));
    view.message = hidden && runs.list().length > 0 ? vscode.l10n.t('No run passes the filter.') : '';
  };
  describe();
  return vscode.Disposable.from(
    view,
    vscode.commands.registerCommand(openSelectedRun, () => {
      const [node] = view.selection;
      // The list keeps the focus, as the Explorer does.
      if (node !== undefined && !isGroup(node)) panel.showRun(node, 'behind');
    }),
    countUnseen(view, runs, panel),
    shown.onDidChange(describe),
    runs.onDidChange(describe),
    view.onDidChangeVisibility(({ visible }) => {
      if (visible) void runs.refresh();
    }),
  );
}

/** How many runs have ended since the user last looked, on the view's icon. */
function countUnseen(view: vscode.TreeView<Node>, runs: RunStore, panel: TrainingPanel): vscode.Disposable {
  const unseen = new Set<string>();
  const update = () => {
    for (const id of unseen) if (runs.get(id) === undefined) unseen.delete(id);
    const { size } = unseen;
    const tooltip = size === 1 ? vscode.l10n.t('1 run has ended') : vscode.l10n.t('{0} runs have ended', size);
    view.badge = size === 0 ? undefined : { value: size, tooltip };
  };
  return vscode.Disposable.from(
    runs.onDidEnd(({ id }) => {
      // At the same moment as the message: who looks away from the panel just then gets both.
      setTimeout(() => {
        if (view.visible || panel.shows(id)) return;
        unseen.add(id);
        update();
      }, 500);
    }),
    panel.onDidShow((id) => {
      if (unseen.delete(id)) update();
    }),
    view.onDidChangeVisibility(({ visible }) => {
      if (!visible) return;
      unseen.clear();
      update();
    }),
  );
}
