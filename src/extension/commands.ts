import * as vscode from 'vscode';

import { checkEnvironment } from './environment.js';
import { useLearningRate } from './learning-rate.js';
import * as models from './models.js';
import type { Parts } from './parts.js';
import { proveItHelps } from './prove.js';
import * as actions from './run-actions.js';
import { openSampleWorkspace } from './sample.js';
import * as organize from './runs-organize.js';
import type { ModelTarget, RunTarget } from './targets.js';
import { writeScript } from './scaffold/wizard.js';

type Handler = (...args: never[]) => unknown;

/** Every command of the extension. What a command does is written elsewhere. */
export const commands = {
  'graft.newFineTuningScript': (parts: Parts) => writeScript(parts, { technique: 'fine-tuning' }),
  'graft.newFeatureExtractionScript': (parts: Parts) => writeScript(parts, { technique: 'feature-extraction' }),
  'graft.trainOnFolder': (parts: Parts, folder?: vscode.Uri) =>
    writeScript(parts, { train: true, ...(folder === undefined ? {} : { data: folder.fsPath }) }),
  'graft.fineTuneModel': (parts: Parts, model: vscode.Uri) =>
    writeScript(parts, { technique: 'fine-tuning', base: model.fsPath }),
  'graft.extractFeatures': (parts: Parts, model: vscode.Uri) =>
    writeScript(parts, { technique: 'feature-extraction', base: model.fsPath }),
  'graft.openTrainingPanel': ({ panel }: Parts) => {
    panel.showRun();
  },
  'graft.train': (parts: Parts, target?: vscode.Uri | RunTarget) => actions.train(parts, target),
  'graft.debug': (parts: Parts, script?: vscode.Uri) => actions.train(parts, script, { debug: true }),
  'graft.proveItHelps': (parts: Parts, target?: vscode.Uri | RunTarget) => proveItHelps(parts, target),
  'graft.findLearningRate': (parts: Parts, target?: vscode.Uri | RunTarget) =>
    actions.train(parts, target, { purpose: 'learning-rate' }),
  'graft.useLearningRate': (parts: Parts, run?: RunTarget) => useLearningRate(parts, run),
  'graft.stopTraining': (parts: Parts, run?: RunTarget) => actions.stop(parts, run),
  'graft.pauseTraining': (parts: Parts, run?: RunTarget) => actions.control(parts, run, 'pause'),
  'graft.continueTraining': (parts: Parts, run?: RunTarget) => actions.control(parts, run, 'continue'),
  'graft.saveCheckpoint': (parts: Parts, run?: RunTarget) => actions.control(parts, run, 'checkpoint'),
  'graft.resumeTraining': (parts: Parts, run?: RunTarget) => actions.resume(parts, run),
  'graft.openRun': (parts: Parts, run?: RunTarget) => actions.open(parts, run),
  'graft.openScript': (parts: Parts, run?: RunTarget) => actions.openScript(parts, run),
  'graft.revealRun': (parts: Parts, run?: RunTarget) => actions.reveal(parts, run),
  'graft.deleteRun': (parts: Parts, run?: RunTarget, selected?: readonly string[]) =>
    actions.remove(parts, run, selected),
  'graft.copyDiagnostics': (parts: Parts, run?: RunTarget) => actions.copyDiagnostics(parts, run),
  'graft.compareRuns': (parts: Parts, run?: RunTarget, selected?: readonly string[]) =>
    actions.compare(parts, run, selected),
  'graft.renameRun': (parts: Parts, run?: RunTarget) => organize.rename(parts, run),
  'graft.starRun': (parts: Parts, run?: RunTarget, selected?: readonly string[]) =>
    organize.star(parts, run, selected, true),
  'graft.unstarRun': (parts: Parts, run?: RunTarget, selected?: readonly string[]) =>
    organize.star(parts, run, selected, false),
  'graft.groupRuns': ({ shown }: Parts) => {
    shown.group(true);
  },
  'graft.ungroupRuns': ({ shown }: Parts) => {
    shown.group(false);
  },
  'graft.filterRuns': (parts: Parts) => organize.filter(parts),
  'graft.showAllRuns': ({ shown }: Parts) => {
    shown.show(undefined);
  },
  'graft.openLog': (parts: Parts, run?: RunTarget) => actions.openLog(parts, run),
  'graft.refreshRuns': ({ runs }: Parts) => runs.refresh(),
  'graft.evaluateModel': (parts: Parts, model?: ModelTarget) => models.evaluate(parts, model),
  'graft.tryModel': (parts: Parts, model?: ModelTarget) => models.tryOut(parts, model),
  'graft.exportModel': (parts: Parts, model?: ModelTarget) => models.exportTo(parts, model),
  'graft.checkEnvironment': (parts: Parts) => checkEnvironment(parts),
  'graft.openSampleWorkspace': (parts: Parts) => openSampleWorkspace(parts),
} satisfies Record<`graft.${string}`, Handler>;

type Commands = typeof commands;
export type CommandId = keyof Commands;
type Arguments<Id extends CommandId> = Commands[Id] extends (parts: Parts, ...args: infer Rest) => unknown
  ? Rest
  : never;

export function registerCommands(parts: Parts): vscode.Disposable {
  const registered = Object.entries(commands).map(([id, handler]) =>
    vscode.commands.registerCommand(id, async (...args: unknown[]) => {
      try {
        // The editor passes what menus and our own links pass; both are typed where they are made.
        await (handler as (parts: Parts, ...args: unknown[]) => unknown)(parts, ...args);
      } catch (error) {
        parts.problems.show(error);
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}

/** For lenses, tree items and the status bar. */
export function command<Id extends CommandId>(id: Id, title: string, ...args: Arguments<Id>): vscode.Command {
  return { command: id, title, arguments: args };
}
