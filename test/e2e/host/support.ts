import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import * as vscode from 'vscode';

import type { RunEvent, RunInfo, RunReport } from '../../../src/protocol/index.js';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string; readonly category?: string }[];
  };
}

const found = vscode.extensions.getExtension<unknown>('graft.graft');
assert.ok(found, 'The extension graft.graft is installed.');
export const extension = found;
export const manifest = extension.packageJSON as Manifest;

export const workspace = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';

/** A fine-tuning script on the workspace's pictures, as the template, with so many epochs of its second stage. */
export function writeScript(name: string, epochs: number): vscode.Uri {
  const template = path.join(extension.extensionPath, 'templates/image/fine-tune.ts');
  const text = readFileSync(template, 'utf8')
    // Without the marks of its slots.
    .replaceAll(/\/\*\w*\*\//g, '')
    .replaceAll('sample/garden', 'data/garden')
    // A place of its own: none replaces the model of another script.
    .replace('models/garden-sapling-fine-tune', `models/${path.parse(name).name}`)
    .replace('epochs: 12', `epochs: ${epochs}`)
    .replace('headEpochs: 30', 'headEpochs: 2')
    .replace('views: 3', 'views: 1')
    .replace('earlyStopping: { patience: 5 },', '');
  const file = path.join(workspace, name);
  writeFileSync(file, text);
  return vscode.Uri.file(file);
}

export async function open(file: vscode.Uri): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(file);
  await vscode.window.showTextDocument(document, { preview: false });
  return document;
}

/** The lens above a script whose title contains the words, as soon as it is there. */
export async function lens(file: vscode.Uri, words: string): Promise<vscode.Command> {
  return await until(`a lens with "${words}"`, async () =>
    (await lenses(file)).find(({ title }) => title.includes(words)),
  );
}

export async function lenses(file: vscode.Uri): Promise<vscode.Command[]> {
  const all = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', file, 100);
  return all.flatMap(({ command }) => (command === undefined ? [] : [command]));
}

export async function click({ command, arguments: values = [] }: vscode.Command): Promise<unknown> {
  return await vscode.commands.executeCommand(command, ...(values as unknown[]));
}

/** Presses ▶ Train above a script; resolves with the folder of the run that this starts. */
export async function train(file: vscode.Uri): Promise<string> {
  const before = new Set(runFolders());
  await open(file);
  const train = await lens(file, 'Train');
  void click(train);
  return await until('a new run', () =>
    runFolders().find((run) => !before.has(run) && existsSync(path.join(run, 'run.json')) && events(run).length > 0),
  );
}

export function runFolders(): string[] {
  const folder = path.join(workspace, '.graft/runs');
  return existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name)) : [];
}

export function events(run: string): RunEvent[] {
  const file = path.join(run, 'events.ndjson');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as RunEvent);
}

export function info(run: string): RunInfo {
  return JSON.parse(readFileSync(path.join(run, 'run.json'), 'utf8')) as RunInfo;
}

export function report(run: string): RunReport<'classification'> {
  return JSON.parse(readFileSync(path.join(run, 'report.json'), 'utf8')) as RunReport<'classification'>;
}

/** Waits for an event; fails at once when the run ends without it. */
export async function event(run: string, type: RunEvent['type'], count = 1): Promise<RunEvent> {
  return await until(`${count} × ${type} in ${run}`, () => {
    const all = events(run);
    const matching = all.filter((each) => each.type === type);
    if (matching.length >= count) return matching[count - 1];
    const last = all.at(-1);
    assert.notEqual(last?.type, 'failed', JSON.stringify(last));
    return undefined;
  });
}

export async function until<Value>(
  what: string,
  condition: () => Value | undefined | false | Promise<Value | undefined | false>,
  seconds = 120,
): Promise<Value> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    assert.ok(Date.now() < end, `Nothing after ${seconds} s: ${what}`);
    await sleep(100);
  }
}
