import * as vscode from 'vscode';

import type { BaseOption, DataSummary, Kind, Task, Technique } from '../../protocol/index.js';
import { baseFileNames } from '../../runtime/bases/files/model-files.js';
import { about, baseFacts, byFamily, familyName, preprocessingChoicesOf, weightNames } from '../../words/index.js';
import { numbers } from '../language.js';
import type { Choice } from './steps.js';

export function techniqueItems(): Choice<Technique>[] {
  return [
    {
      label: vscode.l10n.t('Fine-Tuning'),
      detail: vscode.l10n.t('Trains a new classifier, then the last layers of the base too.'),
      value: 'fine-tuning',
    },
    {
      label: vscode.l10n.t('Feature Extraction'),
      detail: vscode.l10n.t('Leaves the base as it is and trains a classifier on its output: seconds.'),
      value: 'feature-extraction',
    },
  ];
}

/** What can be learnt from labels that may be both: classes or numbers. */
export function taskItems({ tasks = [], kind }: Pick<DataSummary, 'tasks' | 'kind'>): Choice<Task>[] {
  const t = about(vscode.l10n.t, kind);
  const texts: Readonly<Record<Task, readonly [string, string]>> = {
    classification: [vscode.l10n.t('Classes'), vscode.l10n.t('Each different number is the name of a class.')],
    'multi-label': [vscode.l10n.t('Any Number of Labels'), t('A picture may have several of them, or none.')],
    regression: [vscode.l10n.t('Numbers'), vscode.l10n.t('The number itself is learnt: 4 is nearer to 3 than 9 is.')],
  };
  return tasks.map((value) => ({ label: texts[value][0], detail: texts[value][1], value }));
}

/** Of which kind data are, or what a base takes. */
export const kindOf = ({ kind = 'image' }: Pick<DataSummary | BaseOption, 'kind'>): Kind => kind;

export function baseItems(bases: readonly BaseOption[]): Choice<BaseOption | 'file'>[] {
  const states = weightNames(vscode.l10n.t);
  return [
    ...byFamily(bases).flatMap((family) => [
      separator(family[0] === undefined ? '' : familyName(vscode.l10n.t, family[0])),
      ...family.map((base) => ({
        label: base.label,
        description: states[base.weights],
        detail: baseFacts(vscode.l10n.t, numbers(), base).join(' · '),
        value: base,
      })),
    ]),
    separator(''),
    {
      label: vscode.l10n.t('A Model File…'),
      iconPath: new vscode.ThemeIcon('file'),
      detail: baseFileNames,
      alwaysShow: true,
      value: 'file' as const,
    },
  ];
}

/** A line between items, which nobody can choose. */
function separator(label: string): Choice<'file'> {
  return { label, kind: vscode.QuickPickItemKind.Separator, value: 'file' };
}

export function freezeItems({ freezePoints, defaultFreezePoint }: BaseOption): Choice<string>[] {
  return freezePoints.map(({ layer, depth }) => ({
    label: layer,
    description: [
      vscode.l10n.t('{0} % frozen', Math.round(depth * 100)),
      ...(layer === defaultFreezePoint ? [vscode.l10n.t('default')] : []),
    ].join(', '),
    value: layer,
  }));
}

/** What a base may want its pixels to be; an empty text for a mean and a deviation that are to be written. */
export function preprocessingItems(grey: boolean): Choice<string>[] {
  return preprocessingChoicesOf(vscode.l10n.t, grey).map(({ value = '', label, detail }) => ({ label, detail, value }));
}
