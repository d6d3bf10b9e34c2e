import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';

import * as vscode from 'vscode';

import { Problems } from '../../../../src/extension/problems.js';
import { RunStore } from '../../../../src/extension/runs/run-store.js';
import { craftRun, goodNonce, trap } from '../../../support/crafted-run.js';
import { temporaryFolder } from '../../../support/pictures.js';
import { victim } from '../../../support/processes.js';

const { child, pid, lives } = victim();
after(() => child.kill('SIGKILL'));

/** The store over a workspace that came with a download; what the user is asked, and what is logged. */
function open(workspace: string, isTrusted: boolean, ...others: readonly string[]) {
  const nothing = () => ({ dispose: () => undefined });
  const [asked, logged]: [string[], string[]] = [[], []];
  const watcher = { onDidCreate: nothing, onDidChange: nothing, onDidDelete: nothing, ...nothing() };
  Object.assign(vscode.workspace, {
    isTrusted,
    workspaceFolders: [workspace, ...others].map((fsPath) => ({ uri: { fsPath, scheme: 'file' } })),
    textDocuments: [],
    createFileSystemWatcher: () => watcher,
    onDidChangeWorkspaceFolders: nothing,
  });
  Object.assign(vscode.window, {
    onDidChangeWindowState: nothing,
    showWarningMessage: (text: string, { detail }: { detail: string }) => {
      asked.push(`${text} ${detail}`);
      return Promise.resolve(undefined);
    },
  });
  Object.assign(vscode.Uri, { file: (fsPath: string) => ({ fsPath }) });
  const log = Object.fromEntries(['error', 'warn', 'info'].map((name) => [name, (text: string) => logged.push(text)]));
  const state = { get: (_: string, value: unknown) => value, update: () => Promise.resolve() };
  const store = new RunStore(
    { workspaceState: state } as unknown as vscode.ExtensionContext,
    new Problems(log as unknown as vscode.LogOutputChannel),
  );
  return { store, asked, logged };
}

test('in a workspace that is not trusted nothing is connected to, signalled or deleted', async (t) => {
  const workspace = temporaryFolder();
  const listening = await trap();
  const run = { socket: listening.path, pid, nonce: goodNonce };
  const going = craftRun(workspace, 'going', { run, heartbeat: true });
  const over = craftRun(workspace, 'over', { run, events: [{ type: 'done', time: 1 }] });
  const { store } = open(workspace, false);
  t.after(() => {
    store.dispose();
  });
  await store.refresh();
  assert.deepEqual(
    store
      .list()
      .map(({ id, status }) => `${id} ${status}`)
      .sort(),
    ['going running', 'over done'],
  );
  for (const request of ['stop', 'pause', 'continue', 'checkpoint'] as const)
    await assert.rejects(store.control('going', request), /not trusted/);
  await assert.rejects(store.resume('over'), /not trusted/);
  await assert.rejects(store.delete(['over']), /not trusted/);
  assert.ok(existsSync(going) && existsSync(over) && lives());
  assert.equal(listening.connections(), 0);
  listening.close();
});

test('in a trusted one a run.json is not proof enough for a signal or a connection', async (t) => {
  const workspace = temporaryFolder();
  const listening = await trap();
  craftRun(workspace, 'going', { run: { socket: listening.path, pid, nonce: goodNonce }, heartbeat: true });
  craftRun(workspace, 'path', { run: { socket: listening.path, pid, nonce: '../../x' }, heartbeat: true });
  const { store, logged } = open(workspace, true);
  t.after(() => {
    store.dispose();
  });
  await store.refresh();
  await store.refresh();
  assert.deepEqual(
    store.list().map(({ id }) => id),
    ['going'],
  );
  assert.deepEqual(
    logged.map((text) => text.replace(workspace, '')),
    [
      `${path.sep}${path.join('.graft', 'runs', 'path')} is not a run: run.json is damaged: its nonce is not what a run has there.`,
    ],
  );
  await assert.rejects(store.control('going', 'pause'), /no training process of yours/);
  await assert.rejects(
    store.control('going', 'stop'),
    /no process is known for certain to be its own, so none was ended/,
  );
  assert.ok(lives());
  assert.equal(listening.connections(), 0);
  listening.close();
});

test('to resume a script from outside the workspace, the user is asked, and shown what would run', async (t) => {
  const workspace = temporaryFolder();
  const script = path.join(temporaryFolder(), 'tool.mjs');
  writeFileSync(script, '');
  mkdirSync(path.join(workspace, 'sub'));
  craftRun(workspace, 'script', { run: { script, arguments: ['--all', 'a b'] } });
  craftRun(workspace, 'folder', { run: { workspace: path.dirname(script) } });
  craftRun(workspace, 'inside', { run: { workspace: path.join(workspace, 'sub') } });
  for (const id of ['script', 'folder', 'inside'])
    writeFileSync(path.join(workspace, '.graft', 'runs', id, 'checkpoints', 'training-0.safetensors'), '');
  const { store, asked } = open(workspace, true);
  t.after(() => {
    store.dispose();
  });
  await store.refresh();
  for (const id of ['script', 'folder'])
    await assert.rejects(store.resume(id), (error: Error) => error.constructor.name.includes('CancellationError'));
  assert.equal(asked.length, 2);
  assert.ok(asked[0]?.includes(`${script} "--all" "a b"\nin ${workspace}`), asked[0]);
  // Nobody is asked about what the workspace holds; this one is gone.
  await assert.rejects(store.resume('inside'), /train\.ts is gone/);
  assert.equal(asked.length, 2);
});

test('of two workspace folders with a run of the same name, neither is touched', async (t) => {
  const [one, other] = [temporaryFolder(), temporaryFolder()];
  const folders = [one, other].map((workspace) => craftRun(workspace, 'same', { events: [{ type: 'done', time: 1 }] }));
  const { store } = open(one, true, other);
  t.after(() => {
    store.dispose();
  });
  await store.refresh();
  assert.equal(store.list().length, 2);
  await assert.rejects(store.delete(['same']), /are both called same/);
  await assert.rejects(store.control('same', 'stop'), /are both called same/);
  assert.ok(folders.every((folder) => existsSync(folder)));
});
