import { existsSync } from 'node:fs';
import path from 'node:path';

import * as vscode from 'vscode';

import { isActive, assertUnreachable } from '../../protocol/index.js';
import { command } from '../commands.js';
import { readTeachable } from '../../runtime/bases/files/teachable.js';
import { activity, result } from '../run-text.js';
import type { RunStore } from '../runs/run-store.js';
import { lens } from '../window.js';
import { importLine, modelActions, scriptLenses, teachableText, type LensText, type ModelAction } from './text.js';
import { Unasked } from './unasked.js';

const scripts: vscode.DocumentSelector = ['typescript', 'javascript'].map((language) => ({ language, scheme: 'file' }));
const models: vscode.DocumentSelector = { scheme: 'file', pattern: '**/model.json' };

/** Actions above training scripts and model files. */
export function registerLenses(runs: RunStore): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const documents = () =>
    vscode.window.visibleTextEditors
      .map(({ document }) => document)
      .filter((document) => [scripts, models].some((selector) => vscode.languages.match(selector, document) > 0));
  const unasked = new Unasked(documents, () => {
    changed.fire();
  });
  const change = () => {
    unasked.change();
  };
  let shown = '';
  const onRuns = () => {
    // Lenses flicker when they are asked for: only when what they say may differ.
    const now = JSON.stringify(
      runs.list().map((run) => [run.id, run.status, run.checkpoint, isActive(run) ? activity(run) : result(run)]),
    );
    if (now !== shown) change();
    shown = now;
  };
  const provide =
    (lenses: (document: vscode.TextDocument) => vscode.ProviderResult<vscode.CodeLens[]>) =>
    (document: vscode.TextDocument) => {
      unasked.wasAsked(document);
      return vscode.workspace.getConfiguration('graft', document).get<boolean>('codeLens', true)
        ? lenses(document)
        : [];
    };
  unasked.expect();
  return vscode.Disposable.from(
    changed,
    unasked,
    runs.onDidChange(onRuns),
    vscode.window.onDidChangeVisibleTextEditors(() => {
      unasked.expect();
    }),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (documents().includes(document)) unasked.expect();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(change),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('graft.codeLens')) change();
    }),
    vscode.languages.registerCodeLensProvider(scripts, {
      onDidChangeCodeLenses: changed.event,
      provideCodeLenses: provide((document) => {
        const line = vscode.workspace.isTrusted ? importLine(document.getText()) : undefined;
        if (line === undefined) return [];
        const texts = scriptLenses(document.uri.fsPath, document.getText(), runs.list());
        return texts.map((text) => lens(line, scriptCommand(text, document.uri)));
      }),
    }),
    vscode.languages.registerCodeLensProvider(models, {
      onDidChangeCodeLenses: changed.event,
      provideCodeLenses: provide(async (document) => {
        if (!vscode.workspace.isTrusted) return [];
        const { fsPath } = document.uri;
        const saved = existsSync(path.join(path.dirname(fsPath), 'graft.json'));
        const actions = modelActions(document.getText(), saved);
        const teachable = actions.length === 0 || saved ? undefined : await readTeachable(fsPath);
        return [
          ...actions.map((action) => lens(0, modelCommand(action, document.uri))),
          ...(teachable === undefined ? [] : [lens(0, viewCommand(teachableText(teachable), document.uri))]),
        ];
      }),
    }),
  );
}

function scriptCommand({ title, action, run }: LensText, script: vscode.Uri): vscode.Command {
  switch (action) {
    case 'train':
      return command('graft.train', title, script);
    case 'debug':
      return command('graft.debug', title, script);
    case 'prove':
      return command('graft.proveItHelps', title, script);
    case 'findRate':
      return command('graft.findLearningRate', title, script);
    case 'open':
      return command('graft.openRun', title, run);
    case 'stop':
      return command('graft.stopTraining', title, run);
    case 'resume':
      return command('graft.resumeTraining', title, run);
    default:
      return assertUnreachable(action);
  }
}

/** Opens the viewer of model files. */
function viewCommand(title: string, model: vscode.Uri): vscode.Command {
  return { title, command: 'vscode.openWith', arguments: [model, 'graft.modelJson'] };
}

export function modelCommand(action: ModelAction, model: vscode.Uri): vscode.Command {
  switch (action) {
    case 'fineTune':
      return command('graft.fineTuneModel', vscode.l10n.t('▶ Fine-Tune'), model);
    case 'extract':
      return command('graft.extractFeatures', vscode.l10n.t('Extract Features'), model);
    case 'evaluate':
      return command('graft.evaluateModel', vscode.l10n.t('Evaluate'), model);
    case 'try':
      return command('graft.tryModel', vscode.l10n.t('Try'), model);
    case 'export':
      return command('graft.exportModel', vscode.l10n.t('Export'), model);
    default:
      return assertUnreachable(action);
  }
}
