import * as vscode from 'vscode';

import type { RunStatus } from '../../protocol/index.js';
import type { RunSummary } from '../interfaces.js';

/** Which runs the Runs view shows. */
export type RunFilter =
  | { readonly kind: 'starred' }
  | { readonly kind: 'status'; readonly statuses: readonly RunStatus[] }
  | { readonly kind: 'script'; readonly script: string }
  | { readonly kind: 'text'; readonly text: string };

interface Saved {
  readonly grouped: boolean;
  readonly filter: RunFilter | undefined;
}

const key = 'graft.runsShown';

/** How the Runs view shows what there is: by script or as one list, all or some. Kept for the workspace. */
export class RunsShown implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  #saved: Saved;
  readonly onDidChange = this.#changed.event;

  constructor(private readonly memory: vscode.Memento) {
    this.#saved = memory.get<Saved>(key, { grouped: false, filter: undefined });
    this.#tell();
  }

  get grouped(): boolean {
    return this.#saved.grouped;
  }

  get filter(): RunFilter | undefined {
    return this.#saved.filter;
  }

  group(grouped: boolean): void {
    this.#set({ ...this.#saved, grouped });
  }

  /** Undefined shows all. */
  show(filter: RunFilter | undefined): void {
    this.#set({ ...this.#saved, filter });
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #set(saved: Saved): void {
    this.#saved = saved;
    void this.memory.update(key, saved);
    this.#tell();
    this.#changed.fire();
  }

  /** What the view's buttons depend on. */
  #tell(): void {
    const { grouped, filter } = this.#saved;
    void vscode.commands.executeCommand('setContext', 'graft.runsGrouped', grouped);
    void vscode.commands.executeCommand('setContext', 'graft.runsFiltered', filter !== undefined);
  }
}

/** Whether a filter lets a run through. */
export function passes(filter: RunFilter | undefined, run: RunSummary): boolean {
  switch (filter?.kind) {
    case undefined:
      return true;
    case 'starred':
      return run.starred;
    case 'status':
      return filter.statuses.includes(run.status);
    case 'script':
      return run.info.script === filter.script;
    case 'text':
      return `${run.title}\n${run.info.script}`.toLowerCase().includes(filter.text.toLowerCase());
  }
}

/** Runs of one script, the newest first. */
export interface ScriptGroup {
  readonly script: string;
  readonly runs: readonly RunSummary[];
}

/** By script; the script with the newest run comes first. */
export function byScript(runs: readonly RunSummary[]): ScriptGroup[] {
  const groups = new Map<string, RunSummary[]>();
  for (const run of runs) groups.set(run.info.script, [...(groups.get(run.info.script) ?? []), run]);
  return [...groups].map(([script, all]) => ({ script, runs: all }));
}
