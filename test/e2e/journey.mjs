// A user's first hour, in Chromium, with the packed and installed .vsix: from the sample workspace to a model that is tried out.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

import { startServer } from './harness.mjs';
import { epochs, info, kill, runOf, runs, writeLongScript } from './runs.mjs';
import { runSteps, Window } from './window.mjs';

export async function runJourney(browser) {
  rmSync('dist/screenshots', { recursive: true, force: true });
  const server = await startServer({ vsix: makePackage() });
  let window = await Window.open(server, browser, 'journey', {});
  const page = () => window.page;
  const panel = () => window.panel;
  let workspace;
  /** The list of walkthroughs is sorted while it is read: what was meant may not be what was hit. */
  const openWalkthrough = async () => {
    const title = 'Train Your First Model';
    await window.until(title, async () => {
      await window.command('Welcome: Open Walkthrough...');
      await page().locator('.quick-input-widget:visible input[type="text"]').first().fill(title);
      await window.pick(title);
      return await page()
        .locator('.getting-started-step')
        .filter({ hasText: 'See Where It Is Wrong' })
        .waitFor({ timeout: 5_000 })
        .then(
          () => true,
          () => false,
        );
    });
  };
  const ticks = () =>
    page()
      .locator('.getting-started-step [role="checkbox"]')
      .evaluateAll((all) => all.map((tick) => tick.ariaChecked));
  try {
    return await runSteps(
      () => window,
      [
        [
          'opens the sample workspace',
          async () => {
            await window.command('Graft: Open Sample Workspace');
            await window.pick("In Graft's Own Storage");
            await page().waitForURL(/folder=.*graft-sample/);
            await window.ready();
            workspace = decodeURIComponent(new URL(page().url()).searchParams.get('folder') ?? '');
            await page().locator('.explorer-folders-view').getByText('sample').first().waitFor();
            await window.screenshot('sample');
          },
        ],
        [
          'shows a walkthrough of five steps',
          async () => {
            // A folder is open, and nothing else has been done: looking at a quick pick is not writing a script.
            await window.command('Graft: New Fine-Tuning Script');
            await page().locator('.quick-input-widget:visible .monaco-list-row').first().waitFor();
            await page().keyboard.press('Escape');
            await openWalkthrough();
            const steps = page().locator('.getting-started-step');
            assert.equal(await steps.count(), 5);
            await window.until('the open folder is ticked', async () => (await ticks())[0] === 'true');
            assert.deepEqual(await ticks(), ['true', 'false', 'false', 'false', 'false']);
            await window.screenshot('walkthrough');
          },
        ],
        [
          'writes a script by quick pick, without a red squiggle',
          async () => {
            await window.command('Graft: New Fine-Tuning Script');
            await window.pick('4 classes, 192 pictures');
            await window.screenshot('pick-base');
            await window.pick('sapling');
            await window.screenshot('pick-freeze');
            // With the mouse: a list that has just appeared may not take keys yet.
            await page()
              .locator('.quick-input-widget:visible .monaco-list-row.focused')
              .filter({ hasText: 'default' })
              .click();
            await page().locator('.quick-input-widget:visible').getByText('Where to write').first().waitFor();
            await window.type('garden.ts');
            await window.tab('garden.ts').waitFor();
            await window.lens('Train').waitFor();
            await window.until('no red squiggle', async () => {
              const status = await page().locator('#status\\.problems').getAttribute('aria-label');
              return status !== null && !/error/i.test(status.replace(/no problems|0 errors?/i, ''));
            });
            assert.equal(await page().locator('.squiggly-error').count(), 0);
            await window.screenshot('script');
          },
        ],
        [
          'trains from the lens: phases and curves in the panel',
          async () => {
            await window.lens('Train').click();
            await panel().locator('.phases li').first().waitFor();
            await window.screenshot('phases');
            await panel().locator('canvas').first().waitFor();
            await window.screenshot('curves');
            await panel().locator('.status.done').waitFor({ timeout: 300_000 });
            await window.screenshot('done');
          },
        ],
        [
          'shows the confusion matrix, and opens a mistake',
          async () => {
            const matrix = panel().locator('table.matrix');
            await matrix.scrollIntoViewIfNeeded();
            await window.screenshot('confusion');
            const report = JSON.parse(readFileSync(path.join(runs(workspace).at(-1), 'report.json'), 'utf8'));
            const sum = report.confusion.flat().reduce((total, n) => total + n, 0);
            const cells = await matrix.locator('td').allTextContents();
            assert.equal(
              cells.reduce((total, text) => total + (Number(text) || 0), 0),
              sum,
            );
            assert.ok(report.mistakes.length > 0, 'The sample is not that easy.');
            const card = panel().locator('.gallery .card').first();
            await card.scrollIntoViewIfNeeded();
            await window.screenshot('mistakes');
            await card.click();
            await window.tab(path.basename(report.mistakes[0].file)).waitFor();
            const place = await window.tab(path.basename(report.mistakes[0].file)).getAttribute('title');
            const crumbs = await page().locator('.breadcrumbs-control').last().innerText();
            assert.match(crumbs.replaceAll(/\s+/g, '/'), /^\/?sample\/garden\/[a-z]+\/[a-z]+-\d+\.jpg/, place ?? '');
            await window.screenshot('mistake');
          },
        ],
        [
          'tries the model on a picture',
          async () => {
            await window.command('Graft: Try Model');
            await page().locator('.quick-input-widget:visible').getByText('Which model').first().waitFor();
            await page().locator('.quick-input-widget:visible .monaco-list-row').first().click();
            await panel().getByText('Choose Pictures…').click();
            await window.chooseFile('Pictures to Try', path.join(workspace, 'sample/garden/leaf/leaf-01.jpg'));
            const tried = panel().locator('.try').first();
            await tried.locator('img').waitFor();
            assert.match(await tried.innerText(), /leaf-01\.jpg[\s\S]*\d+(\.\d+)? %/);
            await window.screenshot('tried');
          },
        ],
        [
          'ticks in the walkthrough what was done, and no more',
          async () => {
            await openWalkthrough();
            await window.until(
              'all steps are ticked',
              async () => (await ticks()).join() === Array(5).fill('true').join(),
            );
            await window.screenshot('ticks');
          },
        ],
        [
          'goes on training through a reload of the window',
          async () => {
            await page().locator('.tabs-container .tab').filter({ hasText: 'garden.ts' }).first().click();
            const text = readFileSync(path.join(workspace, 'garden.ts'), 'utf8');
            const script = writeLongScript(workspace, 'long.ts', text);
            await window.openFile(script);
            await window.lens('Train').click();
            await panel().locator('.status.running').waitFor();
            const run = await window.until('the new run', () => runOf(workspace, 'long.ts'));
            await window.until('an epoch', () => epochs(run) > 0);
            await panel().getByLabel('Log scale').click();
            const { pid } = info(run);
            await window.reload();
            const before = epochs(run);
            await page()
              .locator('.statusbar')
              .getByText(/epoch \d+\/3000/)
              .first()
              .waitFor();
            // By itself: the same run, with the same options.
            await panel().locator('h1', { hasText: 'long.ts' }).waitFor();
            await panel().locator('.status.running').waitFor();
            assert.equal(await panel().getByLabel('Log scale').getAttribute('aria-checked'), 'true');
            await window.until('more epochs', () => epochs(run) > before);
            process.kill(pid, 0);
            await window.screenshot('reloaded');
          },
        ],
        [
          'shows the run that was chosen again, after another tab and after a reload behind one',
          async () => {
            await panel()
              .locator('nav select')
              .selectOption(path.basename(runOf(workspace, 'garden.ts')));
            const chosen = panel().locator('h1', { hasText: 'garden.ts' });
            await chosen.waitFor();
            await window.tab('long.ts').click();
            await window.tab('Graft Training').click();
            await chosen.waitFor();
            await window.tab('long.ts').click();
            await window.reload();
            await window.lens('Stop').waitFor();
            await window.tab('Graft Training').click();
            await chosen.waitFor();
            await panel().locator('.status.done').waitFor();
            await panel()
              .locator('nav select')
              .selectOption(path.basename(runOf(workspace, 'long.ts')));
            await panel().locator('.status.running').waitFor();
          },
        ],
        [
          'stops with a checkpoint, and resumes',
          async () => {
            await panel().getByText('Stop', { exact: true }).click();
            await panel().locator('.status.stopped').waitFor();
            await panel().getByText('You stopped this run. A checkpoint is saved.').waitFor();
            await window.screenshot('stopped');
            const run = runOf(workspace, 'long.ts');
            const before = epochs(run);
            await panel().getByText('Resume', { exact: true }).click();
            await panel().locator('.status.running').waitFor();
            await window.until('more epochs', () => epochs(run) > before);
            await window.screenshot('resumed');
          },
        ],
      ],
    );
  } finally {
    for (const folder of workspace === undefined ? [] : runs(workspace)) kill(folder);
    await window.close();
    await server.stop();
  }
}

/** The package of this platform, made anew. */
function makePackage() {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['tools/package.mjs'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm run package failed: ${stdout}${stderr}`);
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const file = path.resolve(`graft-${process.platform}-${process.arch}-${version}.vsix`);
  const { size } = statSync(file);
  assert.ok(size <= 34e6, `The package has ${(size / 1e6).toFixed(1)} MB, and may have 34.`);
  return file;
}
