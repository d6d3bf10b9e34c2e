import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

import { describe, it } from 'mocha';
import * as vscode from 'vscode';

import { processState } from '../../../../src/runs/process/identity.js';
import { signalChild } from '../../../support/processes.js';
import {
  click,
  event,
  events,
  info,
  lens,
  open,
  report,
  runFolders,
  train,
  until,
  workspace,
  writeScript,
} from '../support.js';

const long = 2_000;

describe('runs', () => {
  it('train from the lens to the end: events in order, a report, a model', async () => {
    const run = await train(writeScript('short.ts', 2));
    await event(run, 'done');
    const types = new Set(events(run).map(({ type }) => type));
    for (const type of ['started', 'phase', 'data', 'model', 'epoch', 'report', 'saved', 'done'])
      assert.ok(types.has(type as never), type);
    assert.ok(report(run).metrics.accuracy > 0.5);
    assert.ok(existsSync(path.join(workspace, 'models/short/model.json')));
  });

  it('show the epoch and Stop in the lens while they go on; stop with a checkpoint; resume', async () => {
    const script = writeScript('stop.ts', long);
    const run = await train(script);
    await event(run, 'epoch', 3);
    await lens(script, 'poch');
    await click(await lens(script, 'Stop'));
    await event(run, 'stopped');
    assert.ok(existsSync(path.join(run, 'checkpoints')));

    await vscode.commands.executeCommand('graft.resumeTraining', path.basename(run));
    const epochs = events(run).filter(({ type }) => type === 'epoch').length;
    await event(run, 'started', 2);
    await event(run, 'epoch', epochs + 1);
    await click(await lens(script, 'Stop'));
    await event(run, 'stopped', 2);
  });

  it('killed with SIGKILL are shown as interrupted; resumed, they go on', async () => {
    const script = writeScript('killed.ts', long);
    const run = await train(script);
    await event(run, 'checkpoint');
    const { pid } = info(run);
    // The extension host is the parent, and runs this test.
    signalChild(process.pid, pid, 'SIGKILL');
    await lens(script, 'Interrupted');
    await click(await lens(script, 'Resume'));
    await event(run, 'started', 2);
    assert.notEqual(info(run).pid, pid);
    await click(await lens(script, 'Stop'));
    await event(run, 'stopped');
  });

  it('that do not answer Stop are ended all the same, and say so', async function () {
    // Windows knows no SIGSTOP.
    if (process.platform === 'win32') this.skip();
    const script = writeScript('silent.ts', long);
    const run = await train(script);
    await event(run, 'checkpoint');
    const { pid } = info(run);
    // It neither hears its socket nor SIGTERM.
    signalChild(process.pid, pid, 'SIGSTOP');
    await click(await lens(script, 'Stop'));
    await until('the end of the process', async () => (await processState(pid)) === undefined);
    const end = await event(run, 'stopped');
    assert.ok(end.type === 'stopped' && end.ended);
    await lens(script, 'Stopped');
    await lens(script, 'Resume');
  });

  it('two at once both train', async () => {
    const scripts = [writeScript('one.ts', long), writeScript('two.ts', long)];
    const runs = [];
    for (const script of scripts) runs.push(await train(script));
    for (const run of runs) await event(run, 'epoch', 2);
    for (const script of scripts) await click(await lens(script, 'Stop'));
    for (const run of runs) await event(run, 'stopped');
  });

  it('go on when the script is deleted meanwhile', async () => {
    const script = writeScript('deleted.ts', long);
    const run = await train(script);
    await event(run, 'epoch', 1);
    rmSync(script.fsPath);
    const epochs = events(run).filter(({ type }) => type === 'epoch').length;
    await event(run, 'epoch', epochs + 1);
    await vscode.commands.executeCommand('graft.stopTraining', path.basename(run));
    await event(run, 'stopped');
  });

  it('go on from their cache when the data folder is deleted meanwhile; a new one says what is missing', async () => {
    const data = path.join(workspace, 'data');
    const script = writeScript('no-data.ts', long);
    const run = await train(script);
    await event(run, 'epoch', 1);
    renameSync(data, `${data}.away`);
    try {
      const epochs = events(run).filter(({ type }) => type === 'epoch').length;
      await event(run, 'epoch', epochs + 2);
      await click(await lens(script, 'Stop'));
      await event(run, 'stopped');
      const late = await train(script);
      const last = await until('its end', () => events(late).find(({ type }) => type === 'failed'));
      assert.ok(last.type === 'failed');
      assert.match(last.message, /garden/);
      assert.ok(last.action, 'It says what to do.');
      await lens(script, 'Failed');
    } finally {
      renameSync(`${data}.away`, data);
    }
  });

  it('on a full disk fail with a reason', async function () {
    const graft = path.join(workspace, '.graft');
    renameSync(graft, `${graft}.away`);
    mkdirSync(graft);
    let mounted = false;
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=120k', 'tmpfs', graft], { stdio: 'pipe' });
      mounted = true;
    } catch {
      if (this.test !== undefined) this.test.title += ' (needs the right to mount a small tmpfs)';
    }
    try {
      if (!mounted) this.skip();
      const script = writeScript('full.ts', 3);
      const before = new Set(runFolders());
      await open(script);
      void click(await lens(script, 'Train'));
      const run = await until('a run', () => runFolders().find((each) => !before.has(each)));
      const last = await until('its end', () => events(run).find(({ type }) => type === 'failed'));
      assert.ok(last.type === 'failed');
      assert.match(`${last.message} ${last.action ?? ''}`, /disk is full.*Free some space/);
    } finally {
      // The process that has failed, and the editor's watcher, let go of it a moment later.
      if (mounted) await until('the small disk is free', () => spawnSync('umount', [graft]).status === 0);
      rmSync(graft, { recursive: true });
      renameSync(`${graft}.away`, graft);
    }
  });
});
