import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import * as vscode from 'vscode';

import { endText } from '../../../src/extension/run-text.js';
import { RunsTree } from '../../../src/extension/runs-view.js';
import { isResumable } from '../../../src/extension/runs/activity.js';
import { RunLabels } from '../../../src/extension/runs/labels.js';
import { byScript, passes, type RunFilter } from '../../../src/extension/runs/shown.js';
import { summarize } from '../../../src/extension/runs/summary.js';
import { emptyState } from '../../../src/runs/log-state.js';
import type { RunSummary } from '../../../src/extension/interfaces.js';
import type { RunInfo } from '../../../src/protocol/index.js';
import { temporaryFolder } from '../../support/pictures.js';

const summary = (id: string, script: string, more: Partial<RunSummary> = {}): RunSummary => {
  const info: RunInfo = {
    ...{ protocol: 1, id, script, scriptHash: '', arguments: [], workspace: '/w', versions: {} },
    ...{ platform: 'linux-x64', engine: 'auto', pid: 4711, nonce: 'n', socket: '/tmp/s', startTime: 0 },
  };
  const facts = {
    folder: `/w/.graft/runs/${id}`,
    info,
    state: emptyState,
    report: undefined,
    alive: false,
    crash: undefined,
  };
  return { ...summarize(facts), ...more };
};
const onDidChange = new vscode.EventEmitter<void>().event;
const treeOf = (runs: RunSummary[], grouped: boolean, filter?: RunFilter) =>
  new RunsTree({ list: () => runs, onDidChange }, { grouped, filter, onDidChange });
const runs = [
  summary('c', '/w/a.ts', { title: 'a.ts · Nov 24, 8:37 PM', status: 'stopped', checkpoint: true }),
  summary('b', '/w/b.ts', { title: 'the good one', name: 'the good one', starred: true, status: 'done' }),
  summary('a', '/w/a.ts', { title: 'a.ts · Nov 23, 8:37 PM', status: 'failed' }),
];

test('as one list: titles; a star is seen, said and known to the menu, as is whether there is something to resume', () => {
  const tree = treeOf(runs, false);
  const items = tree.getChildren().map((node) => tree.getTreeItem(node));
  assert.deepEqual(
    items.map(({ label, contextValue }) => [label, contextValue]),
    [
      ['Nov 24, 8:37 PM', 'run-stopped-resumable'],
      ['the good one', 'run-done-starred'],
      ['Nov 23, 8:37 PM', 'run-failed'],
    ],
  );
  assert.match(String(items[1]?.description), /^★ .*, b\.ts$/);
  assert.match(items[1]?.accessibilityInformation?.label ?? '', /^the good one, Done, .*, starred$/);
});

test('by script: the one with the newest run first; below it the script is not said again', () => {
  const tree = treeOf(runs, true);
  const groups = tree.getChildren();
  assert.deepEqual(
    groups.map((group) => [tree.getTreeItem(group).label, tree.getTreeItem(group).description]),
    [
      ['a.ts', '2 runs'],
      ['b.ts', '1 run'],
    ],
  );
  const labels = groups.flatMap((group) => tree.getChildren(group)).map((node) => tree.getTreeItem(node).label);
  assert.deepEqual(labels, ['Nov 24, 8:37 PM', 'Nov 23, 8:37 PM', 'the good one']);
});

test('only rows that show something new are drawn again; the list as a whole where it has other rows', () => {
  const changed = new vscode.EventEmitter<void>();
  let now = runs;
  const tree = new RunsTree(
    { list: () => now, onDidChange: changed.event },
    { grouped: false, filter: undefined, onDidChange },
  );
  const drawn: (string[] | undefined)[] = [];
  tree.onDidChangeTreeData((rows) => drawn.push(rows));
  const change = (next: RunSummary[]) => {
    now = next;
    changed.fire();
    return drawn.splice(0);
  };
  const [c, b, a] = runs as [RunSummary, RunSummary, RunSummary];
  assert.deepEqual(change([{ ...c }, { ...b }, { ...a }]), []);
  assert.deepEqual(change([c, { ...b, starred: false }, a]), [['b']]);
  assert.equal(tree.getTreeItem('b').contextValue, 'run-done');
  assert.deepEqual(change([c, a]), [undefined]);
  assert.deepEqual(change([a, c]), [undefined]);
});

