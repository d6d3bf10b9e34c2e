import * as vscode from 'vscode';

import { purposeOf } from '../protocol/index.js';
import { GraftError } from '../common/errors.js';
import type { CommandId } from './commands.js';
import type { Problems, Action } from './problems.js';
import { panelViewType } from './panel/index.js';
import { activity, endText } from './run-text.js';
import type { RunStore } from './runs/run-store.js';
import type { RunSummary, TrainingPanel } from './interfaces.js';
import { tell } from './window.js';

/** Tells the user when a training that was going on ends or vanishes, and when one is found that nobody sees. */
export function registerRunEnds(
  runs: RunStore,
  panel: Pick<TrainingPanel, 'shows'>,
  problems: Problems,
): vscode.Disposable {
  return vscode.Disposable.from(tellEndings(runs, panel, problems), tellFinds(runs, problems));
}

function tellEndings(runs: RunStore, panel: Pick<TrainingPanel, 'shows'>, problems: Problems): vscode.Disposable {
  return runs.onDidEnd(({ id }) => {
    // What this window's own child printed and how it ended is known a moment later.
    setTimeout(() => {
      const run = runs.get(id);
      if (run?.status === 'done' && !panel.shows(id)) tellResult(run, problems);
      if (run?.problem === undefined || run.status === 'done') return;
      const action = (title: string, command: CommandId): Action => ({
        title,
        run: () => vscode.commands.executeCommand(command, run.id),
      });
      const resume = run.checkpoint ? [action(vscode.l10n.t('Resume'), 'graft.resumeTraining')] : [];
      problems.show(
        new GraftError(`${run.title}: ${run.problem.message}`, { action: run.problem.action ?? '' }),
        action(vscode.l10n.t('Open Log'), 'graft.openLog'),
        ...resume,
        action(vscode.l10n.t('Copy Diagnostics'), 'graft.copyDiagnostics'),
      );
    }, 500);
  });
}

/** Who does not look at the panel reads here how it went. */
function tellResult(run: RunSummary, problems: Problems): void {
  const show = vscode.l10n.t('Show Results');
  const tryModel = purposeOf(run.info) === 'train' ? [vscode.l10n.t('Try Model')] : [];
  void tell('information', endText(run), [show, ...tryModel]).then((answer) => {
    const id: CommandId = answer === show ? 'graft.openRun' : 'graft.tryModel';
    if (answer !== undefined) problems.run(() => vscode.commands.executeCommand(id, run.id));
  });
}

/** A training outlives its window; the next one says so, where no panel shows it. */
function tellFinds(runs: RunStore, problems: Problems): vscode.Disposable {
  return runs.onDidFind(({ id }) => {
    const run = runs.get(id);
    if (run === undefined) return;
    const isPanel = ({ input }: vscode.Tab) =>
      input instanceof vscode.TabInputWebview && input.viewType.endsWith(panelViewType);
    if (vscode.window.tabGroups.all.some(({ tabs }) => tabs.some(isPanel))) return;
    const [show, stop] = [vscode.l10n.t('Open Training Panel'), vscode.l10n.t('Stop')];
    const text = vscode.l10n.t('{0} is training; it went on without this window: {1}.', run.title, activity(run));
    void tell('information', text, [show, stop]).then((answer) => {
      const id: CommandId = answer === show ? 'graft.openRun' : 'graft.stopTraining';
      if (answer !== undefined) problems.run(() => vscode.commands.executeCommand(id, run.id));
    });
  });
}
