import * as vscode from 'vscode';

import type { RunStore } from './runs.js';
import type { TrainingPanel } from './services.js';

/**
 * Steps of the walkthrough; package.json waits for `graft.did.<step>`. The editor ticks a step when its context changes, and not
 * where it holds from the start: an open folder is therefore told by us too.
 */
export const walkthroughSteps = ['start', 'script', 'train', 'look', 'use'] as const;
export type WalkthroughStep = (typeof walkthroughSteps)[number];

const key = 'graft.did';

/** Ticks what was done, however it was: a command that is left half-way has done nothing. */
export class Walkthrough {
  readonly #done: Set<string>;

  constructor(private readonly memory: vscode.Memento) {
    this.#done = new Set(memory.get<readonly string[]>(key, []));
    for (const step of this.#done) this.#tell(step);
  }

  did(step: WalkthroughStep): void {
    if (this.#done.has(step)) return;
    this.#done.add(step);
    this.#tell(step);
    void this.memory.update(key, [...this.#done]);
  }

  #tell(step: string): void {
    void vscode.commands.executeCommand('setContext', `graft.did.${step}`, true);
  }
}

/** What shows in the runs and the panel. */
export function followWalkthrough(
  walkthrough: Walkthrough,
  runs: Pick<RunStore, 'list' | 'get' | 'onDidChange'>,
  panel: Pick<TrainingPanel, 'shows' | 'onDidShow'>,
): vscode.Disposable {
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
  return vscode.Disposable.from(
    runs.onDidChange(look),
    panel.onDidShow(look),
    vscode.workspace.onDidChangeWorkspaceFolders(look),
  );
}
