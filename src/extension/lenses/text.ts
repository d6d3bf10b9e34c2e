import path from 'node:path';

import * as vscode from 'vscode';

import { isActive } from '../../protocol/index.js';
import { labelsText, type TeachableInfo } from '../../runtime/bases/files/teachable.js';
import { activity, result, statusName } from '../run-text.js';
import type { RunSummary } from '../interfaces.js';
import { isResumable } from '../runs/activity.js';

/** A lens without its place: what it says, and the command behind it. */
export interface LensText {
  readonly title: string;
  readonly action: 'train' | 'debug' | 'prove' | 'findRate' | 'open' | 'stop' | 'resume';
  readonly run?: string;
}

/** The line of a script that imports `graftjs`, from 0; undefined where none does. */
export function importLine(text: string): number | undefined {
  const match = /^[ \t]*import\b[^;'"]*from\s*['"]graftjs['"]|^[ \t]*import\s*['"]graftjs['"]/m.exec(text);
  return match === null ? undefined : text.slice(0, match.index).split('\n').length - 1;
}

/** What stands above a script: its newest run decides. */
export function scriptLenses(script: string, text: string, runs: readonly RunSummary[]): LensText[] {
  const start: LensText[] = [
    { title: vscode.l10n.t('▶ Train'), action: 'train' },
    { title: vscode.l10n.t('Debug'), action: 'debug' },
    ...(/\b(applications\.|loadBase\()/.test(text)
      ? [{ title: vscode.l10n.t('Prove It Helps'), action: 'prove' } as const]
      : []),
    ...(/\bfit\(/.test(text) ? [{ title: vscode.l10n.t('Find Learning Rate'), action: 'findRate' } as const] : []),
  ];
  const run = runs.find(({ info }) => path.relative(info.script, script) === '');
  if (run === undefined) return start;
  if (isActive(run)) {
    return [
      { title: activity(run), action: 'open', run: run.id },
      { title: vscode.l10n.t('■ Stop'), action: 'stop', run: run.id },
    ];
  }
  if (run.status === 'done') return [...start, { title: endOf(run), action: 'open', run: run.id }];
  const what =
    run.status === 'failed' ? vscode.l10n.t('Failed: {0}', firstSentence(run.problem?.message ?? '')) : statusName(run);
  const resume: LensText[] = isResumable(run)
    ? [{ title: vscode.l10n.t('Resume'), action: 'resume', run: run.id }]
    : [];
  return [...start, { title: what, action: 'open', run: run.id }, ...resume];
}

/** What came of it stays there until the next run. */
function endOf(run: RunSummary): string {
  const found = result(run);
  return found === '' ? statusName(run) : vscode.l10n.t('Done: {0}', found);
}

function firstSentence(text: string): string {
  const line = text.split('\n')[0] ?? '';
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}

export type ModelAction = 'fineTune' | 'extract' | 'evaluate' | 'try' | 'export';

/** What can be done with a `model.json`, seen from its text alone. */
export function modelActions(text: string, hasGraftJson: boolean): ModelAction[] {
  const isLayersModel =
    text.includes('"modelTopology"') &&
    text.includes('"weightsManifest"') &&
    !/"format"\s*:\s*"graph-model"/.test(text);
  if (!isLayersModel) return [];
  const isBase = /"class_name"\s*:\s*"(Depthwise|Separable)?Conv2D"/.test(text);
  return [
    ...(isBase ? (['fineTune', 'extract'] as const) : []),
    ...(hasGraftJson ? (['evaluate', 'try', 'export'] as const) : []),
  ];
}

/** What a model that Teachable Machine exported tells apart. */
export function teachableText({ labels }: TeachableInfo): string {
  return vscode.l10n.t('Teachable Machine: {0}', labelsText(labels));
}
