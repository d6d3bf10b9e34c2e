// What goes wrong around a training, in a real window: each time the screen says what happened and what to do.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { makeWorkspace } from './host-build.mjs';
import { startServer } from './harness.mjs';
import { epochs, info, kill, runOf, runs, templateText, writeLongScript } from './runs.mjs';
import { runSteps, Window } from './window.mjs';

export async function runDisasters(browser) {
  const { workspace, remove } = await makeWorkspace();
  const disk = mountDisk(workspace);
  const extension = process.cwd();
  let server = await startServer();
  // One user's browser: it keeps what VS Code remembers from window to window.
  const user = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  let window = await Window.open(server, user, 'disasters', { workspace, extension });
  const page = () => window.page;
  const panel = () => window.panel;
  const text = templateText('fine-tune');

  /** Trains with a new script until an epoch has ended; its run. */
  const train = async (name) => {
    await window.openFile(writeLongScript(workspace, name, text));
    await window.lens('Train').click();
    const run = await window.until(`a run of ${name}`, () => runOf(workspace, name));
    await window.until('two epochs', () => epochs(run) > 1);
    return run;
  };
  const show = async (name) => {
    await window.command('Graft: Open Training Panel');
    await panel().locator('h1', { hasText: name }).waitFor();
  };
  const banner = (words) => panel().locator('.banner').filter({ hasText: words }).waitFor();
  const goesOn = async (run) => {
    const before = epochs(run);
    await window.until('more epochs', () => epochs(run) > before);
  };
  /** Ends a run of this window, and what is said about it, so that it is not taken for what is said next. */
  const end = async (run) => {
    kill(run);
    await window
      .notification(new RegExp(`${path.basename(info(run).script)} · .*: The training process was killed`))
      .waitFor();
    await window.clearNotifications();
  };
  const row = (name) => page().locator('.pane-body .monaco-list-row').filter({ hasText: name }).first();

  const steps = [
    [
      'killed: panel, notification, list and lens say so; Resume goes on from the checkpoint',
      async () => {
        const run = await train('killed.ts');
        await window.until('a checkpoint', () => info(run) && hasCheckpoint(run));
        await page().locator('.activitybar .action-item:has(.action-label[aria-label^="Graft"])').click();
        await row('killed.ts').waitFor();
        kill(run);
        await panel().locator('.status.interrupted').waitFor();
        await banner(/The training process was killed \(SIGKILL\)\.\s*Resume it: a checkpoint is saved\./);
        const told = window.notification(/killed\.ts · .*: The training process was killed \(SIGKILL\)\. Resume it/);
        await told.waitFor();
        for (const button of ['Open Log', 'Resume', 'Copy Diagnostics'])
          await told.locator('.monaco-button').filter({ hasText: button }).waitFor();
        await page()
          .locator('.pane-body .monaco-list-row[aria-label*="killed.ts"][aria-label*=", Interrupted"]')
          .waitFor();
        await window.screenshot('killed');
        await panel().getByText('Resume', { exact: true }).click();
        await panel().locator('.status.running').waitFor();
        await goesOn(run);
        kill(run);
        await panel().locator('.status.interrupted').waitFor();
        await window.tab('killed.ts').click();
        await window.lens('Interrupted').waitFor();
        await window.lens('Resume').click();
        await panel().locator('.status.running').waitFor();
        await goesOn(run);
        await end(run);
      },
    ],
    [
      'a script deleted while it trains: goes on, says so, and says what resuming needs',
      async () => {
        const run = await train('deleted.ts');
        await show('deleted.ts');
        renameSync(path.join(workspace, 'deleted.ts'), path.join(workspace, 'deleted.ts.away'));
        await banner(/deleted\.ts was deleted\. The training goes on.*Put it back before you resume/s);
        await window.screenshot('script-deleted');
        await goesOn(run);
        await panel().getByText('Stop', { exact: true }).click();
        await panel().locator('.status.stopped').waitFor();
        await panel().getByText('Resume', { exact: true }).click();
        await banner(/The script .*deleted\.ts is gone\.\s*Put it back where it was/s);
        await window.screenshot('script-gone');
        renameSync(path.join(workspace, 'deleted.ts.away'), path.join(workspace, 'deleted.ts'));
        await panel().getByText('Resume', { exact: true }).click();
        await panel().locator('.status.running').waitFor();
        await goesOn(run);
        await end(run);
      },
    ],
    [
      'data deleted while it trains: goes on from the cache and says so; resumed, it says what is missing',
      async () => {
        const run = await train('no-data.ts');
        await show('no-data.ts');
        const data = path.join(workspace, 'data');
        renameSync(data, `${data}.away`);
        try {
          await banner(/The data data\/garden was deleted\. The training goes on.*Put it back/s);
          await window.screenshot('data-deleted');
          await goesOn(run);
          await panel().getByText('Stop', { exact: true }).click();
          await panel().locator('.status.stopped').waitFor();
          await panel().getByText('Resume', { exact: true }).click();
          await panel().locator('.status.failed').waitFor();
          await banner(/data\/garden/);
          await window.notification(/no-data\.ts · .*: /).waitFor();
          await window.screenshot('data-missing');
        } finally {
          renameSync(`${data}.away`, data);
        }
        await panel().getByText('Resume', { exact: true }).click();
        await panel().locator('.status.running').waitFor();
        await goesOn(run);
        await end(run);
      },
    ],
    [
      'two at once: says that they share the machine; the same script twice is asked about',
      async () => {
        const one = await train('one.ts');
        const two = await train('two.ts');
        await window.notification('two.ts starts while one.ts is training: they share this machine').waitFor();
        await window.screenshot('two');
        await Promise.all([goesOn(one), goesOn(two)]);
        await page().locator('.statusbar').getByText('(+1)').waitFor();
        await window.tab('two.ts').click();
        await window.command('Graft: Train with This Script');
        await page().locator('.monaco-dialog-box').getByText('two.ts is training already.').waitFor();
        await window.screenshot('twice');
        await page().locator('.monaco-dialog-box .monaco-button').filter({ hasText: 'Cancel' }).click();
        assert.equal(runs(workspace).filter((run) => info(run).script.endsWith('two.ts')).length, 1);
        // A message without an error goes into the list after a while.
        await window.command('Notifications: Show Notifications');
        const told = window.notification('two.ts starts while');
        await told.locator('.monaco-button').filter({ hasText: 'Stop one.ts' }).click();
        await window.until('one.ts has stopped', () => ended(one) === 'stopped');
        await goesOn(two);
        await end(two);
      },
    ],
    [
      'a full disk: fails with a reason; with space again, resumes',
      async () => {
        const run = await train('full.ts');
        await window.until('a checkpoint', () => hasCheckpoint(run));
        await show('full.ts');
        disk.fill();
        await panel().locator('.status.failed').waitFor();
        await banner(/the disk is full\.\s*Free some space .*then resume the run/s);
        await window.notification('the disk is full. Free some space').waitFor();
        await window.screenshot('disk-full');
        // What was said of this run is not what is said of the next, and its end has given back the room that it had.
        await window.clearNotifications();
        disk.fill();
        await window.openFile(writeLongScript(workspace, 'fuller.ts', text));
        await window.lens('Train').click();
        await window.notification(/Cannot write .*: the disk is full\. Free some space/).waitFor();
        await window.screenshot('disk-full-at-start');
        assert.equal(runOf(workspace, 'fuller.ts'), undefined);
        disk.free();
        await show('full.ts');
        await panel().getByText('Resume', { exact: true }).click();
        await panel().locator('.status.running').waitFor();
        await goesOn(run);
        await end(run);
      },
      disk.problem,
    ],
    [
      'a closed window: the training goes on, and the next window says so; one that dies meanwhile is told too',
      async () => {
        const run = await train('closed.ts');
        await window.remembered();
        await window.close();
        await goesOn(run);
        // Somebody who had no panel open: in another browser.
        window = await Window.open(server, browser, 'disasters-2', { workspace, extension });
        const told = window.notification(/closed\.ts · .* is training; it went on without this window/);
        await told.waitFor();
        await window.screenshot('found');
        await told.locator('.monaco-button').filter({ hasText: 'Open Training Panel' }).click();
        await panel().locator('h1', { hasText: 'closed.ts' }).waitFor();
        await window.close();
        // Whoever had: it is there again by itself.
        window = await Window.open(server, user, 'disasters-3', { workspace, extension });
        await panel().locator('h1', { hasText: 'closed.ts' }).waitFor();
        await panel().locator('.status.running').waitFor();
        await goesOn(run);
        await window.remembered();
        await window.close();
        kill(run);
        window = await Window.open(server, user, 'disasters-4', { workspace, extension });
        await window
          .notification(/closed\.ts · .*: The training process .* ended without saying why\. Resume it/)
          .waitFor();
        await panel().locator('.status.interrupted').waitFor();
        await window.screenshot('died-meanwhile');
      },
    ],
    [
      'a workspace that is not trusted: shows runs, runs nothing, says so and how to trust it',
      async () => {
        await window.close();
        await server.stop();
        server = await startServer({ trustAll: false });
        window = await Window.open(server, user, 'disasters-5', { workspace, extension });
        const before = runs(workspace).length;
        await show('closed.ts');
        await banner(/This workspace is not trusted: you can look at runs, and nothing is run\..*Manage Trust/s);
        const resume = panel().locator('vscode-button').filter({ hasText: 'Resume' });
        assert.equal(await resume.getAttribute('disabled'), '');
        await window.openFile(path.join(workspace, 'closed.ts'));
        await page().keyboard.press('F1');
        await page().locator('.quick-input-widget:visible input[type="text"]').fill('>Graft: ');
        await page()
          .locator('.quick-input-list .monaco-list-row')
          .filter({ hasText: 'Graft: Open Training' })
          .waitFor();
        const offered = await page().locator('.quick-input-list .monaco-list-row').allInnerTexts();
        assert.deepEqual(
          offered.filter((title) => /Train with|Debug|Resume|Evaluate|New /.test(title)),
          [],
        );
        await page().keyboard.press('Escape');
        await window.screenshot('untrusted');
        assert.equal(await window.lens('Train').count(), 0);
        await window.tab('Graft Training').click();
        await panel().getByText('Manage Trust', { exact: true }).click();
        await page().locator('.workspace-trust-editor').waitFor();
        await window.screenshot('trust');
        assert.equal(runs(workspace).length, before);
      },
    ],
  ];
  try {
    return await runSteps(() => window, steps);
  } finally {
    for (const run of runs(workspace)) kill(run);
    await user.close();
    await server.stop();
    await disk.unmount();
    await remove();
  }
}

