// Numbers instead of classes, in a real window: from a table of pictures and amounts to a model that is measured, tried and exported.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import sharp from 'sharp';

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

export async function runNumbers(browser) {
  const { workspace, remove } = await makeWorkspace();
  const table = path.join(workspace, 'circles.csv');
  const radii = await drawCircles(workspace, table);
  const server = await startServer();
  const window = await Window.open(server, browser, 'numbers', { workspace, extension: process.cwd() });
  const { page } = window;
  const panel = () => window.panel;
  const list = () => page.locator('.quick-input-widget:visible');
  const report = () => JSON.parse(readFileSync(path.join(runOf(workspace, script), 'report.json'), 'utf8'));
  const inEachTheme = async (what) => {
    for (const [theme, [name, sign]] of Object.entries(themes)) {
      await server.set({ 'workbench.colorTheme': name });
      await page.locator(`.monaco-workbench${sign}`).waitFor();
      await window.screenshot(`${what}-${theme}`);
    }
  };
  /** What was chosen in the palette, of the model that was trained. */
  const withModel = async (command) => {
    await window.command(command);
    await list().getByText('Which model?').first().waitFor();
    await window.pick(script);
  };
  try {
    return await runSteps(
      () => window,
      [
        [
          'whole numbers may be classes or amounts: the wizard asks, and the form has a field',
          async () => {
            await window.command('Graft: New Feature-Extraction Script');
            await window.pick('A CSV or IDX File…');
            await window.chooseFile('CSV or IDX File of Labelled Pictures', table);
            await list().locator('.monaco-list-row').filter({ hasText: 'The number itself is learnt' }).waitFor();
            await window.screenshot('task');
            await window.pick('The number itself is learnt');
            await window.pick('sapling');
            await list().getByText('Where to write').first().waitFor();
            await window.type(script);
            await window.lens('Train').waitFor();
            assert.match(readFileSync(path.join(workspace, script), 'utf8'), /ridgeRegression\(features/);
            await window.command('Graft: Open Training Panel');
            await panel().locator('vscode-button').filter({ hasText: 'New Training' }).first().click();
            await panel().locator('vscode-text-field[aria-label="Data"] input').fill('circles.csv');
            const task = panel().getByLabel('Labels', { exact: true });
            await task.selectOption('regression');
            await panel().locator('.preview code').filter({ hasText: "task: 'regression'" }).waitFor();
            await inEachTheme('form');
          },
        ],
        [
          'trains, and shows true against predicted, and the largest errors',
          async () => {
            await window.tab(script).click();
            await window.lens('Train').click();
            await panel().locator('.status.done').waitFor({ timeout: 180_000 });
            const { perNumber, mistakes } = report();
            const [{ truths, r2 }] = perNumber;
            assert.ok(r2 > 0.5, `R² is ${r2}.`);
            await panel().locator('.scatter circle').first().waitFor();
            assert.equal(await panel().locator('.scatter circle').count(), truths.length);
            await panel().getByText('True against predicted').scrollIntoViewIfNeeded();
            await inEachTheme('scatter');
            const card = panel().locator('.gallery .card').first();
            await card.scrollIntoViewIfNeeded();
            await card.locator('img').waitFor();
            assert.ok((await card.innerText()).includes(`true: ${mistakes[0].actual}`), await card.innerText());
            await inEachTheme('errors');
            // What a webview loads by itself, and does not get before it is hidden, keeps the next one blank for half a minute.
            const loaded = await panel()
              .locator('body')
              .evaluate(() => performance.getEntriesByType('resource').map((entry) => entry.name));
            assert.deepEqual(
              loaded.filter((address) => !address.startsWith('data:')),
              [],
            );
            await card.click();
            await window.tab(path.basename(mistakes[0].file)).waitFor();
            await window.tab(path.basename(mistakes[0].file)).locator('.codicon-close').click();
          },
        ],
        [
          'says a number of a picture',
          async () => {
            await withModel('Graft: Try Model');
            await panel().getByText('Choose Pictures…').click();
            const [file, radius] = [...radii].at(-1);
            await window.chooseFile('Pictures to Try', path.join(workspace, file));
            const tried = panel().locator('.try').first();
            await tried.locator('img').waitFor();
            const [, said] = /radius ([\d.]+)/.exec(await tried.innerText()) ?? [];
            assert.ok(Math.abs(Number(said) - radius) < 12, `${said} for ${radius}`);
            await inEachTheme('tried');
          },
        ],
        [
          'is evaluated on the table, and says what it has seen',
          async () => {
            await withModel('Graft: Evaluate Model');
            await window.pick('A CSV or IDX File…');
            await window.chooseFile('CSV or IDX File of Labelled Pictures', table);
            await window.tab('Evaluation of').waitFor();
            const frame = page.frameLocator('iframe.webview:visible').frameLocator('iframe#active-frame');
            await frame.locator('h1').filter({ hasText: 'on circles.csv' }).waitFor();
            assert.match(await frame.locator('body').innerText(), /MAE [\d.]+.*RMSE [\d.]+.*R² 0\.\d+.* pictures\./s);
            await inEachTheme('evaluated');
          },
        ],
        [
          'is exported, its output the number',
          async () => {
            const out = path.join(workspace, 'circles.onnx');
            await withModel('Graft: Export Model');
            await window.pick('ONNX');
            await window.chooseFile('Export Model', out);
            await window.notification('Wrote circles.onnx. Loaded again, its numbers differ').waitFor();
            assert.ok(existsSync(out));
            await window.clearNotifications();
            await window.openFile(out);
            const frame = page.frameLocator('iframe.webview:visible').frameLocator('iframe#active-frame');
            await frame.locator('.classes li').waitFor();
            assert.match(await frame.locator('details').innerText(), /^Numbers\s+radius$/);
            await inEachTheme('onnx');
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

/** Circles of every colour, anywhere: what is learnt is how large they are. Each file, and its radius in pixels. */
async function drawCircles(workspace, table) {
  const side = 128;
  mkdirSync(path.join(workspace, 'circles'));
  const radii = new Map();
  for (let i = 0; i < 120; i++) {
    const radius = 8 + ((i * 7) % 37);
    const [x, y] = [11, 29].map((step) => radius + ((i * step) % (side - 2 * radius)));
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}">
      <rect width="100%" height="100%" fill="hsl(${(i * 53) % 360} 30% 85%)"/>
      <circle cx="${x}" cy="${y}" r="${radius}" fill="hsl(${(i * 97) % 360} 60% 40%)"/></svg>`;
    const file = `circles/${String(i).padStart(3, '0')}.png`;
    await sharp(Buffer.from(svg)).png().toFile(path.join(workspace, file));
    radii.set(file, radius);
  }
  const lines = [...radii].map(([file, radius]) => `${file},${radius}`);
  writeFileSync(table, `file,radius\n${lines.join('\n')}\n`);
  return radii;
}
