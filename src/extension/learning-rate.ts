import path from 'node:path';

import * as vscode from 'vscode';

import { GraftError } from '../common/errors.js';
import type { RunTarget } from './targets.js';
import type { Parts } from './parts.js';
import { requireInside } from './runs/questions.js';
import { rateLiteral, rateInScript } from './rate-in-script.js';
import { tell } from './window.js';

/** Writes the rate that a test suggests into its script; where that has no place for it, it is copied. */
export async function useLearningRate({ runs }: Parts, target: RunTarget): Promise<void> {
  const run = typeof target === 'object' ? target : runs.get(target ?? '');
  if (run?.suggestion === undefined) {
    throw new GraftError(vscode.l10n.t('This run suggests no learning rate.'), {
      action: vscode.l10n.t('Use "Find Learning Rate" on a script.'),
    });
  }
  await requireInside(run.info);
  const rate = rateLiteral(run.suggestion);
  const document = await vscode.workspace.openTextDocument(run.info.script);
  const place = rateInScript(document.getText());
  const editor = await vscode.window.showTextDocument(document);
  if (place === undefined) {
    await vscode.env.clipboard.writeText(rate);
    const name = path.basename(run.info.script);
    const text = vscode.l10n.t(
      '{0} names no learning rate where it could be replaced. {1} is copied: write learningRate: {1} into the options of fit.',
      name,
      rate,
    );
    void tell('information', text);
    return;
  }
  const range = new vscode.Range(document.positionAt(place.start), document.positionAt(place.end));
  await editor.edit((edit) => {
    edit.replace(range, rate);
  });
  const end = document.positionAt(place.start + rate.length);
  editor.selection = new vscode.Selection(range.start, end);
  editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
