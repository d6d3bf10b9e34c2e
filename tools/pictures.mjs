// Makes the pictures of the walkthrough and the README from a real window: node tools/pictures.mjs (npm run build and npm run
// types first). It opens the sample in VS Code's server, writes a script, trains, tries the model, and takes each picture in
// each kind of theme.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import sharp from 'sharp';

import { startBrowser, startServer, unavailable, windowAddress } from '../test/e2e/harness.mjs';
import { Window } from '../test/e2e/window.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
const themes = {
  dark: 'Default Dark Modern',
  light: 'Default Light Modern',
  hc: 'Default High Contrast',
  'hc-light': 'Default High Contrast Light',
};
const settings = {
  'editor.minimap.enabled': false,
  'editor.fontSize': 13,
  'breadcrumbs.enabled': false,
  'workbench.layoutControl.enabled': false,
  'window.commandCenter': false,
  'notifications.doNotDisturbMode': true,
};

const problem = unavailable();
if (problem !== undefined) throw new Error(problem);
const parent = await mkdtemp(path.join(tmpdir(), 'graft-pictures-'));
const workspace = path.join(parent, 'graft-sample');
await mkdir(path.join(workspace, 'sample'), { recursive: true });
await cp('sample/garden', path.join(workspace, 'sample/garden'), { recursive: true });
const server = await startServer({ settings });
const browser = await startBrowser();
const page = await browser.newPage({ viewport: { width: 960, height: 640 } });
const window = new Window(page, 'pictures');
const { panel } = window;
try {
  await page.goto(windowAddress(server, { workspace, extension: root }));
  await window.ready();

  await showFolders();
  await inThemes('start');

  await window.command('Graft: New Fine-Tuning Script');
  await page.locator('.quick-input-widget:visible').getByText('4 classes, 192 pictures').waitFor();
  await inThemes('script');
  await window.pick('4 classes, 192 pictures');
  await window.pick('sapling');
  await page.getByPlaceholder('Freeze the base up to which layer?').waitFor();
  await window.accept();
  await page.locator('.quick-input-widget:visible').getByText('Where to write').first().waitFor();
  await window.type('garden.ts');
  await window.lens('▶ Train').waitFor();

  await page.keyboard.press('Control+B');
  await window.lens('▶ Train').click();
  await panel.locator('.status.done').waitFor({ timeout: 300_000 });
  await inThemes('look');
  await page.setViewportSize({ width: 1400, height: 1000 });
  await page.keyboard.press('Control+B');
  await page.locator('.activitybar [aria-label*="Graft"]').first().click();
  await page.waitForTimeout(2_000);
  await setTheme('dark');
  await take('media/panel.png', 128);
  await page.keyboard.press('Control+B');
  await page.setViewportSize({ width: 960, height: 640 });

  await panel.getByText('Try Model…').click();
  for (const name of ['mushroom/mushroom-05.jpg', 'beetle/beetle-10.jpg', 'shell/shell-44.jpg', 'leaf/leaf-03.jpg']) {
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
  if (!(await row('leaf').isVisible())) await row('garden').click();
  await row('leaf').click();
  await row('leaf-03.jpg').dblclick();
  await window.tab('leaf-03.jpg').waitFor();
}

/** A training that is still going on when its picture is taken. */
async function trainLong() {
  const script = path.join(workspace, 'garden.ts');
  const text = await readFile(script, 'utf8');
  await writeFile(script, text.replace(/ epochs: \d+/, ' epochs: 500').replace(/ *earlyStopping: .*\n/, ''));
  await window.tab('garden.ts').click();
  await window.lens('▶ Train').click();
  await panel.locator('.status.running').waitFor();
  await window.tab('garden.ts').click();
  await window.lens('epoch').waitFor();
  await page.locator('.view-line').first().click();
}

async function inThemes(name) {
  await mkdir('media/walkthrough', { recursive: true });
  for (const theme of Object.keys(themes)) {
    await setTheme(theme);
    await take(`media/walkthrough/${name}-${theme}.png`, 64);
  }
}

/** The editor watches the file of its settings. */
async function setTheme(theme) {
  const file = path.join(server.folder, 'profile/User/settings.json');
  const before = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...before, 'workbench.colorTheme': themes[theme] }));
  const [base, light] = [theme.startsWith('hc') ? 'hc' : 'vs', theme.endsWith('light') ? '-light' : '-black'];
  const kind = base === 'hc' ? `hc${light}` : theme === 'dark' ? 'vs-dark' : 'vs';
  await page.locator(`.monaco-workbench.${kind}`).first().waitFor();
  // Charts and matrices draw themselves anew a moment later.
  await page.waitForTimeout(1_500);
}

async function take(file, colours) {
  const { info } = await sharp(await page.screenshot())
    .png({ palette: true, colours, effort: 10 })
    .toBuffer({ resolveWithObject: true })
    .then(async ({ data, info }) => {
      await writeFile(file, data);
      return { info };
    });
  console.log(`${file} ${info.width} × ${info.height}, ${Math.round(info.size / 1024)} KB`);
}
