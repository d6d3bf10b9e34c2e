import { existsSync } from 'node:fs';
import path from 'node:path';

import * as vscode from 'vscode';

import { parseSize } from '../../common/check-options.js';
import {
  parsePreprocessing,
  type BaseOption,
  type DataSummary,
  type Task,
  type Technique,
} from '../../protocol/index.js';
import { scriptName } from '../../words/index.js';
import { chooseDataFile, chooseDataFolder } from '../data-file.js';
import { chooseFolder } from '../folders.js';
import { chooseModelFile } from '../model-file.js';
import type { Parts } from '../parts.js';
import { requireTrust } from '../problems.js';
import { train } from '../run-actions.js';
import { baseItems, dataItems, freezeItems, preprocessingItems, taskItems, techniqueItems } from './choices.js';
import { back, inputStep, pickStep } from './steps.js';

/** What is known before the first question. */
interface Preset {
  readonly technique?: Technique;
  readonly data?: string;
  readonly base?: string;
  /** Train with the script at once. */
  readonly train?: boolean;
}

interface Answers {
  technique?: Technique;
  data?: DataSummary;
  /** Where the data allow several. */
  task?: Task;
  base?: BaseOption;
  /** Where the base does not say them. */
  size?: string;
  preprocessing?: string;
  /** The layer, or `null` for everything. */
  freezeUpTo?: string;
  out?: string;
}

type Step = (answers: Answers, step: number, total: number) => Promise<boolean | typeof back>;

/** Asks, in a few steps with a way back, for what decides a training script, writes it and opens it. */
export async function writeScript(parts: Parts, preset: Preset): Promise<void> {
  requireTrust();
  const file = preset.data ?? preset.base;
  const workspace = (await chooseFolder(file === undefined ? undefined : vscode.Uri.file(file)))?.uri.fsPath;
  if (workspace === undefined) return;
  const { service } = parts;
  const bases = service.call('listBases', { workspace });
  bases.catch(() => undefined);
  const answers: Answers = {};
  if (preset.technique !== undefined) answers.technique = preset.technique;
  if (preset.data !== undefined) answers.data = await service.call('summarizeData', { folder: preset.data });
  if (preset.base !== undefined) answers.base = await service.call('describeBase', { base: preset.base });
  const title =
    preset.technique === undefined
      ? vscode.l10n.t('Train on This Folder')
      : preset.technique === 'feature-extraction'
        ? vscode.l10n.t('New Feature-Extraction Script')
        : vscode.l10n.t('New Fine-Tuning Script');

  const all: { readonly skip: () => boolean; readonly ask: Step }[] = [
    {
      skip: () => preset.technique !== undefined,
      ask: async (a, step, total) =>
        keep(
          await pickStep({
            ...{ title, step, total },
            placeholder: vscode.l10n.t('How should the base be used?'),
            items: Promise.resolve(techniqueItems()),
          }),
          (value) => (a.technique = value),
        ),
    },
    {
      skip: () => preset.data !== undefined,
      ask: async (a, step, total) => {
        const placeholder = vscode.l10n.t('The folder with a folder of pictures per class');
        const folder = await pickStep({
          title,
          step,
          total,
          placeholder,
          items: dataItems(service, workspace),
        });
        if (folder === back || folder === undefined) return folder ?? false;
        const data =
          folder === 'file'
            ? await chooseDataFile()
            : folder === 'folder'
              ? await chooseDataFolder(vscode.l10n.t('Labelled Pictures'))
              : folder;
        if (data === undefined) return false;
        a.data = typeof data === 'string' ? await service.call('summarizeData', { folder: data }) : data;
        return true;
      },
    },
    {
      skip: () => (answers.data?.tasks?.length ?? 1) < 2,
      ask: async (a, step, total) =>
        keep(
          await pickStep({
            ...{ title, step, total },
            placeholder: vscode.l10n.t('The labels may mean two things. What are they?'),
            items: Promise.resolve(taskItems(a.data?.tasks ?? [])),
          }),
          (value) => (a.task = value),
        ),
    },
    {
      skip: () => preset.base !== undefined,
      ask: async (a, step, total) => {
        const placeholder = vscode.l10n.t('The pre-trained base');
        const chosen = await pickStep({ title, step, total, placeholder, items: bases.then(baseItems) });
        if (chosen === back || chosen === undefined) return chosen ?? false;
        // A known network whose weights must be given as a file is asked for like any other file.
        const file = chosen === 'file' || chosen.weights === 'file' ? await chooseModelFile() : undefined;
        if ((chosen === 'file' || chosen.weights === 'file') && file === undefined) return false;
        const base = file ?? (chosen as BaseOption).id;
        const isKnown = file === undefined && (chosen as BaseOption).weights !== 'saved';
        a.base = isKnown ? (chosen as BaseOption) : await service.call('describeBase', { base });
        delete a.size;
        delete a.preprocessing;
        return true;
      },
    },
    {
      skip: () => answers.base?.anySize !== true,
      ask: async (a, step, total) =>
        keep(
          await inputStep({
            ...{ title, step, total },
            prompt: vscode.l10n.t('The base takes pictures of any size: a side in pixels, or height x width'),
            value: a.size ?? String(a.base?.size[0] ?? ''),
            check: (value) =>
              parseSize(value.trim()) === undefined
                ? vscode.l10n.t('A size is a number of pixels, or two: 128x160.')
                : undefined,
          }),
          (value) => (a.size = value),
        ),
    },
    {
      skip: () => answers.base === undefined || answers.base.preprocessing !== undefined,
      ask: async (a, step, total) => {
        const chosen = await pickStep({
          ...{ title, step, total },
          placeholder: vscode.l10n.t('Nothing in the file says which pixels the base was trained on. Which?'),
          items: Promise.resolve(preprocessingItems(a.base?.grey === true)),
        });
        if (chosen !== '') return keep(chosen, (value) => (a.preprocessing = value));
        return keep(
          await inputStep({
            ...{ title, step, total },
            prompt: vscode.l10n.t('Mean and deviation, one number each or three: mean=120,115,100,std=60,59,61'),
            value: 'mean=127.5,std=127.5',
            check: (value) =>
              parsePreprocessing(value) === undefined ? vscode.l10n.t('Write it as mean=…,std=….') : undefined,
          }),
          (value) => (a.preprocessing = value),
        );
      },
    },
    {
      skip: () => answers.technique === 'feature-extraction' || answers.base?.freezePoints.length === 0,
      ask: async (a, step, total) => {
        const { base } = a;
        if (base === undefined) return back;
        return keep(
          await pickStep({
            ...{ title, step, total },
            placeholder: vscode.l10n.t('Freeze the base up to which layer?'),
            items: Promise.resolve(freezeItems(base)),
            active: ({ value }) => value === base.defaultFreezePoint,
          }),
          (value) => (a.freezeUpTo = value),
        );
      },
    },
    {
      skip: () => false,
      ask: async (a, step, total) =>
        keep(
          await inputStep({
            ...{ title, step, total },
            prompt: vscode.l10n.t('Where to write the script, in {0}', path.basename(workspace)),
            value: freeName(workspace, a.technique ?? 'fine-tuning'),
            check: (value) => checkName(workspace, value),
          }),
          (value) => (a.out = value),
        ),
    },
  ];

  let at = 0;
  for (let forward = true; at < all.length; at += forward ? 1 : -1) {
    const current = all[at];
    if (at < 0 || current === undefined) return;
    if (current.skip()) continue;
    const asked = all.filter(({ skip }) => !skip());
    const result = await current.ask(answers, asked.indexOf(current) + 1, asked.length);
    if (result === false) return;
    forward = result !== back;
  }
  const script = await write(parts, answers, workspace);
  if (script !== undefined && preset.train === true) await train(parts, script);
}

