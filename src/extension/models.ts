import { existsSync } from 'node:fs';
import path from 'node:path';

import * as vscode from 'vscode';

import { purposeOf } from '../protocol/index.js';
import { GraftError } from '../common/errors.js';
import { exportPath } from '../runtime/export/export-path.js';
import type { ModelTarget } from './targets.js';
import { evaluationText } from './evaluation-text.js';
import { numbers } from './language.js';
import type { Parts } from './parts.js';
import { requireTrust } from './problems.js';
import { withProgress } from './progress.js';
import { wayTo } from './reveal.js';
import { runDescription } from './run-text.js';
import { chooseData } from './scaffold/choices.js';
import { followLook, pick, tell } from './window.js';

/** Shows where a model can be given pictures. */
export async function tryOut(parts: Parts, target: ModelTarget): Promise<void> {
  const model = await chooseModel(parts, target);
  if (model === undefined) return;
  parts.panel.tryModel(model, nameOf(parts, model));
}

/** Measures a model on labelled pictures. */
export async function evaluate(parts: Parts, target: ModelTarget): Promise<void> {
  const model = await chooseModel(parts, target);
  if (model === undefined) return;
  const data = await chooseData(parts.service, vscode.l10n.t('Labelled Pictures to Evaluate On'));
  if (data === undefined) return;
  const name = nameOf(parts, model);
  const looksElsewhere = followLook();
  const result = await withProgress(vscode.l10n.t('Evaluating {0}', name), (token) =>
    parts.service.call('evaluate', { model, data }, token),
  );
  if (looksElsewhere()) {
    const show = vscode.l10n.t('Show Results');
    const told = vscode.l10n.t('The evaluation of {0} is done.', name);
    if ((await tell('information', told, [show])) !== show) return;
  }
  await parts.documents.show(vscode.l10n.t('Evaluation of {0}', name), evaluationText(name, data, result));
}

/** Writes a model for use elsewhere. */
export async function exportTo(parts: Parts, target: ModelTarget): Promise<void> {
  const model = await chooseModel(parts, target);
  if (model === undefined) return;
  const formats = [
    {
      label: 'ONNX',
      detail: vscode.l10n.t(
        'One file for ONNX Runtime: resizing, preprocessing and class names inside, examples beside it',
      ),
      to: 'onnx' as const,
    },
    {
      label: 'TensorFlow.js',
      detail: vscode.l10n.t('A folder for the browser: model.json, preprocessing inside, and an example'),
      to: 'tfjs' as const,
    },
  ];
  const format = await pick(formats, { title: vscode.l10n.t('Export Model') });
  if (format === undefined) return;
  const { to } = format;
  const visible = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? path.dirname(model);
  const suggestion = vscode.Uri.file(exportPath(model, to, visible));
  const out = await vscode.window.showSaveDialog({
    defaultUri: suggestion,
    title: vscode.l10n.t('Export Model'),
    ...(to === 'onnx' ? { filters: { ONNX: ['onnx'] } } : {}),
  });
  if (out === undefined) return;
  // The dialog has asked about a file, and not about a folder.
  const isThere = existsSync(out.fsPath);
  if (isThere && to === 'tfjs' && !(await mayReplace(out.fsPath))) return;
  const written = await withProgress(vscode.l10n.t('Exporting {0}', nameOf(parts, model)), (token) =>
    parts.service.call('exportModel', { model, to, out: out.fsPath, force: isThere }, token),
  );
  parts.walkthrough.did('use');
  const way = wayTo(vscode.Uri.file(written.path));
  const values = [path.basename(written.path), numbers().rate(written.largestDifference)] as const;
  const text =
    written.outputName === 'probabilities'
      ? vscode.l10n.t("Wrote {0}. Loaded again, its probabilities differ from the model's by at most {1}.", ...values)
      : vscode.l10n.t("Wrote {0}. Loaded again, its numbers differ from the model's by at most {1}.", ...values);
  if ((await tell('information', text, [way.title])) === way.title) await way.go();
}

async function mayReplace(folder: string): Promise<boolean> {
  const replace = vscode.l10n.t('Replace');
  const question = vscode.l10n.t('{0} is there already. Replace it?', path.basename(folder));
  return (await tell('warning', question, [replace], { modal: true })) === replace;
}

/** The folder of a saved model. */
async function chooseModel({ runs }: Parts, target: ModelTarget): Promise<string | undefined> {
  requireTrust();
  if (target !== undefined) {
    const folder =
      target instanceof vscode.Uri
        ? folderOf(target.fsPath)
        : modelOf(typeof target === 'string' ? runs.get(target)?.folder : target.folder);
    if (folder !== undefined && existsSync(path.join(folder, 'graft.json'))) return folder;
    throw new GraftError(vscode.l10n.t('There is no model that Graft saved: {0}.', folder ?? ''), {
      action: vscode.l10n.t('Choose a folder with model.json and graft.json, or a run that is done.'),
    });
  }
  const trained = runs.list().flatMap((run) => {
    if (purposeOf(run.info) !== 'train') return [];
    const folder = modelOf(run.folder);
    return existsSync(path.join(folder ?? '', 'graft.json'))
      ? [{ label: run.title, description: runDescription(run, Date.now()), folder }]
      : [];
  });
  const browse = {
    label: vscode.l10n.t('Browse…'),
    iconPath: new vscode.ThemeIcon('folder-opened'),
    alwaysShow: true,
    folder: undefined,
  };
  const chosen = await pick([...trained, browse], { title: vscode.l10n.t('Which model?') });
  if (chosen === undefined) return undefined;
  if (chosen.folder !== undefined) return chosen.folder;
  const folder = await vscode.window.showOpenDialog({
    canSelectFolders: true,
    canSelectFiles: false,
    title: vscode.l10n.t('Folder of a Saved Model'),
  });
  return folder?.[0]?.fsPath;
}

/** What people call it: the script of the run that has it, or its folder. */
function nameOf({ runs }: Parts, model: string): string {
  const run = runs.list().find(({ folder }) => modelOf(folder) === model);
  return run === undefined ? path.basename(model) : run.title;
}

function modelOf(run: string | undefined): string | undefined {
  return run === undefined ? undefined : path.join(run, 'model');
}

function folderOf(file: string): string {
  return path.basename(file) === 'model.json' ? path.dirname(file) : file;
}
