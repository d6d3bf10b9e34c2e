import { rm } from 'node:fs/promises';

import * as vscode from 'vscode';

import { GraftError } from '../../common/errors.js';
import { isActive, type ControlRequest } from '../../protocol/index.js';
import { sendControl } from '../../runs/control/client.js';
import { requireTrust, type Problems } from '../problems.js';
import type { Runs, RunSummary, StartOptions } from '../interfaces.js';
import { RunLauncher } from './launcher.js';
import { mayDelete } from './questions.js';
import { RunIndex } from './run-index.js';
import { stop } from './stop.js';

/** The runs of a window's workspace, and what may be done with them where it is trusted. */
export class RunStore extends RunIndex implements Runs {
  readonly #launcher: RunLauncher;

  constructor(context: vscode.ExtensionContext, problems: Problems) {
    super(context.workspaceState, problems);
    this.#launcher = new RunLauncher(context, this, this.debugging);
  }

  async train(script: vscode.Uri, options: StartOptions = {}): Promise<RunSummary | undefined> {
    requireTrust();
    return await this.#launcher.train(script, options, ({ id }) => {
      this.problems.run(() => this.control(id, 'stop'));
    });
  }

  async resume(id: string): Promise<void> {
    requireTrust();
    await this.#launcher.resume(this.require(id));
  }

  async control(id: string, request: ControlRequest['type']): Promise<void> {
    requireTrust();
    const run = this.require(id);
    if (request === 'stop') {
      await stop(run, this, this.debugging, this.problems.log);
      return;
    }
    await sendControl(run.folder, run.info, request);
    await this.poll(run.folder);
  }

  async delete(ids: readonly string[]): Promise<void> {
    requireTrust();
    if (!(await mayDelete(ids.map((id) => this.#requireEnded(id))))) return;
    // One may have been resumed while the question stood there.
    for (const { folder } of ids.map((id) => this.#requireEnded(id)))
      await rm(folder, { recursive: true, force: true });
    await this.refresh();
  }

  #requireEnded(id: string): RunSummary {
    const run = this.require(id);
    if (!isActive(run)) return run;
    throw new GraftError(vscode.l10n.t('Run {0} is going on.', id), { action: vscode.l10n.t('Stop it first.') });
  }
}
