import path from 'node:path';

import * as vscode from 'vscode';

import { isActive, purposeOf, type RunPurpose } from '../protocol/index.js';
import { sha256 } from '../common/hash.js';
import { readRegularFile } from '../common/read-file.js';
import type { RunTarget } from './targets.js';
import type { Parts } from './parts.js';
import { scriptOf } from './run-actions.js';
import { isAsWritten, twinOf } from './runs/twin.js';
import type { RunSummary } from './interfaces.js';

const longestScript = 64 << 20;

/**
 * Trains a script as it is, where that has not been done, then with random weights in the base's place, and shows both beside
 * each other. What has been trained already is not trained again. That takes its time: whoever has gone on to something else by
 * then is told that the run is done (run-ends.ts), and nothing comes between.
 */
export async function proveItHelps(parts: Parts, target: vscode.Uri | RunTarget): Promise<void> {
  const { runs, panel } = parts;
  const script = await scriptOf(parts, target);
  const known = await finishedRun(parts, script);
  const pretrained = known ?? (await trainToTheEnd(parts, script, 'train', true));
  if (pretrained?.status !== 'done') return;
  const watched = known !== undefined || panel.shows(pretrained.id);
  const twin = twinOf(pretrained, runs.list());
  const random = twin ?? (await trainToTheEnd(parts, script, 'from-scratch', watched));
  if (random?.status !== 'done') return;
  if (twin === undefined ? panel.shows(random.id) : watched) panel.compare([pretrained.id, random.id]);
}

/** The newest run that is done with the script as it is now. */
async function finishedRun({ runs }: Parts, script: vscode.Uri): Promise<RunSummary | undefined> {
  const document = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === script.fsPath);
  if (document?.isDirty === true) await document.save();
  const text = await readRegularFile(script.fsPath, longestScript).catch(() => undefined);
  if (text === undefined) return undefined;
  const hash = sha256(text);
  return runs
    .list()
    .find(
      (run) =>
        run.status === 'done' &&
        purposeOf(run.info) === 'train' &&
        run.measured !== undefined &&
        isAsWritten(run.info) &&
        run.info.scriptHash === hash &&
        path.relative(run.info.script, script.fsPath) === '',
    );
}

/** Undefined where it did not start: the user has been told why, as where it did not come to its end. */
async function trainToTheEnd(
  { runs, panel }: Pick<Parts, 'runs' | 'panel'>,
  script: vscode.Uri,
  purpose: RunPurpose,
  show: boolean,
): Promise<RunSummary | undefined> {
  // There to be compared: no model is saved, and none replaced.
  const started = await runs.train(script, { purpose, overrides: { save: false } });
  if (started === undefined) return undefined;
  if (show) panel.showRun(started.id);
  const ended = new Promise<void>((resolve) => {
    const listener = runs.onDidEnd(({ id }) => {
      if (id !== started.id) return;
      listener.dispose();
      resolve();
    });
  });
  const now = runs.get(started.id);
  if (now !== undefined && isActive(now)) await ended;
  await runs.refresh();
  return runs.get(started.id);
}
