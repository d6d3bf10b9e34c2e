import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import * as vscode from 'vscode';

import { engineNames, type ControlRequest, type EngineName } from '../protocol/index.js';
import { GraftError, messageOf } from '../runtime/errors.js';
import { killTree } from '../runtime/process/kill-tree.js';
import { trainingArguments, type Launched, type LaunchOptions } from '../runtime/process/launch.js';
import { sendControl } from '../runtime/runs/control-client.js';
import { newRunId, runsFolder } from '../runtime/runs/run.js';
import { chooseNode, distFile } from './node.js';
import { requireTrust, type Problems } from './problems.js';
import { isActive, RunWatch } from './runs/run-watch.js';
import { startTraining, waitForRun } from './runs/start.js';
import type { Runs, RunSummary } from './services.js';

const pollMs = 400;
/** A stop lets the batch end and saves a checkpoint; after this long it becomes a signal, then the end. */
const stopMs = 20_000;
const terminateMs = 5_000;

export class RunStore implements Runs, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #ended = new vscode.EventEmitter<RunSummary>();
  readonly #watches = new Map<string, RunWatch>();
  readonly #disposables: { dispose(): unknown }[] = [this.#changed, this.#ended];
  #timer: NodeJS.Timeout | undefined;
  #scan = Promise.resolve();

  readonly onDidChange = this.#changed.event;
  /** A run that was going on has ended, however it did. */
  readonly onDidEnd = this.#ended.event;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly problems: Problems,
  ) {
    const watcher = vscode.workspace.createFileSystemWatcher('**/.graft/runs/*/{run,report}.json');
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
    return [...this.#watches.values()]
      .map(({ summary }) => summary)
      .sort((a, b) => b.info.startTime - a.info.startTime || b.id.localeCompare(a.id));
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

  async train(script: vscode.Uri, options: { readonly debug?: boolean } = {}): Promise<RunSummary | undefined> {
    requireTrust();
    if (!(await this.#mayStart(script))) return undefined;
    const folder = vscode.workspace.getWorkspaceFolder(script);
    const workspace = folder?.uri.fsPath ?? path.dirname(script.fsPath);
    const run = path.join(runsFolder(workspace), newRunId());
    const launch = this.#launchOptions({ folder: run, script: script.fsPath, workspace, engine: engineSetting() });
    if (options.debug === true) return await this.#debug(folder, launch);
    const child = await startTraining(launch);
    return await this.#adopt(run, child);
  }

  async resume(id: string): Promise<void> {
    requireTrust();
    const { folder, info, status } = this.#require(id);
    if (status === 'running' || status === 'paused' || status === 'done') {
      throw new GraftError(vscode.l10n.t('Run {0} is {1}.', id, status), {
        action: vscode.l10n.t('Only a run that was stopped, failed or interrupted can be resumed.'),
      });
    }
    const { script, workspace, engine } = info;
    await this.#save(vscode.Uri.file(script));
    const launch = { folder, script, workspace, engine, resume: true, arguments: info.arguments };
    await this.#adopt(folder, await startTraining(this.#launchOptions(launch)));
  }

  async control(id: string, request: ControlRequest['type']): Promise<void> {
    const { info } = this.#require(id);
    if (request !== 'stop') {
      await sendControl(info, request);
      await this.#poll();
      return;
    }
    const asked = await sendControl(info, 'stop').then(
      () => true,
      () => false,
    );
    if (asked && (await this.#endsWithin(id, stopMs))) return;
    if (!this.#isActive(id)) return;
    this.problems.log.warn(`Run ${id} does not stop when asked: SIGTERM to process ${info.pid}.`);
    try {
      process.kill(info.pid, 'SIGTERM');
    } catch {
      // It has just ended.
    }
    if (await this.#endsWithin(id, terminateMs)) return;
    this.problems.log.warn(`Run ${id} does not end: process ${info.pid} and its children are killed.`);
    await killTree(info.pid);
    await this.#endsWithin(id, terminateMs);
  }

  async delete(id: string): Promise<void> {
    const { folder } = this.#require(id);
    if (this.#isActive(id)) {
      throw new GraftError(vscode.l10n.t('Run {0} is going on.', id), { action: vscode.l10n.t('Stop it first.') });
    }
    const yes = vscode.l10n.t('Delete');
    const detail = vscode.l10n.t('Its log, checkpoints, model and report are deleted: {0}', folder);
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t('Delete the run {0}?', id),
      { modal: true, detail },
      yes,
    );
    if (answer !== yes) return;
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
      const parent = runsFolder(uri.fsPath);
      for (const name of await readdir(parent).catch(() => [])) found.add(path.join(parent, name));
    }
    for (const folder of this.#watches.keys()) if (!found.has(folder)) this.#watches.delete(folder);
    for (const folder of found) {
      const known = this.#watches.get(folder);
      if (known !== undefined) {
        if (!known.isActive) await known.reopen().catch(() => undefined);
        continue;
      }
      const watch = await RunWatch.open(folder).catch(() => undefined);
      if (watch !== undefined) this.#watches.set(folder, watch);
    }
    this.#changed.fire();
    this.#schedule();
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
      if (!isActive(watch.summary)) this.#ended.fire(watch.summary);
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
    this.#schedule();
    void child.ended.then(
      async ({ code, signal }) => {
        await watch.processEnded(code, signal);
        this.#changed.fire();
      },
      () => undefined,
    );
    return watch.summary;
  }

  async #debug(folder: vscode.WorkspaceFolder | undefined, launch: LaunchOptions): Promise<RunSummary | undefined> {
    const started = await vscode.debug.startDebugging(folder, {
      type: 'node',
      request: 'launch',
      name: vscode.l10n.t('Graft: {0}', path.basename(launch.script)),
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
    if (!started || !(await waitForRun(launch.folder, () => Date.now() > deadline))) return undefined;
    await this.refresh();
    return this.list().find((run) => run.folder === launch.folder);
  }

  #launchOptions(
    options: Pick<LaunchOptions, 'folder' | 'script' | 'workspace' | 'engine'> &
      Partial<Pick<LaunchOptions, 'resume' | 'arguments'>>,
  ): LaunchOptions {
    const { path: node, environment } = chooseNode();
    return { resume: false, ...options, program: distFile(this.context, 'train.js'), node, environment };
  }

  /** Saves the script, and asks when it is training already. */
  async #mayStart(script: vscode.Uri): Promise<boolean> {
    await this.#save(script);
    const running = this.list().find((run) => isActive(run) && run.info.script === script.fsPath);
    if (running === undefined) return true;
    const another = vscode.l10n.t('Start Another');
    const text = vscode.l10n.t('{0} is training already.', path.basename(script.fsPath));
    return (await vscode.window.showWarningMessage(text, { modal: true }, another)) === another;
  }

  async #save(script: vscode.Uri): Promise<void> {
    const open = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === script.fsPath);
    if (open?.isDirty === true) await open.save();
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

  #require(id: string): RunSummary {
    const run = this.get(id);
    if (run !== undefined) return run;
    throw new GraftError(vscode.l10n.t('There is no run {0} here any more.', id), {
      action: vscode.l10n.t('See the Runs view.'),
    });
  }
}

function engineSetting(): EngineName | 'auto' {
  const value = vscode.workspace.getConfiguration('graft').get<string>('engine', 'auto');
  return engineNames.find((name) => name === value) ?? 'auto';
}
