import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import * as vscode from 'vscode';

import type { DataSummary, Kind } from '../../protocol/index.js';
import { about, classesAndPictures, labelsAndPictures, numbersAndPictures, rangeText } from '../../words/index.js';
import { chooseDataFile, chooseDataFolder, tableExtensions } from '../data-file.js';
import { folderOf } from '../folders.js';
import type { Service } from '../interfaces.js';
import { numbers } from '../language.js';
import { ServiceStartError } from '../service/client.js';
import { pick } from '../window.js';
import { kindOf } from './choices.js';
import type { Choice } from './steps.js';

/**
 * Folders and tables of the workspace that hold labelled examples, two levels deep; and the way to any other.
 *
 * @param kind of data: others are left out. Default: all.
 *
 * @throws ServiceStartError when nobody can look.
 */
export async function dataItems(
  service: Service,
  workspace: string | undefined,
  kind?: Kind,
): Promise<Choice<DataSummary | 'folder' | 'file'>[]> {
  const candidates = workspace === undefined ? [] : await placesOf(workspace);
  const summaries = await Promise.all(
    candidates.map((folder) =>
      service.call('summarizeData', { folder }).catch((error: unknown) => {
        if (error instanceof ServiceStartError) throw error;
        // It holds no labelled examples.
        return undefined;
      }),
    ),
  );
  const all = summaries
    .filter((summary) => summary !== undefined)
    .filter((summary) => isData(summary) && (kind === undefined || kindOf(summary) === kind));
  // Two folders may lead to the same one: one of them holds nothing else.
  const found = withoutTwice([...new Map(all.map((summary) => [summary.directory, summary])).values()]);
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
      label: vscode.l10n.t('A Table or IDX File…'),
      iconPath: new vscode.ThemeIcon('file'),
      alwaysShow: true,
      value: 'file' as const,
    },
  ];
}

/** Asks for labelled examples of a kind: those of the workspace, or a folder, table or IDX file anywhere. */
export async function chooseData(service: Service, title: string, kind: Kind): Promise<string | undefined> {
  const workspace = folderOf()?.uri.fsPath;
  const chosen = await pick(dataItems(service, workspace, kind), { title, matchOnDescription: true });
  if (chosen === undefined) return undefined;
  if (chosen.value === 'file') return await chooseDataFile();
  return chosen.value === 'folder' ? await chooseDataFolder(title) : chosen.value.directory;
}

function describeData({ kind, layout, tasks, classes, numbers: ranges, pictures }: DataSummary): string {
  const t = about(vscode.l10n.t, kind);
  const count = pictures ?? classes.reduce((sum, one) => sum + one.count, 0);
  const size =
    ranges !== undefined
      ? numbersAndPictures(t, numbers(), ranges.length, count)
      : tasks?.[0] === 'multi-label'
        ? labelsAndPictures(t, numbers(), classes.length, count)
        : classesAndPictures(t, numbers(), classes.length, count);
  if (layout === 'csv' && kind === 'text') return vscode.l10n.t('Table, {0}', size);
  return layout === 'csv' || layout === 'idx' ? `${layout.toUpperCase()}, ${size}` : size;
}

/** Every folder is a data set to whoever looks at names alone: two classes with pictures right below are one. */
function isData({ layout, classes, directory }: DataSummary): boolean {
  return layout !== 'folder' || (classes.length > 1 && path.basename(directory) !== '.graft');
}

/** A folder that holds one table of texts, and nothing else that is labelled, is that table. */
function withoutTwice(found: readonly DataSummary[]): readonly DataSummary[] {
  const tables = found.filter(({ directory }) => isTable(directory)).map(({ directory }) => path.dirname(directory));
  return found.filter(
    ({ directory, layout, kind }) =>
      isTable(directory) ||
      layout !== 'csv' ||
      kind !== 'text' ||
      tables.filter((folder) => folder === directory).length !== 1,
  );
}

/** A table that takes longer to look through than anybody waits is found by its dialog alone. */
const [mostFolders, mostTables, mostBytes] = [60, 20, 20e6];

const isTable = (name: string) => tableExtensions.some((extension) => name.toLowerCase().endsWith(extension));

async function placesOf(workspace: string): Promise<string[]> {
  const top = await subfolders(workspace);
  const folders = [workspace, ...top, ...(await Promise.all(top.map(subfolders))).flat()].slice(0, mostFolders);
  const tables = (await Promise.all(folders.map(tablesIn))).flat().slice(0, mostTables);
  return [...folders, ...tables];
}

async function tablesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile() && isTable(entry.name) && !entry.name.startsWith('.'))
    .map(({ name }) => path.join(folder, name));
  const sizes = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
  return files.filter((_, i) => (sizes[i]?.size ?? Infinity) <= mostBytes);
}

async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .map(({ name }) => path.join(folder, name));
}