function hasCheckpoint(run) {
  return readFileSync(path.join(run, 'events.ndjson'), 'utf8').includes('"type":"checkpoint"');
}

/** The type of the last event. */
function ended(run) {
  return JSON.parse(readFileSync(path.join(run, 'events.ndjson'), 'utf8').trimEnd().split('\n').at(-1)).type;
}

/** A disk of its own for `.graft`, small enough to fill, where this machine lets us mount one. */
function mountDisk(workspace) {
  const graft = path.join(workspace, '.graft');
  mkdirSync(graft);
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=200m', 'tmpfs', graft], {
    encoding: 'utf8',
  });
  if (status !== 0) {
    const problem = `no small disk can be mounted: ${stderr?.trim() ?? 'there is no mount'}`;
    return { problem, unmount: () => Promise.resolve() };
  }
  const ballast = path.join(graft, 'ballast');
  return {
    fill() {
      for (const bytes of [1 << 20, 4096])
        for (;;) {
          try {
            writeFileSync(ballast, Buffer.alloc(bytes), { flag: 'a' });
          } catch {
            break;
          }
        }
    },
    free() {
      rmSync(ballast);
    },
    async unmount() {
      for (let tries = 0; tries < 50 && spawnSync('umount', [graft]).status !== 0; tries++)
        await new Promise((resolve) => setTimeout(resolve, 200));
    },
  };
}
