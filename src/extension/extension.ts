import * as vscode from 'vscode';

import { registerCommands } from './commands.js';
import { Documents } from './documents.js';
import { registerEndings } from './endings.js';
import { registerLenses } from './lenses/lenses.js';
import { ModelEditor } from './model-editor.js';
import { chooseNode, distFile } from './node.js';
import { createTrainingPanel } from './panel/index.js';
import { Problems } from './problems.js';
import { registerRunsView, registerStatus } from './runs-view.js';
import { RunStore } from './runs.js';
import { registerScriptProblems } from './script-problems.js';
import { ServiceClient } from './service.js';

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Graft', { log: true });
  const problems = new Problems(log);
  const runs = new RunStore(context, problems);
  const service = new ServiceClient({ program: distFile(context, 'service.js'), node: chooseNode, log });
  const panel = createTrainingPanel(context, runs, service, log);
  const documents = new Documents();
  context.subscriptions.push(
    ...[log, runs, service, panel, documents],
    registerCommands({ context, runs, service, panel, problems, documents }),
    registerRunsView(runs),
    registerStatus(runs),
    registerEndings(runs, problems),
    registerLenses(runs),
    registerScriptProblems(runs),
    ModelEditor.register(service),
  );
}
