import { existsSync } from 'node:fs';
import path from 'node:path';

import * as vscode from 'vscode';

import { GraftError } from '../../common/errors.js';
import { engineNames, isActive, purposeOf, type EngineName } from '../../protocol/index.js';
import type { LaunchOptions } from '../../runs/launchers/launch.js';
import { trainingArguments, type Assignment } from '../../runs/launchers/training-arguments.js';
import { newRunId, runsFolder } from '../../runs/run-folder.js';
import { label, statusNames } from '../../words/index.js';
import { chooseNode, distFile } from '../node.js';
import type { RunSummary, StartOptions } from '../interfaces.js';
import type { Debugging } from './debugging.js';
import { mayStart, requireInside } from './questions.js';
import type { RunIndex } from './run-index.js';
import { startTraining, waitForRun } from './start.js';

/** Starts runs of scripts, in a process or under the debugger, and goes on with earlier ones. */
export class RunLauncher {
  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly index: RunIndex,
    private readonly debugging: Debugging,
  ) {}

  /** Undefined where it was not started: the user did not want it, or has been told why. */
  async train(
    script: vscode.Uri,
    options: StartOptions,
    stop: (other: RunSummary) => void,
  ): Promise<RunSummary | undefined> {
    await prepare(script);
    if (!(await mayStart(script, this.index.list().filter(isActive), stop))) return undefined;
    const workspaceFolder = vscode.workspace.getWorkspaceFolder(script);
    const workspace = workspaceFolder?.uri.fsPath ?? path.dirname(script.fsPath);
    const folder = path.join(runsFolder(workspace), newRunId());
    const { purpose, overrides } = options;
    const launch = this.#launch({
      ...{ folder, script: script.fsPath, workspace, engine: engineSetting(), resume: false, purpose, overrides },
    });
    if (options.debug === true) return await this.#debug(workspaceFolder, launch);
    this.index.expect(folder);
    return await this.index.adopt(folder, await startTraining(launch));
  }

  /** @throws GraftError for a run that goes on, is done, or has no checkpoint. */
  async resume({ folder, info, status, checkpoint, title }: RunSummary): Promise<void> {
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
    await prepare(vscode.Uri.file(script));
    const assignment = { folder, script, workspace, engine, resume: true, purpose: purposeOf(info) };
    const child = await startTraining(this.#launch({ ...assignment, arguments: info.arguments }));
    await this.index.adopt(folder, child);
  }

  async #debug(folder: vscode.WorkspaceFolder | undefined, launch: LaunchOptions): Promise<RunSummary | undefined> {
    this.debugging.add(launch.folder);
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
      this.debugging.remove(launch.folder);
      return undefined;
    }
    await this.index.refresh();
    return this.index.list().find((run) => run.folder === launch.folder);
  }

  #launch(assignment: Assignment): LaunchOptions {
    const { path: node, environment } = chooseNode();
    return { ...assignment, program: distFile(this.context, 'train.js'), node, environment };
  }
}

/** Saves what the editor has not. */
async function prepare(script: vscode.Uri): Promise<void> {
  const open = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === script.fsPath);
  if (open?.isDirty === true) await open.save();
  if (existsSync(script.fsPath)) return;
  throw new GraftError(vscode.l10n.t('The script {0} is gone.', script.fsPath), {
    action: vscode.l10n.t('Put it back where it was, then try again: a training is its script.'),
  });
}

function engineSetting(): EngineName | 'auto' {
  const value = vscode.workspace.getConfiguration('graft').get<string>('engine', 'auto');
  return engineNames.find((name) => name === value) ?? 'auto';
}
