import { existsSync } from 'node:fs';
import path from 'node:path';

import * as vscode from 'vscode';

import { GraftError, messageOf } from '../../common/errors.js';
import { isActive } from '../../protocol/index.js';
import type { Launched } from '../../runs/launchers/launch.js';
import { runFolders } from '../../runs/read.js';
import { requireTrust, type Problems } from '../problems.js';
import type { Following, RunFollower, RunSummary } from '../interfaces.js';
import { Debugging } from './debugging.js';
import { RunLabels, type RunLabel } from './labels.js';
import { RunWatch } from './run-watch.js';

const goingKey = 'graft.going';

/** What runs there are: those on disk, each followed while it goes on. */
export class RunIndex implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #ended = new vscode.EventEmitter<RunSummary>();
  readonly #found = new vscode.EventEmitter<RunSummary>();
  readonly #watches = new Map<string, RunWatch>();
  readonly #labels = new RunLabels();
  /** Folders of runs that go on, as the last window left them too: what ended while none was open is noticed by the next. */
  readonly #going: Set<string>;
  protected readonly debugging = new Debugging(() => {
    this.#changed.fire();
  });
  readonly #disposables: { dispose(): unknown }[] = [this.#changed, this.#ended, this.#found, this.debugging];
  readonly #damaged = new Set<string>();
  /** Folders of runs that this window starts: they may be on the disk before the process has said who it is. */
  readonly #started = new Set<string>();
  #scan = Promise.resolve();
  #isDisposed = false;

  readonly onDidChange = this.#changed.event;
  /** A run that was going on has ended, however it did. */
  readonly onDidEnd = this.#ended.event;
  /** A run goes on that this window has not started: an earlier one, or the command line, did. */
  readonly onDidFind = this.#found.event;

  constructor(
    private readonly memory: vscode.Memento,
    protected readonly problems: Problems,
  ) {
    this.#going = new Set(memory.get<readonly string[]>(goingKey, []));
    const watcher = vscode.workspace.createFileSystemWatcher('**/.graft/runs/*/{run,report,label}.json');
    const refresh = () => void this.refresh();
    this.#disposables.push(
      watcher,
      watcher.onDidCreate(refresh),
      watcher.onDidChange(refresh),
      watcher.onDidDelete(refresh),
      vscode.workspace.onDidChangeWorkspaceFolders(refresh),
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused) refresh();
      }),
    );
    refresh();
  }

  /** Newest first. */
  list(): readonly RunSummary[] {
    const runs = [...this.#watches.values()]
      .map(({ summary }) => ({ ...summary, debugging: this.debugging.stateOf(summary.folder) }))
      .sort((a, b) => b.info.startTime - a.info.startTime || b.id.localeCompare(a.id));
    return this.#labels.apply(runs);
  }

  get(id: string): RunSummary | undefined {
    return this.list().find((run) => run.id === id);
  }

  isActive(id: string): boolean {
    const run = this.get(id);
    return run !== undefined && isActive(run);
  }

  /** @throws GraftError where there is none of this name, or where two are called so. */
  require(id: string): RunSummary {
    const [run, other] = this.list().filter((one) => one.id === id);
    // Copied from one workspace folder into another: nobody knows which is meant.
    if (run !== undefined && other !== undefined) {
      throw new GraftError(vscode.l10n.t('{0} and {1} are both called {2}.', run.folder, other.folder, id), {
        action: vscode.l10n.t('Rename the folder of one of them.'),
      });
    }
    if (run !== undefined) return run;
    throw new GraftError(vscode.l10n.t('There is no run {0} here any more.', id), {
      action: vscode.l10n.t('See the Runs view.'),
    });
  }

  follow(id: string, follower: RunFollower): Following | undefined {
    const folder = this.get(id)?.folder;
    return folder === undefined ? undefined : this.#watches.get(folder)?.follow(follower);
  }

  /** Looks for runs on disk. */
  async refresh(): Promise<void> {
    this.#scan = this.#scan
      .then(() => this.#look())
      .catch((error: unknown) => {
        this.problems.log.error(messageOf(error));
      });
    await this.#scan;
  }

  /** Looks at one run now. */
  async poll(folder: string): Promise<void> {
    await this.#watches.get(folder)?.poll();
  }

  /** A run is about to be started in this folder by this window. */
  expect(folder: string): void {
    this.#started.add(folder);
  }

  /** Takes up a run that this window has started. */
  async adopt(folder: string, child: Launched): Promise<RunSummary> {
    const known = this.#watches.get(folder);
    const watch = known ?? (await this.#open(folder));
    await known?.reopen();
    this.#changed.fire();
    this.#notice(watch);
    void child.ended.then(
      async ({ code, signal }) => {
        await watch.processEnded(code, signal);
        this.#changed.fire();
        this.#notice(watch);
      },
      () => undefined,
    );
    return watch.summary;
  }

  /** Gives a run a name, or takes it away; marks it with a star, or not. */
  async label(id: string, change: Partial<RunLabel>): Promise<void> {
    requireTrust();
    await this.#labels.change(this.require(id).folder, change);
    this.#changed.fire();
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const disposable of [...this.#disposables, ...this.#watches.values()]) disposable.dispose();
  }

  async #look(): Promise<void> {
    const roots = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
    const found = new Set<string>();
    for (const { uri } of roots) {
      const folders = await runFolders(uri.fsPath, ({ message }) => {
        this.#sayOnce(uri.fsPath, message);
      });
      for (const folder of folders) found.add(folder);
    }
    for (const [folder, watch] of this.#watches) {
      if (found.has(folder)) continue;
      watch.dispose();
      this.#watches.delete(folder);
    }
    for (const folder of this.#going) if (!found.has(folder)) this.#going.delete(folder);
    for (const folder of found) {
      const known = this.#watches.get(folder);
      if (known !== undefined) {
        if (!known.isActive) await known.reopen().catch(() => undefined);
        continue;
      }
      const watch = await this.#open(folder).catch((error: unknown) => {
        // One that is just being made has no run.json yet.
        if (existsSync(path.join(folder, 'run.json'))) this.#sayOnce(folder, messageOf(error));
        return undefined;
      });
      if (watch === undefined) continue;
      if (watch.isActive && !this.debugging.has(folder) && !this.#started.has(folder)) this.#found.fire(watch.summary);
    }
    await this.#labels.read(found);
    this.#changed.fire();
    for (const watch of this.#watches.values()) this.#notice(watch);
  }

  async #open(folder: string): Promise<RunWatch> {
    const watch: RunWatch = await RunWatch.open(folder, () => {
      this.#notice(watch);
      this.#changed.fire();
    });
    const earlier = this.#watches.get(folder);
    // Found while it was being adopted: one of the two is enough.
    if (earlier !== undefined || this.#isDisposed) watch.dispose();
    if (earlier !== undefined) return earlier;
    this.#watches.set(folder, watch);
    return watch;
  }

  /** What is left out of the list is named in the log. */
  #sayOnce(folder: string, why: string): void {
    if (!this.#damaged.has(folder)) this.problems.log.warn(why);
    this.#damaged.add(folder);
  }

  /** Says once that a run has ended, whoever saw it first: the process's parent, the log, or the next window. */
  #notice({ folder, isActive: active, summary }: RunWatch): void {
    if (active === this.#going.has(folder)) return;
    if (active) this.#going.add(folder);
    else this.#going.delete(folder);
    void this.memory.update(goingKey, [...this.#going]);
    if (!active) this.#ended.fire(summary);
  }
}