function keep<T>(value: T | typeof back | undefined, set: (value: T) => void): boolean | typeof back {
  if (value === undefined) return false;
  if (value === back) return back;
  set(value);
  return true;
}

async function write(
  { service, problems, walkthrough }: Parts,
  answers: Answers,
  workspace: string,
): Promise<vscode.Uri | undefined> {
  const { technique = 'fine-tuning', data, task, base, size, preprocessing, freezeUpTo, out } = answers;
  if (data === undefined || base === undefined || out === undefined) return undefined;
  const folder = path.dirname(path.resolve(workspace, out));
  const said = { task, size, preprocessing, freezeUpTo };
  const request = { technique, data: data.directory, base: base.id, ...said, workspace, folder };
  const text = await service.call('scriptText', request);
  const uri = vscode.Uri.file(path.resolve(workspace, out));
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  walkthrough.did('script');
  problems.log.info(`Wrote ${uri.fsPath}`);
  await vscode.window.showTextDocument(uri, { preview: false });
  return uri;
}

function freeName(workspace: string, technique: Technique): string {
  for (let n = 1; ; n++) {
    const name = scriptName(technique, n);
    if (!existsSync(path.join(workspace, name))) return name;
  }
}

function checkName(workspace: string, value: string): string | undefined {
  if (!/\.m?ts$/.test(value.trim())) return vscode.l10n.t('A script is a .ts file.');
  return existsSync(path.resolve(workspace, value.trim()))
    ? vscode.l10n.t('{0} is there already: choose another name.', value.trim())
    : undefined;
}
