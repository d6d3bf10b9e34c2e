import * as vscode from 'vscode';

import { GraftError } from '../runtime/errors.js';
import type { CommandId } from './commands.js';
import type { Problems, Action } from './problems.js';
import { runLabel } from './run-text.js';
import type { RunStore } from './runs.js';

/** Tells the user when a training that was going on fails or vanishes. */
export function registerEndings(runs: RunStore, problems: Problems): vscode.Disposable {
  return runs.onDidEnd(({ id }) => {
    // What this window's own child printed and how it ended is known a moment later.
    setTimeout(() => {
      const run = runs.get(id);
      if (run?.problem === undefined || (run.status !== 'failed' && run.status !== 'interrupted')) return;
      const action = (title: string, command: CommandId): Action => ({
        title,
        run: () => vscode.commands.executeCommand(command, run.id),
      });
      const resume = run.checkpoint ? [action(vscode.l10n.t('Resume'), 'graft.resumeTraining')] : [];
      problems.show(
        new GraftError(`${runLabel(run)}: ${run.problem.message}`, { action: run.problem.action ?? '' }),
        action(vscode.l10n.t('Open Run Log'), 'graft.openLog'),
        ...resume,
        action(vscode.l10n.t('Copy Diagnostics'), 'graft.copyDiagnostics'),
      );
    }, 500);
  });
}
