// Makes the pictures of the walkthrough and the README from a real window: node tools/pictures.mjs (npm run build and npm run
// types first). It opens the sample in VS Code's server, asks for a script, shows a run and its report, tries a
// model, trains, and takes each picture of the walkthrough in each kind of theme.
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import sharp from 'sharp';

import { startBrowser, startServer, unavailable, windowAddress } from '../test/e2e/harness.mjs';
import { kill, runOf } from '../test/e2e/runs.mjs';
import { Window } from '../test/e2e/window.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
/** A theme of each kind, and the class that the window then has. */
const themes = {
  dark: ['Default Dark Modern', 'vs-dark'],
  light: ['Default Light Modern', 'vs'],
  hc: ['Default High Contrast', 'hc-black'],
  'hc-light': ['Default High Contrast Light', 'hc-light'],
};
const settings = {
  'editor.minimap.enabled': false,
  'editor.fontSize': 13,
  'breadcrumbs.enabled': false,
  'workbench.layoutControl.enabled': false,
  'window.commandCenter': false,
  'workbench.hover.delay': 60_000,
  'explorer.autoReveal': false,
  'files.exclude': { '.vscode': true, '.graft': true },
};

const problem = unavailable();
if (problem !== undefined) throw new Error(problem);
const parent = await mkdtemp(path.join(tmpdir(), 'graft-pictures-'));
const workspace = path.join(parent, 'graft-sample');
await mkdir(path.join(workspace, 'sample'), { recursive: true });
await cp('sample/garden', path.join(workspace, 'sample/garden'), { recursive: true });
await addRuns();
const server = await startServer({ settings });
const browser = await startBrowser();
const page = await browser.newPage({ viewport: { width: 960, height: 640 } });
const window = new Window(page, 'pictures');
page.setDefaultTimeout(180_000);
const { panel } = window;
try {
  await page.goto(windowAddress(server, { workspace, extension: root }));
  await window.ready();

  await takeReport();
  await showFolders();
  await inThemes('start');

  await window.command('Graft: New Fine-Tuning Script');
  await page.locator('.quick-input-widget:visible').getByText('4 classes, 192 pictures').waitFor();
  await inThemes('script');
  await page.keyboard.press('Escape');

  await page.locator('.activitybar [aria-label*="Graft"]').first().click();
  await page.locator('.monaco-list-row').filter({ hasText: 'train-fine-tune.ts' }).first().click();
  await panel.locator('.status.done').waitFor();
  await page.setViewportSize({ width: 1400, height: 1000 });
  await panel.locator('.chart canvas').first().waitFor();
  await setTheme('dark');
  await take('media/panel.png', 128);
  await page.setViewportSize({ width: 960, height: 640 });
  await page.keyboard.press('Control+B');
  await inThemes('look');

  await window.command('Graft: Try Model');
  await window.pick('train-feature-extraction.ts');
  for (const name of ['mushroom/mushroom-05.jpg', 'beetle/beetle-10.jpg', 'leaf/leaf-03.jpg']) {
    await panel.getByText('Choose Pictures…').click();
    await window.chooseFile('Pictures to Try', path.join(workspace, 'sample/garden', name));
    await panel
      .locator('.try')
      .filter({ hasText: path.basename(name) })
      .waitFor();
  }
  await inThemes('use');

  await trainLong();
  await inThemes('train');
  kill(runOf(workspace, 'train-fine-tune.ts'));
} catch (error) {
  await page.screenshot({ path: '/tmp/graft-pictures-failed.png' });
  throw error;
} finally {
  await browser.close();
  await server.stop();
  await rm(parent, { recursive: true, force: true });
}

/** The sample's folders, opened, and one of its pictures. */
async function showFolders() {
  const row = (name) => page.locator('.explorer-folders-view .monaco-list-row').filter({ hasText: name }).first();
  await row('sample').click();
  await row('leaf').waitFor();
  await row('leaf').click();
  await row('leaf-03.jpg').dblclick();
  await window.tab('leaf-03.jpg').waitFor();
  await row('leaf').click();
}

/** Both techniques, trained on the sample. */
async function addRuns() {
  for (const script of ['train-feature-extraction.ts', 'train-fine-tune.ts']) {
    const template = await readFile(`templates/image/${script.replace('train-', '')}`, 'utf8');
    // Without the marks of its slots.
    await writeFile(path.join(workspace, script), template.replaceAll(/\/\*\w*\*\//g, ''));
    const { status, stderr } = spawnSync(process.execPath, [path.join(root, 'dist/cli.js'), 'train', script], {
      cwd: workspace,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`The sample cannot be trained on: ${stderr}`);
  }
}

/** A training that is still going on when its picture is taken. */
async function trainLong() {
  const script = path.join(workspace, 'train-fine-tune.ts');
  const text = await readFile(script, 'utf8');
  await writeFile(script, text.replace(/ epochs: \d+/, ' epochs: 500').replace(/ *earlyStopping: .*\n/, ''));
  await window.openFile(script);
  await window.lens('▶ Train').click();
  await panel.locator('.status.running').waitFor();
  await window.tab('train-fine-tune.ts').click();
  await window.lens('epoch').waitFor();
}

async function inThemes(name) {
  await mkdir('media/walkthrough', { recursive: true });
  for (const theme of Object.keys(themes)) {
    await setTheme(theme);
    await take(`media/walkthrough/${name}-${theme}.png`, 64);
  }
}

/** The editor watches the settings of the workspace. */
async function setTheme(theme) {
  await mkdir(path.join(workspace, '.vscode'), { recursive: true });
  const file = path.join(workspace, '.vscode/settings.json');
  const [name, kind] = themes[theme];
  await writeFile(file, JSON.stringify({ 'workbench.colorTheme': name }));
  await page.locator(`.monaco-workbench.${kind}`).first().waitFor();
  // Charts and matrices draw themselves anew a moment later.
  await page.waitForTimeout(1_500);
}

/** The report of the fine-tuning, as its file opens. */
async function takeReport() {
  const file = path.join(parent, 'report.html');
  const words = ['report', path.basename(runOf(workspace, 'train-fine-tune.ts')), '--html', file];
  const { status, stderr } = spawnSync(process.execPath, [path.join(root, 'dist/cli.js'), ...words], {
    cwd: workspace,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`There is no report: ${stderr}`);
  const sheet = await browser.newPage({ viewport: { width: 1180, height: 1010 } });
  await sheet.goto(pathToFileURL(file).href);
  await take('media/report.png', 64, sheet);
  await sheet.close();
}

async function take(file, colours, of = page) {
  const small = await sharp(await of.screenshot())
    .png({ palette: true, colours, effort: 10 })
    .toBuffer();
  await writeFile(file, small);
  console.log(`${file}, ${Math.round(small.length / 1024)} KB`);
}