const filters: [filter: RunFilter | undefined, ids: string][] = [
  [undefined, 'cba'],
  [{ kind: 'starred' }, 'b'],
  [{ kind: 'status', statuses: ['stopped', 'failed'] }, 'ca'],
  [{ kind: 'script', script: '/w/a.ts' }, 'ca'],
  [{ kind: 'text', text: 'GOOD' }, 'b'],
  [{ kind: 'text', text: 'nothing of that kind' }, ''],
];
for (const [filter, ids] of filters) {
  test(`a filter: ${JSON.stringify(filter ?? 'none')}`, () => {
    assert.equal(
      runs
        .filter((run) => passes(filter, run))
        .map(({ id }) => id)
        .join(''),
      ids,
    );
    assert.equal(
      treeOf(runs, true, filter).getChildren().length,
      byScript(runs.filter((run) => passes(filter, run))).length,
    );
  });
}

test('only a run that ended early, with a checkpoint, can be resumed', () => {
  const can = (more: Partial<RunSummary>) => isResumable(summary('a', '/w/a.ts', more));
  assert.ok(can({ status: 'stopped', checkpoint: true }));
  assert.ok(can({ status: 'interrupted', checkpoint: true }));
  assert.ok(!can({ status: 'interrupted', checkpoint: false }));
  assert.ok(!can({ status: 'done', checkpoint: true }));
  assert.ok(!can({ status: 'running', checkpoint: true }));
});

test('a name and a star lie in the run folder; what is no label there is none', async () => {
  const folder = path.join(temporaryFolder(), 'run');
  mkdirSync(folder);
  const run = { ...summary('a', '/w/a.ts'), folder };
  const labels = new RunLabels();
  const applied = async (reader: RunLabels) => {
    await reader.read([folder]);
    const [one] = reader.apply([run]);
    return [one?.title.split(' · ')[0], one?.name, one?.starred];
  };
  assert.deepEqual(await applied(labels), ['a.ts', undefined, false]);
  await labels.change(folder, { name: '  long\ntail \u0007 ' });
  await labels.change(folder, { starred: true });
  assert.deepEqual(await applied(labels), ['long tail', 'long tail', true]);
  // Another window reads the same.
  assert.deepEqual(await applied(new RunLabels()), ['long tail', 'long tail', true]);
  assert.deepEqual(JSON.parse(readFileSync(path.join(folder, 'label.json'), 'utf8')), {
    name: 'long tail',
    starred: true,
  });
  await labels.change(folder, { name: '' });
  assert.deepEqual(await applied(labels), ['a.ts', undefined, true]);
  for (const text of ['{', '[]', '{"name": 7, "starred": "yes"}', JSON.stringify({ name: 'x'.repeat(5_000) })]) {
    writeFileSync(path.join(folder, 'label.json'), text);
    assert.deepEqual(await applied(new RunLabels()), ['a.ts', undefined, false], text.slice(0, 40));
  }
});

test('the end of a run is told with its result and what that was measured on', () => {
  const done = summary('a', '/w/a.ts', {
    title: 'mine',
    status: 'done',
    best: { loss: 1, accuracy: 0.95, macroF1: 0.9 },
  });
  assert.equal(
    endText({ ...done, measured: { data: 'd', seed: 7, pictures: 40 } }),
    'mine is done: 95.0 % on 40 validation pictures.',
  );
  assert.equal(endText(done), 'mine is done: 95.0 %.');
  assert.equal(endText({ ...done, best: undefined }), 'mine is done.');
});
