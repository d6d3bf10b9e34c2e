import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import * as vscode from 'vscode';

import { isActive, engineNames, purposeOf, type ControlRequest, type EngineName } from '../protocol/index.js';
import { GraftError, messageOf } from '../common/errors.js';
import { trainingArguments, type Launched, type LaunchOptions } from '../runs/launchers/local.js';
import { sendControl } from '../runs/control/client.js';
import { endProcess } from '../runs/end-process.js';
import { writeForcedEnd } from '../runs/forced-end.js';
import { runFolders } from '../runs/read.js';
import { newRunId, runsFolder } from '../runs/run-folder.js';
import { label, statusNames } from '../words/index.js';
import { chooseNode, distFile } from './node.js';
import { requireTrust, type Problems } from './problems.js';
import { mayDelete, mayStart, requireInside } from './runs/ask.js';
import { Debugging } from './runs/debugging.js';
import { RunLabels, type RunLabel } from './runs/labels.js';
import { RunWatch } from './runs/run-watch.js';
import { startTraining, waitForRun } from './runs/start.js';
import type { Runs, RunSummary, StartOptions } from './services.js';

const pollMs = 400;
/** A stop lets the batch end and saves a checkpoint; after this long it becomes a signal, then the end. */
const stopMs = 20_000;
const terminateMs = 5_000;
const goingKey = 'graft.going';

