import * as vscode from 'vscode';

import { isActive } from '../protocol/index.js';
import { isInside } from '../runtime/data/places.js';
import type { RunStore } from './runs/run-store.js';
import { diagnostic } from './window.js';

/** Puts the line on which a script failed among the editor's problems, until it runs again. */
export function registerScriptProblems(runs: RunStore): vscode.Disposable {
  const problems = vscode.languages.createDiagnosticCollection('graft');
  /** Where the problem of a script's last run lies: not always in the script itself. */
  const places = new Map<string, vscode.Uri>();
  const clear = (script: string) => {
    const place = places.get(script);
    if (place === undefined) return;
    places.delete(script);
    problems.delete(place);
  };
  return vscode.Disposable.from(
    problems,
    runs.onDidChange(() => {
      for (const { info } of runs.list().filter(isActive)) clear(info.script);
    }),
    runs.onDidEnd(({ status, info, problem }) => {
      clear(info.script);
      if (status !== 'failed' || problem?.place === undefined) return;
      const { file, line } = problem.place;
      // It comes from a log, which anybody may have written.
      const folders = vscode.workspace.workspaceFolders ?? [];
      if (typeof file !== 'string' || file.length > 4_096 || !folders.some(({ uri }) => isInside(uri.fsPath, file)))
        return;
      if (!Number.isInteger(line) || line < 1 || line > 1e6) return;
      const uri = vscode.Uri.file(file);
      places.set(info.script, uri);
      problems.set(uri, [diagnostic(line - 1, `${problem.message} ${problem.action ?? ''}`)]);
    }),
  );
}
