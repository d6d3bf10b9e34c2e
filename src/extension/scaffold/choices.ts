import { readdir } from 'node:fs/promises';
import path from 'node:path';

import * as vscode from 'vscode';

import type { BaseOption, DataSummary, Task, Technique } from '../../protocol/index.js';
import { baseFileNames } from '../../runtime/bases/files/model-files.js';
import {
  baseFacts,
  byFamily,
  familyName,
  classesAndPictures,
  labelsAndPictures,
  numbersAndPictures,
  preprocessingChoicesOf,
  rangeText,
  weightNames,
} from '../../words/index.js';
import { chooseDataFile, chooseDataFolder } from '../data-file.js';
import { folderOf } from '../folders.js';
import { numbers } from '../language.js';
import { ServiceStartError } from '../service/client.js';
import type { Service } from '../interfaces.js';
import { pick } from '../window.js';
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
export function taskItems(tasks: readonly Task[]): Choice<Task>[] {
  const texts: Readonly<Record<Task, readonly [string, string]>> = {
    classification: [vscode.l10n.t('Classes'), vscode.l10n.t('Each different number is the name of a class.')],
    'multi-label': [
      vscode.l10n.t('Any Number of Labels'),
      vscode.l10n.t('A picture may have several of them, or none.'),
    ],
    regression: [vscode.l10n.t('Numbers'), vscode.l10n.t('The number itself is learnt: 4 is nearer to 3 than 9 is.')],
  };
  return tasks.map((value) => ({ label: texts[value][0], detail: texts[value][1], value }));
}

/**
 * Folders of the workspace that hold labelled pictures, two levels deep; and the way to any other.
 *
 * @throws ServiceStartError when nobody can look.
 */
export async function dataItems(
  service: Service,
  workspace: string | undefined,
): Promise<Choice<DataSummary | 'folder' | 'file'>[]> {
  const candidates = workspace === undefined ? [] : await foldersOf(workspace);
  const summaries = await Promise.all(
    candidates.map((folder) =>
      service.call('summarizeData', { folder }).catch((error: unknown) => {
        if (error instanceof ServiceStartError) throw error;
        // It holds no labelled pictures.
        return undefined;
      }),
    ),
  );
  const all = summaries.filter((summary) => summary !== undefined).filter(isData);
  // Two folders may lead to the same one: one of them holds nothing else.
  const found = [...new Map(all.map((summary) => [summary.directory, summary])).values()];
  // A parent of data sets looks like one whose classes they are: whoever means that finds it below the others.
  const likely = [...found.filter(({ nested }) => nested !== true), ...found.filter(({ nested }) => nested === true)];
  return [
    ...likely.map((summary) => ({
      label: path.relative(workspace ?? '', summary.directory) || path.basename(summary.directory),
      description: describeData(summary),
      detail: [...summary.classes, ...(summary.numbers ?? [])]
        .map((one) => ('count' in one ? `${one.name} ${one.count}` : rangeText(vscode.l10n.t, numbers(), one)))
        .join(' · '),
      value: summary,
    })),
    {
      label: vscode.l10n.t('Browse…'),
      iconPath: new vscode.ThemeIcon('folder-opened'),
      alwaysShow: true,
      value: 'folder' as const,
    },
    {
      label: vscode.l10n.t('A CSV or IDX File…'),
      iconPath: new vscode.ThemeIcon('file'),
      alwaysShow: true,
      value: 'file' as const,
    },
  ];
}

/** Asks for labelled pictures: those of the workspace, or a folder, CSV or IDX file anywhere. */
export async function chooseData(service: Service, title: string): Promise<string | undefined> {
  const workspace = folderOf()?.uri.fsPath;
  const chosen = await pick(dataItems(service, workspace), { title, matchOnDescription: true });
  if (chosen === undefined) return undefined;
  if (chosen.value === 'file') return await chooseDataFile();
  return chosen.value === 'folder' ? await chooseDataFolder(title) : chosen.value.directory;
}

function describeData({ layout, tasks, classes, numbers: ranges, pictures }: DataSummary): string {
  const count = pictures ?? classes.reduce((sum, one) => sum + one.count, 0);
  const size =
    ranges !== undefined
      ? numbersAndPictures(vscode.l10n.t, numbers(), ranges.length, count)
      : tasks?.[0] === 'multi-label'
        ? labelsAndPictures(vscode.l10n.t, numbers(), classes.length, count)
        : classesAndPictures(vscode.l10n.t, numbers(), classes.length, count);
  return layout === 'csv' || layout === 'idx' ? `${layout.toUpperCase()}, ${size}` : size;
}

/** Every folder is a data set to whoever looks at names alone: two classes with pictures right below are one. */
function isData({ layout, classes, directory }: DataSummary): boolean {
  return layout !== 'folder' || (classes.length > 1 && path.basename(directory) !== '.graft');
}

async function foldersOf(workspace: string): Promise<string[]> {
  const top = await subfolders(workspace);
  return [workspace, ...top, ...(await Promise.all(top.map(subfolders))).flat()].slice(0, 60);
}

async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .map(({ name }) => path.join(folder, name));
}

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
