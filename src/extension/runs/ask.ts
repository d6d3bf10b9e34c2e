import path from 'node:path';

import * as vscode from 'vscode';

import type { RunSummary } from '../services.js';

/** Whether a script may start beside the trainings that go on; asks where it is training itself. */
export async function mayStart(
  script: vscode.Uri,
  active: readonly RunSummary[],
  stop: (run: RunSummary) => void,
): Promise<boolean> {
  const name = path.basename(script.fsPath);
  if (active.some(({ info }) => info.script === script.fsPath)) {
    const another = vscode.l10n.t('Start Another');
    const text = vscode.l10n.t('{0} is training already.', name);
    const detail = vscode.l10n.t('Two trainings share this machine, so each takes longer.');
    return (await vscode.window.showWarningMessage(text, { modal: true, detail }, another)) === another;
  }
  const [other] = active;
  if (other !== undefined) {
    const otherName = path.basename(other.info.script);
    const text = vscode.l10n.t(
      '{0} starts while {1} is training: they share this machine, so each takes longer.',
      ...[name, otherName],
    );
    const stopOther = vscode.l10n.t('Stop {0}', otherName);
    void vscode.window.showInformationMessage(text, stopOther).then((answer) => {
      if (answer === stopOther) stop(other);
    });
  }
  return true;
}

export async function mayDelete(runs: readonly RunSummary[]): Promise<boolean> {
  const yes = vscode.l10n.t('Delete');
  const [first] = runs;
  if (first === undefined) return false;
  const folders = runs.map(({ folder }) => folder).join('\n');
  const [text, detail] =
    runs.length === 1
      ? [
          vscode.l10n.t('Delete the run {0}?', first.title),
          vscode.l10n.t('Its log, checkpoints, model and report are deleted: {0}', folders),
        ]
      : [
          vscode.l10n.t('Delete {0} runs?', runs.length),
          vscode.l10n.t('Their logs, checkpoints, models and reports are deleted:\n{0}', folders),
        ];
  return (await vscode.window.showWarningMessage(text, { modal: true, detail }, yes)) === yes;
}
