import { existsSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import path from 'node:path';

import * as vscode from 'vscode';

import { isActive, purposeOf } from '../protocol/index.js';
import { GraftError } from '../common/errors.js';
import { lastLines } from '../runs/last-lines.js';
import { visibleLines } from '../words/index.js';
import type { RunTarget } from './targets.js';
import type { Parts } from './parts.js';
import type { RunSummary, StartOptions } from './interfaces.js';
import { withQuietProgress } from './progress.js';
import { wayTo } from './reveal.js';
import { runDescription, statusName } from './run-text.js';
import { isResumable } from './runs/activity.js';
import { requireInside } from './runs/questions.js';
import { mention, pick, pickMany } from './window.js';

/** A script that is meant: itself, a run's, or the one in the editor. */
export async function scriptOf({ runs }: Parts, target: vscode.Uri | RunTarget): Promise<vscode.Uri> {
  if (target instanceof vscode.Uri) return target;
  const run = typeof target === 'string' ? runs.get(target) : target;
  if (run !== undefined) await requireInside(run.info);
  const file = run === undefined ? vscode.window.activeTextEditor?.document.uri : vscode.Uri.file(run.info.script);
  if (file?.scheme === 'file') return file;
  throw new GraftError(vscode.l10n.t('There is no training script in the editor.'), {
    action: vscode.l10n.t('Open one, or write one with "New Fine-Tuning Script…".'),
  });
}

/** Starts a run of a script, by default of the one in the editor, and shows it. */
export async function train(
  parts: Parts,
  target: vscode.Uri | RunTarget,
  options: StartOptions = {},
): Promise<RunSummary | undefined> {
  // A run that is meant is done again as what it was.
  const earlier =
    typeof target === 'string' ? parts.runs.get(target) : target instanceof vscode.Uri ? undefined : target;
  const purpose = earlier === undefined ? {} : { purpose: purposeOf(earlier.info) };
  const run = await parts.runs.train(await scriptOf(parts, target), { ...purpose, ...options });
  // The debugger shows the script: the panel comes beside it.
  if (run !== undefined) parts.panel.showRun(run.id, options.debug === true ? 'beside' : undefined);
  return run;
}

export async function stop({ runs }: Parts, target: RunTarget): Promise<void> {
  const run = await chooseRun(runs.list().filter(isActive), target, runs.list(), vscode.l10n.t('Stop which training?'));
  if (run === undefined) return;
  const title = vscode.l10n.t('Stopping {0}: the batch is finished and a checkpoint saved', run.title);
  await withQuietProgress(title, () => runs.control(run.id, 'stop'));
}

export async function control(
  { runs }: Parts,
  target: RunTarget,
  request: 'pause' | 'continue' | 'checkpoint',
): Promise<void> {
  const run = await chooseRun(runs.list().filter(isActive), target, runs.list(), vscode.l10n.t('Which training?'));
  if (run !== undefined) await runs.control(run.id, request);
}

export async function resume({ runs, panel }: Parts, target: RunTarget): Promise<void> {
  const run = await chooseRun(
    runs.list().filter(isResumable),
    target,
    runs.list(),
    vscode.l10n.t('Resume which training?'),
  );
  if (run === undefined) return;
  await runs.resume(run.id);
  panel.showRun(run.id);
}

export async function open({ runs, panel }: Parts, target: RunTarget): Promise<void> {
  const run = await chooseRun(runs.list(), target, runs.list(), vscode.l10n.t('Open which run?'));
  if (run !== undefined) panel.showRun(run.id);
}

export async function openScript({ runs }: Parts, target: RunTarget): Promise<void> {
  const run = await chooseRun(runs.list(), target, runs.list(), vscode.l10n.t('The script of which run?'));
  if (run === undefined) return;
  const { script } = run.info;
  await requireInside(run.info);
  if (!existsSync(script)) {
    throw new GraftError(vscode.l10n.t('The script {0} is gone.', script), {
      action: vscode.l10n.t('Put it back where it was, or delete the run.'),
    });
  }
  await vscode.window.showTextDocument(vscode.Uri.file(script));
}

export async function reveal({ runs }: Parts, target: RunTarget): Promise<void> {
  const run = await chooseRun(runs.list(), target, runs.list(), vscode.l10n.t('The folder of which run?'));
  if (run !== undefined) await wayTo(vscode.Uri.file(path.join(run.folder, 'run.json'))).go();
}

export async function remove(
  { runs }: Parts,
  target: RunTarget,
  selected: readonly string[] | undefined,
): Promise<void> {
  if (selected !== undefined && selected.length > 1) {
    await runs.delete(selected);
    return;
  }
  const run = await chooseRun(
    runs.list().filter((one) => !isActive(one)),
    target,
    runs.list(),
    vscode.l10n.t('Delete which run?'),
  );
  if (run !== undefined) await runs.delete([run.id]);
}

export async function compare(
  { runs, panel }: Parts,
  target: RunTarget,
  selected: readonly string[] | undefined,
): Promise<void> {
  if (selected !== undefined && selected.length > 1) {
    panel.compare(selected);
    return;
  }
  const first = typeof target === 'object' ? target.id : target;
  const trainings = runs.list().filter((run) => purposeOf(run.info) !== 'learning-rate');
  // With two there is nothing to choose.
  if (trainings.length === 2) {
    panel.compare(trainings.map(({ id }) => id));
    return;
  }
  const items = trainings.map((run) => ({ ...item(run), picked: run.id === first }));
  const chosen = await pickMany(items, {
    title: vscode.l10n.t('Compare which runs?'),
    matchOnDescription: true,
  });
  if (chosen !== undefined && chosen.length > 0) panel.compare(chosen.map(({ run }) => run.id));
}

/** What the run printed, or its events where it printed nothing; without a run, what the extension did. */
export async function openLog({ runs, problems }: Parts, target: RunTarget): Promise<void> {
  const id = typeof target === 'object' ? target.id : target;
  const run = id === undefined ? undefined : runs.get(id);
  if (run === undefined) {
    problems.log.show();
    return;
  }
  const [file] = await writtenFiles(run.folder, ['output.log', 'events.ndjson']);
  if (file === undefined) {
    problems.log.show();
    return;
  }
  // From the panel: beside it.
  const viewColumn = vscode.window.activeTextEditor === undefined ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
  await vscode.window.showTextDocument(vscode.Uri.file(file), { preview: true, viewColumn });
}

/** What a bug report needs: no pictures, no paths but the script's. */
export async function copyDiagnostics({ runs, context }: Parts, target: RunTarget): Promise<void> {
  const run = await chooseRun(runs.list(), target, runs.list(), vscode.l10n.t('Diagnostics of which run?'));
  if (run === undefined) return;
  const [output] = await writtenFiles(run.folder, ['output.log']);
  const lines = output === undefined ? [] : await lastLines(output, 8_000);
  const { version } = context.extension.packageJSON as { version: string };
  const facts = {
    graft: version,
    vscode: vscode.version,
    ...run.info.versions,
    platform: run.info.platform,
    run: run.id,
    status: run.status,
    problem: run.problem?.message ?? '',
    checkpoint: run.checkpoint,
    epoch: run.epoch?.epoch ?? 0,
  };
  const text = Object.entries(facts).map(([name, value]) => `${name}: ${value}`);
  // It may be pasted into a terminal.
  await vscode.env.clipboard.writeText(visibleLines([...text, '', ...lines.slice(-40)].join('\n')));
  mention(vscode.l10n.t('Diagnostics copied.'));
}

/** Those of a run's files that hold something: no links, which may lead to a file that is not to be shown or copied, and no pipes. */
async function writtenFiles(folder: string, names: readonly string[]): Promise<string[]> {
  const files = names.map((name) => path.join(folder, name));
  const written = await Promise.all(
    files.map((file) =>
      lstat(file).then(
        (entry) => entry.isFile() && entry.size > 0,
        () => false,
      ),
    ),
  );
  return files.filter((_, i) => written[i]);
}

function item(run: RunSummary) {
  return { label: run.title, description: runDescription(run, Date.now()), detail: statusName(run), run };
}

/** The run that is meant; the only one there is; or the one that the user picks. */
export async function chooseRun(
  candidates: readonly RunSummary[],
  target: RunTarget,
  all: readonly RunSummary[],
  title: string,
): Promise<RunSummary | undefined> {
  const id = typeof target === 'object' ? target.id : target;
  if (id !== undefined) {
    const run = all.find((one) => one.id === id);
    if (run !== undefined) return run;
    throw new GraftError(vscode.l10n.t('There is no run {0} here any more.', id), {
      action: vscode.l10n.t('See the Runs view.'),
    });
  }
  if (candidates.length === 0) {
    throw new GraftError(vscode.l10n.t('There is no such run here.'), { action: vscode.l10n.t('See the Runs view.') });
  }
  if (candidates.length === 1) return candidates[0];
  return (await pick(candidates.map(item), { title, matchOnDescription: true }))?.run;
}
