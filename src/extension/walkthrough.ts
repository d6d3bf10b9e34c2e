import * as vscode from 'vscode';

import type { RunStore } from './runs/run-store.js';
import type { TrainingPanel } from './interfaces.js';

/** Steps of the walkthrough; package.json waits for `graft.did.<step>`. */
export const walkthroughSteps = ['start', 'script', 'train', 'look', 'use'] as const;
type WalkthroughStep = (typeof walkthroughSteps)[number];

const key = 'graft.did';
/** A page that opens has loaded what it shows by then. */
const settleMs = 500;

/**
 * Ticks what was done, however it was: a command that is left half-way has done nothing. The editor loads its walkthroughs at the
 * first look at one, and never ticks what holds by then, an open folder for instance: so nothing is told before.
 */
export class Walkthrough implements vscode.Disposable {
  readonly #done: Set<string>;
  #isSeen = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly memory: vscode.Memento) {
    this.#done = new Set(memory.get<readonly string[]>(key, []));
  }

  did(step: WalkthroughStep): void {
    if (this.#done.has(step)) return;
    this.#done.add(step);
    void this.memory.update(key, [...this.#done]);
    if (this.#isSeen) tell(step);
  }

  /** These tabs are open. The editor says of its welcome page no more than that it is none of the known kinds. */
  look(tabs: readonly vscode.Tab[]): void {
    if (this.#isSeen || tabs.every(({ input }) => input !== undefined)) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#isSeen = true;
      for (const step of this.#done) tell(step);
    }, settleMs);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}

function tell(step: string): void {
  void vscode.commands.executeCommand('setContext', `${key}.${step}`, true);
}

/** What shows in the window, the runs and the panel. */
export function followWalkthrough(
  walkthrough: Walkthrough,
  runs: Pick<RunStore, 'list' | 'onDidChange'>,
  panel: Pick<TrainingPanel, 'shows' | 'onDidShow'>,
): vscode.Disposable {
  const { tabGroups } = vscode.window;
  const look = () => {
    if ((vscode.workspace.workspaceFolders?.length ?? 0) > 0) walkthrough.did('start');
    for (const { id, status } of runs.list()) {
      // Whoever has trained has a script.
      walkthrough.did('script');
      if (status !== 'done') continue;
      walkthrough.did('train');
      if (panel.shows(id)) walkthrough.did('look');
    }
  };
  look();
  walkthrough.look(tabGroups.all.flatMap(({ tabs }) => tabs));
  return vscode.Disposable.from(
    walkthrough,
    runs.onDidChange(look),
    panel.onDidShow(look),
    vscode.workspace.onDidChangeWorkspaceFolders(look),
    tabGroups.onDidChangeTabs(({ opened, changed }) => {
      walkthrough.look([...opened, ...changed]);
    }),
  );
}
