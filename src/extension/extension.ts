import * as vscode from 'vscode';

import { registerCommands } from './commands.js';
import { Documents } from './documents.js';
import { registerRunEnds } from './run-ends.js';
import { registerLenses } from './lenses/lenses.js';
import { ModelEditor } from './model-editor.js';
import { chooseNode, distFile } from './node.js';
import { PicturePreviews } from './picture-previews.js';
import { createTrainingPanel } from './panel/index.js';
import { Problems } from './problems.js';
import { registerRunsView } from './runs-view.js';
import { RunStore } from './runs/run-store.js';
import { RunsShown } from './runs/shown.js';
import { registerScriptProblems } from './script-problems.js';
import { ServiceClient } from './service/client.js';
import { registerStatus } from './status.js';
import { followWalkthrough, Walkthrough } from './walkthrough.js';

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Graft', { log: true });
  const problems = new Problems(log);
  const walkthrough = new Walkthrough(context.globalState);
  const runs = new RunStore(context, problems);
  const shown = new RunsShown(context.workspaceState);
  const service = new ServiceClient({ program: distFile(context, 'service.js'), node: chooseNode, log });
  const panel = createTrainingPanel(context, { runs, service, log, walkthrough });
  const documents = new Documents();
  context.subscriptions.push(
    ...[log, runs, shown, service, panel, documents],
    registerCommands({ context, runs, shown, service, panel, problems, documents, walkthrough }),
    registerRunsView(runs, shown, panel),
    registerStatus(runs),
    registerRunEnds(runs, panel, problems),
    registerLenses(runs),
    registerScriptProblems(runs),
    ModelEditor.register(service),
    PicturePreviews.register(service),
    followWalkthrough(walkthrough, runs, panel),
  );
}
