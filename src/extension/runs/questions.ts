import path from 'node:path';

import * as vscode from 'vscode';

import type { RunInfo } from '../../protocol/index.js';
import { outsideOf } from '../../runtime/data/places.js';
import type { RunSummary } from '../interfaces.js';
import { visible } from '../../words/index.js';
import { tell } from '../window.js';

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
    return (await tell('warning', text, [another], { modal: true, detail })) === another;
  }
  const [other] = active;
  if (other !== undefined) {
    const otherName = path.basename(other.info.script);
    const text = vscode.l10n.t(
      '{0} starts while {1} is training: they share this machine, so each takes longer.',
      ...[name, otherName],
    );
    const stopOther = vscode.l10n.t('Stop {0}', otherName);
    void tell('information', text, [stopOther]).then((answer) => {
      if (answer === stopOther) stop(other);
    });
  }
  return true;
}

/**
 * A run's folder may have come with a download, and names a script and a folder to run it in. What is in the workspace is trusted with it;
 * for anything else of this machine the user is asked.
 *
 * @param used the paths of it that are meant.
 * @throws CancellationError where the user does not want it.
 */
export async function requireInside(info: RunInfo, used: readonly string[] = [info.script]): Promise<void> {
  const { id, script, workspace, arguments: words } = info;
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  if ((await outsideOf(used, folders)).length === 0) return;
  const yes = vscode.l10n.t('Use It');
  const text = vscode.l10n.t('Run {0} names a script that is outside of this workspace.', id);
  const what = [script, ...words.map((word) => JSON.stringify(word))].join(' ');
  const detail = vscode.l10n.t('{0}\nin {1}\n\nUse it only if you know this script.', what, workspace);
  if ((await tell('warning', text, [yes], { modal: true, detail })) !== yes) throw new vscode.CancellationError();
}

export async function mayDelete(runs: readonly RunSummary[]): Promise<boolean> {
  const yes = vscode.l10n.t('Delete');
  const [first] = runs;
  if (first === undefined) return false;
  const folders = runs.map(({ folder }) => visible(folder)).join('\n');
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
  return (await tell('warning', text, [yes], { modal: true, detail })) === yes;
}
