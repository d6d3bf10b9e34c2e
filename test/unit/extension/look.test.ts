// Results that come late: shown to whoever still looks, offered to whoever works on something else by then.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import * as vscode from 'vscode';

import { evaluate } from '../../../src/extension/models.js';
import type { Parts } from '../../../src/extension/parts.js';
import { proveItHelps } from '../../../src/extension/prove.js';
import type { RunSummary, StartOptions } from '../../../src/extension/interfaces.js';
import { sha256 } from '../../../src/common/hash.js';
import { temporaryFolder } from '../../support/pictures.js';

const folder = temporaryFolder();
const script = path.join(folder, 'a.ts');
writeFileSync(script, 'import "graftjs";');

const run = (id: string, purpose: 'train' | 'from-scratch'): RunSummary =>
  ({
    ...{ id, title: id, folder: path.join(folder, id), status: 'done' },
    measured: { data: 'd', seed: 7, pictures: 40 },
    info: { id, script, scriptHash: sha256('import "graftjs";'), arguments: [], purpose, startTime: 0 },
  }) as unknown as RunSummary;

/** A run of each purpose that is trained ends at once; the user looks at those of them. */
function prove(list: RunSummary[], looksAt: readonly string[]) {
  const [shown, compared, trained]: string[][] = [[], [], []];
  const { event } = new vscode.EventEmitter<RunSummary>();
  const parts = {
    runs: {
      list: () => list,
      get: (id: string) => list.find((one) => one.id === id),
      train: (_script: vscode.Uri, { purpose = 'train' }: StartOptions) => {
        const made = run(purpose, purpose === 'from-scratch' ? purpose : 'train');
        trained?.push(purpose);
        list.unshift(made);
        return Promise.resolve(made);
      },
      refresh: () => Promise.resolve(),
      onDidEnd: event,
    },
    panel: {
      showRun: (id: string) => shown?.push(id),
      compare: (ids: readonly string[]) => compared?.push(ids.join()),
      shows: (id: string) => looksAt.includes(id),
    },
  } as unknown as Parts;
  Object.assign(vscode.workspace, { textDocuments: [] });
  const uri = Object.assign(Object.create(vscode.Uri.prototype) as vscode.Uri, { fsPath: script, scheme: 'file' });
  return { ended: proveItHelps(parts, uri), shown, compared, trained };
}

for (const { what, had, looksAt, trained, shown, compared } of [
  {
    ...{ what: 'looked at to the end: both trainings are shown, then both together', had: [] },
    ...{ looksAt: ['train', 'from-scratch'], trained: ['train', 'from-scratch'] },
    ...{ shown: ['train', 'from-scratch'], compared: ['train,from-scratch'] },
  },
  {
    ...{ what: 'left during the first training: nothing comes between any more', had: [] },
    ...{ looksAt: [], trained: ['train', 'from-scratch'], shown: ['train'], compared: [] },
  },
  {
    ...{ what: 'left during the second one', had: [] },
    ...{ looksAt: ['train'], trained: ['train', 'from-scratch'], shown: ['train', 'from-scratch'], compared: [] },
  },
  {
    ...{ what: 'trained before: shown at once, whatever is looked at', had: ['train', 'from-scratch'] as const },
    ...{ looksAt: [], trained: [], shown: [], compared: ['train,from-scratch'] },
  },
]) {
  test(`Prove It Helps, ${what}`, async () => {
    const found = prove(
      had.map((purpose) => run(purpose, purpose)),
      looksAt,
    );
    await found.ended;
    assert.deepEqual(
      { trained: found.trained, shown: found.shown, compared: found.compared },
      { trained, shown, compared },
    );
  });
}

for (const { what, leaves, answer, shown } of [
  { what: 'still looked at: shown', leaves: false, answer: undefined, shown: 1 },
  { what: 'left meanwhile: offered, and not shown unasked', leaves: true, answer: undefined, shown: 0 },
  { what: 'left meanwhile: shown when it is asked for', leaves: true, answer: 'Show Results', shown: 1 },
]) {
  test(`an evaluation, ${what}`, async () => {
    const made = run('train', 'train');
    mkdirSync(path.join(made.folder, 'model'), { recursive: true });
    writeFileSync(path.join(made.folder, 'model/graft.json'), '{}');
    const titles: string[] = [];
    const told: string[] = [];
    const group = { activeTab: {} };
    Object.assign(vscode.window.tabGroups, { activeTabGroup: group });
    Object.assign(vscode.window, {
      showQuickPick: () => Promise.resolve({ value: { directory: '/data/garden' } }),
      withProgress: async (_options: unknown, work: (progress: unknown, token: unknown) => Promise<unknown>) => {
        const answered = await work(undefined, undefined);
        if (leaves) group.activeTab = {};
        return answered;
      },
      showInformationMessage: (text: string) => {
        told.push(text);
        return Promise.resolve(answer);
      },
    });
    const metrics = { loss: 0, accuracy: 1, macroF1: 1 };
    const result = { metrics, perClass: [], confusion: [[2]], images: 2, classes: ['leaf'], skipped: [] };
    const parts = {
      runs: { list: () => [made], get: () => made },
      service: { call: () => Promise.resolve(result) },
      documents: { show: (title: string) => Promise.resolve(titles.push(title)) },
    } as unknown as Parts;
    await evaluate(parts, made.id);
    assert.deepEqual(titles, Array(shown).fill('Evaluation of train'));
    assert.deepEqual(told, leaves ? ['The evaluation of train is done.'] : []);
  });
}
