// Texts in a real window: from a table of letters to a model whose mistakes are read, and that is asked about a text that is typed.
import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { makeWorkspace } from './host-build.mjs';
import { startServer } from './harness.mjs';
import { kill, runOf, runs } from './runs.mjs';
import { runSteps, Window } from './window.mjs';

const script = 'train-feature-extraction.ts';
const themes = {
  light: ['Default Light Modern', '.vs'],
  dark: ['Default Dark Modern', '.vs-dark'],
  contrast: ['Default High Contrast', '.hc-black'],
};

export async function runTexts(browser) {
  const { workspace, remove } = await makeWorkspace();
  cpSync('sample/letters.csv', path.join(workspace, 'letters.csv'));
  const server = await startServer();
  const window = await Window.open(server, browser, 'texts', { workspace, extension: process.cwd() });
  const { page } = window;
  const panel = () => window.panel;
  const list = () => page.locator('.quick-input-widget:visible');
  const inEachTheme = async (what) => {
    for (const [theme, [name, sign]] of Object.entries(themes)) {
      await server.set({ 'workbench.colorTheme': name });
      await page.locator(`.monaco-workbench${sign}`).waitFor();
      await window.screenshot(`${what}-${theme}`);
    }
  };
  try {
    return await runSteps(
      () => window,
      [
        [
          'a table of texts is found as data, and the bases are those for texts',
          async () => {
            await window.command('Graft: New Feature-Extraction Script');
            await list().locator('.monaco-list-row').filter({ hasText: 'letters.csv' }).waitFor();
            await window.screenshot('data');
            await window.pick('letters.csv');
            await list().locator('.monaco-list-row').filter({ hasText: 'leaflet' }).waitFor();
            assert.equal(await list().locator('.monaco-list-row').filter({ hasText: 'sapling' }).count(), 0);
            await window.pick('leaflet');
            await list().getByText('Where to write').first().waitFor();
            await window.type(script);
            await window.lens('Train').waitFor();
            assert.match(readFileSync(path.join(workspace, script), 'utf8'), /textTable\('letters\.csv'/);
          },
        ],
        [
          'trains, and shows its mistakes as texts with their tokens; one opens where it stands',
          async () => {
            await window.lens('Train').click();
            await panel().locator('.status.done').waitFor({ timeout: 180_000 });
            const { kind, metrics, mistakes } = JSON.parse(
              readFileSync(path.join(runOf(workspace, script), 'report.json'), 'utf8'),
            );
            assert.equal(kind, 'text');
            assert.ok(metrics.accuracy > 0.6, `The accuracy is ${metrics.accuracy}.`);
            assert.ok(mistakes.length > 0);
            const card = panel().locator('.gallery .card.text').first();
            await card.scrollIntoViewIfNeeded();
            assert.ok((await card.innerText()).includes(`true: ${mistakes[0].actual}`), await card.innerText());
            assert.deepEqual(
              (await card.locator('.tokens > span').allInnerTexts()).slice(0, 3),
              mistakes[0].tokens.slice(0, 3),
            );
            assert.doesNotMatch(await panel().locator('main').innerText(), /picture/i);
            await inEachTheme('mistakes');
            await card.click();
            await window.tab('letters.csv').waitFor();
            await window.tab('letters.csv').locator('.codicon-close').click();
          },
        ],
        [
          'says what a text is that is typed, from the keyboard',
          async () => {
            await window.command('Graft: Try Model');
            await list().getByText('Which model?').first().waitFor();
            await window.pick(script);
            const typed = panel().getByLabel('Text', { exact: true });
            await typed.fill('Could you tell me when the tulips can be planted?');
            await typed.press('Control+Enter');
            const tried = panel().locator('.try').first();
            await tried.locator('table').waitFor();
            assert.equal(await panel().locator('.drop').count(), 0);
            assert.ok((await tried.locator('.tokens > span').count()) > 5);
            await inEachTheme('tried');
          },
        ],
      ],
    );
  } finally {
    for (const run of runs(workspace)) kill(run);
    await window.close();
    await server.stop();
    await remove();
  }
}