export class RunStore implements Runs, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #ended = new vscode.EventEmitter<RunSummary>();
  readonly #found = new vscode.EventEmitter<RunSummary>();
  readonly #watches = new Map<string, RunWatch>();
  readonly #labels = new RunLabels();
  readonly #debugging = new Debugging(() => {
    this.#changed.fire();
  });
  /** Folders of runs that go on, as the last window left them too: what ended while none was open is noticed by the next. */
  readonly #going: Set<string>;
  readonly #disposables: { dispose(): unknown }[] = [this.#changed, this.#ended, this.#found, this.#debugging];
  readonly #damaged = new Set<string>();
  /** Folders of runs that this window starts: they may be on the disk before the process has said who it is. */
  readonly #started = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #scan = Promise.resolve();

  readonly onDidChange = this.#changed.event;
  /** A run that was going on has ended, however it did. */
  readonly onDidEnd = this.#ended.event;
  /** A run goes on that this window has not started: an earlier one, or the command line, did. */
  readonly onDidFind = this.#found.event;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly problems: Problems,
  ) {
    this.#going = new Set(context.workspaceState.get<readonly string[]>(goingKey, []));
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

  list(): readonly RunSummary[] {
    const runs = [...this.#watches.values()]
      .map(({ summary }) => ({ ...summary, debugging: this.#debugging.stateOf(summary.folder) }))
      .sort((a, b) => b.info.startTime - a.info.startTime || b.id.localeCompare(a.id));
    return this.#labels.apply(runs);
  }

  get(id: string): RunSummary | undefined {
    return this.list().find((run) => run.id === id);
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

  async train(script: vscode.Uri, options: StartOptions = {}): Promise<RunSummary | undefined> {
    requireTrust();
    await this.#prepare(script);
    const stop = ({ id }: RunSummary) => {
      this.problems.run(() => this.control(id, 'stop'));
    };
    if (!(await mayStart(script, this.list().filter(isActive), stop))) return undefined;
    const folder = vscode.workspace.getWorkspaceFolder(script);
    const workspace = folder?.uri.fsPath ?? path.dirname(script.fsPath);
    const run = path.join(runsFolder(workspace), newRunId());
    const { purpose = 'train', overrides = {} } = options;
    const launch = this.#launchOptions({
      folder: run,
      script: script.fsPath,
      workspace,
      engine: engineSetting(),
      purpose,
      overrides,
    });
    if (options.debug === true) return await this.#debug(folder, launch);
    this.#started.add(run);
    const child = await startTraining(launch);
    return await this.#adopt(run, child);
  }

  async resume(id: string): Promise<void> {
    requireTrust();
    const { folder, info, status, checkpoint, title } = this.#require(id);
    if (isActive({ status }) || status === 'done') {
      throw new GraftError(vscode.l10n.t('Run {0}: {1}.', title, statusNames(vscode.l10n.t)[status]), {
        action: vscode.l10n.t('Only a run that was stopped, failed or interrupted can be resumed.'),
      });
    }
    if (!checkpoint) {
      throw new GraftError(vscode.l10n.t('{0} has no checkpoint to go on from.', title), {
        action: vscode.l10n.t('Train its script again.'),
      });
    }
    const { script, workspace, engine } = info;
    await requireInside(info, [script, workspace]);
    await this.#prepare(vscode.Uri.file(script));
    const launch = {
      folder,
      script,
      workspace,
      engine,
      purpose: purposeOf(info),
      resume: true,
      arguments: info.arguments,
    };
    await this.#adopt(folder, await startTraining(this.#launchOptions(launch)));
  }

  async control(id: string, request: ControlRequest['type']): Promise<void> {
    requireTrust();
    const { info, folder } = this.#require(id);
    if (request !== 'stop') {
      await sendControl(folder, info, request);
      await this.#poll();
      return;
    }
    // Halted at a breakpoint it hears nothing: the debugger lets it go, and its SIGTERM is our Stop.
    if (await this.#debugging.stopHalted(folder)) {
      if (await this.#endsWithin(id, stopMs)) return;
    }
    const refusal = await sendControl(folder, info, 'stop').then(
      () => undefined,
      (error: unknown) => error,
    );
    if (refusal === undefined && (await this.#endsWithin(id, stopMs))) return;
    for (const force of ['terminate', 'kill'] as const) {
      if (!this.#isActive(id)) return;
      const pid = await endProcess(folder, info.nonce, force);
      if (pid === undefined) {
        if (await this.#endsWithin(id, terminateMs)) return;
        throw notProven(id, refusal);
      }
      this.problems.log.warn(`Run ${id} does not end when asked: process ${pid}, ${force}.`);
      if (await this.#endsWithin(id, terminateMs)) break;
    }
    // Not where it came to its own end meanwhile, or goes on all the same.
    if (this.get(id)?.status !== 'interrupted') return;
    writeForcedEnd(folder);
    await this.refresh();
  }

  /** Gives a run a name, or takes it away; marks it with a star, or not. */
  async label(id: string, change: Partial<RunLabel>): Promise<void> {
    requireTrust();
    await this.#labels.change(this.#require(id).folder, change);
    this.#changed.fire();
  }

  async delete(ids: readonly string[]): Promise<void> {
    requireTrust();
    if (!(await mayDelete(ids.map((id) => this.#requireEnded(id))))) return;
    // One may have been resumed while the question stood there.
    for (const { folder } of ids.map((id) => this.#requireEnded(id)))
      await rm(folder, { recursive: true, force: true });
    await this.refresh();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const disposable of this.#disposables) disposable.dispose();
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
    for (const folder of this.#watches.keys()) if (!found.has(folder)) this.#watches.delete(folder);
    for (const folder of this.#going) if (!found.has(folder)) this.#going.delete(folder);
    for (const folder of found) {
      const known = this.#watches.get(folder);
      if (known !== undefined) {
        if (!known.isActive) await known.reopen().catch(() => undefined);
        continue;
      }
      const watch = await RunWatch.open(folder).catch((error: unknown) => {
        // One that is just being made has no run.json yet.
        if (existsSync(path.join(folder, 'run.json'))) this.#sayOnce(folder, messageOf(error));
        return undefined;
      });
      if (watch === undefined) continue;
      this.#watches.set(folder, watch);
      if (watch.isActive && !this.#debugging.has(folder) && !this.#started.has(folder)) this.#found.fire(watch.summary);
    }
    await this.#labels.read(found);
    this.#changed.fire();
    for (const watch of this.#watches.values()) this.#notice(watch);
    this.#schedule();
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
    void this.context.workspaceState.update(goingKey, [...this.#going]);
    if (!active) this.#ended.fire(summary);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (![...this.#watches.values()].some(({ isActive: active }) => active)) return;
    this.#timer = setTimeout(
      () =>
        void this.#poll().then(() => {
          this.#schedule();
        }),
      pollMs,
    );
  }

  async #poll(): Promise<void> {
    let changed = false;
    for (const watch of this.#watches.values()) {
      if (!isActive(watch.summary)) continue;
      // Its folder may have been deleted meanwhile; the watcher takes it off the list.
      changed = (await watch.poll().catch(() => false)) || changed;
      this.#notice(watch);
    }
    if (changed) this.#changed.fire();
  }

  async #adopt(folder: string, child: Launched): Promise<RunSummary> {
    const known = this.#watches.get(folder);
    if (known === undefined) this.#watches.set(folder, await RunWatch.open(folder));
    else await known.reopen();
    const watch = this.#watches.get(folder);
    if (watch === undefined) throw new Error('A run that was added is there.');
    this.#changed.fire();
    this.#notice(watch);
    this.#schedule();
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

  async #debug(folder: vscode.WorkspaceFolder | undefined, launch: LaunchOptions): Promise<RunSummary | undefined> {
    this.#debugging.add(launch.folder);
    const started = await vscode.debug.startDebugging(folder, {
      type: 'node',
      request: 'launch',
      name: label(vscode.l10n.t('Graft: {0}', path.basename(launch.script)), 120),
      program: launch.program,
      args: trainingArguments(launch),
      cwd: launch.workspace,
      runtimeExecutable: launch.node,
      env: launch.environment,
      console: 'internalConsole',
      // SIGTERM, not SIGKILL: whoever stops debugging stops the run, and its checkpoint is saved.
      killBehavior: 'polite',
      skipFiles: ['<node_internals>/**', path.join(path.dirname(launch.program), '**'), '**/node_modules/**'],
    });
    const deadline = Date.now() + 60_000;
    if (!started || !(await waitForRun(launch.folder, () => Date.now() > deadline))) {
      this.#debugging.remove(launch.folder);
      return undefined;
    }
    await this.refresh();
    return this.list().find((run) => run.folder === launch.folder);
  }

  #launchOptions(
    options: Pick<LaunchOptions, 'folder' | 'script' | 'workspace' | 'engine'> &
      Partial<Pick<LaunchOptions, 'resume' | 'purpose' | 'overrides' | 'arguments'>>,
  ): LaunchOptions {
    const { path: node, environment } = chooseNode();
    return { resume: false, ...options, program: distFile(this.context, 'train.js'), node, environment };
  }

  /** Saves what the editor has not. */
  async #prepare(script: vscode.Uri): Promise<void> {
    const open = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === script.fsPath);
    if (open?.isDirty === true) await open.save();
    if (existsSync(script.fsPath)) return;
    throw new GraftError(vscode.l10n.t('The script {0} is gone.', script.fsPath), {
      action: vscode.l10n.t('Put it back where it was, then try again: a training is its script.'),
    });
  }

  async #endsWithin(id: string, ms: number): Promise<boolean> {
    const end = Date.now() + ms;
    while (this.#isActive(id) && Date.now() < end) await sleep(100);
    return !this.#isActive(id);
  }

  #isActive(id: string): boolean {
    const run = this.get(id);
    return run !== undefined && isActive(run);
  }

  #requireEnded(id: string): RunSummary {
    const run = this.#require(id);
    if (!isActive(run)) return run;
    throw new GraftError(vscode.l10n.t('Run {0} is going on.', id), { action: vscode.l10n.t('Stop it first.') });
  }

  #require(id: string): RunSummary {
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
}

function notProven(id: string, cause: unknown): GraftError {
  return new GraftError(
    vscode.l10n.t('Run {0} does not stop, and no process is known for certain to be its own, so none was ended.', id),
    { action: vscode.l10n.t('Stop it where it was started.'), cause },
  );
}

function engineSetting(): EngineName | 'auto' {
  const value = vscode.workspace.getConfiguration('graft').get<string>('engine', 'auto');
  return engineNames.find((name) => name === value) ?? 'auto';
}
