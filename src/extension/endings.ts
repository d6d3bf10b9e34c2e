import * as vscode from 'vscode';

import { GraftError } from '../runtime/errors.js';
import type { CommandId } from './commands.js';
import type { Problems, Action } from './problems.js';
import { panelViewType } from './panel/index.js';
import { activity, runLabel } from './run-text.js';
import type { RunStore } from './runs.js';
import { tell } from './window.js';

/** Tells the user when a training that was going on fails or vanishes, and when one is found that nobody sees. */
export function registerEndings(runs: RunStore, problems: Problems): vscode.Disposable {
  return vscode.Disposable.from(tellEndings(runs, problems), tellFinds(runs, problems));
}

function tellEndings(runs: RunStore, problems: Problems): vscode.Disposable {
  return runs.onDidEnd(({ id }) => {
    // What this window's own child printed and how it ended is known a moment later.
    setTimeout(() => {
      const run = runs.get(id);
      if (run?.problem === undefined || run.status === 'done') return;
      const action = (title: string, command: CommandId): Action => ({
        title,
        run: () => vscode.commands.executeCommand(command, run.id),
      });
      const resume = run.checkpoint ? [action(vscode.l10n.t('Resume'), 'graft.resumeTraining')] : [];
      problems.show(
        new GraftError(`${runLabel(run)}: ${run.problem.message}`, { action: run.problem.action ?? '' }),
        action(vscode.l10n.t('Open Log'), 'graft.openLog'),
        ...resume,
        action(vscode.l10n.t('Copy Diagnostics'), 'graft.copyDiagnostics'),
      );
    }, 500);
  });
}

/** A training outlives its window; the next one says so, where no panel shows it. */
function tellFinds(runs: RunStore, problems: Problems): vscode.Disposable {
  return runs.onDidFind((run) => {
    const isPanel = ({ input }: vscode.Tab) =>
      input instanceof vscode.TabInputWebview && input.viewType.endsWith(panelViewType);
    if (vscode.window.tabGroups.all.some(({ tabs }) => tabs.some(isPanel))) return;
    const [show, stop] = [vscode.l10n.t('Open Training Panel'), vscode.l10n.t('Stop')];
    const text = vscode.l10n.t('{0} is training; it went on without this window: {1}.', runLabel(run), activity(run));
    void tell('information', text, [show, stop]).then((answer) => {
      const id: CommandId = answer === show ? 'graft.openRun' : 'graft.stopTraining';
      if (answer !== undefined) problems.run(() => vscode.commands.executeCommand(id, run.id));
    });
  });
}
