// The extension in a language that does not exist: an untranslated text is seen at once, as it has no brackets.
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { makeWorkspace } from './host-build.mjs';
import { startServer, windowAddress } from './harness.mjs';
import { addRecordedRun } from './runs.mjs';
import { runSteps, Window } from './window.mjs';

const language = 'qps-ploc';
const unneeded = /^dist.(test|e2e|types|package|library|screenshots)\b/;

export async function runLanguage(browser) {
  const server = await startServer();
  const { workspace, remove } = await makeWorkspace();
  const extension = await translatedExtension();
  await addRecordedRun(workspace, path.join(workspace, 'data/garden'));
  await cp('templates/image/fine-tune.ts', path.join(workspace, 'train-fine-tune.ts'));
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  // What an installed language pack would set; the editor's own English texts, loaded later, may not set it back.
  await page.addInitScript(
    (value) => Object.defineProperty(globalThis, '_VSCODE_NLS_LANGUAGE', { get: () => value, set: () => undefined }),
    language,
  );
  const window = new Window(page, 'language');
  try {
    await page.goto(windowAddress(server, { workspace, extension }));
    await window.ready();
    return await runSteps(
      () => window,
      [
        [
          'translates the lenses',
          async () => {
            await window.openFile(path.join(workspace, 'train-fine-tune.ts'));
            await window.lens('⟦▶ Train⟧').waitFor();
            await window.lens('⟦Debug⟧').waitFor();
          },
        ],
        [
          'translates the tree, its title and its descriptions',
          async () => {
            await page.locator('.activitybar [aria-label*="Graft"]').first().click();
            const row = page.locator('.monaco-list-row').filter({ hasText: 'train-fine-tune.ts' });
            await row.filter({ hasText: '95.0 %' }).waitFor();
            assert.match((await row.first().getAttribute('aria-label')) ?? '', /⟦Done⟧/);
            await page.locator('.sidebar .title-label').filter({ hasText: '⟦Graft⟧: ⟦Runs⟧' }).waitFor();
          },
        ],
        [
          'translates the panel',
          async () => {
            await window.command('Graft: ⟦Open Training Panel⟧');
            await window.tab('⟦Graft Training⟧').waitFor();
            await window.panel.getByText('⟦Confusion matrix⟧').waitFor();
            assert.equal(await window.panel.locator('.status').innerText(), '⟦Done⟧');
            assert.equal(await window.panel.locator('html').getAttribute('lang'), language);
            await window.screenshot('panel');
          },
        ],
      ],
    );
  } finally {
    await page.close();
    await server.stop();
    await remove();
    await rm(extension, { recursive: true, force: true });
  }
}

/** This extension with one more language. */
async function translatedExtension() {
  const folder = await mkdtemp(path.join(tmpdir(), 'graft-language-'));
  for (const name of await readdir('.'))
    if (!['l10n', 'dist', '.git', '.graft'].includes(name)) await symlink(path.resolve(name), path.join(folder, name));
  // The editor knows an extension by where its code is: behind a link it would be nobody's.
  await cp('dist', path.join(folder, 'dist'), { recursive: true, filter: (file) => !unneeded.test(file) });
  await mkdir(path.join(folder, 'l10n'));
  await translate('l10n/bundle.l10n.json', path.join(folder, `l10n/bundle.l10n.${language}.json`));
  await translate('package.nls.json', path.join(folder, `package.nls.${language}.json`));
  return folder;
}

async function translate(from, to) {
  const texts = Object.entries(JSON.parse(await readFile(from, 'utf8')));
  await writeFile(to, JSON.stringify(Object.fromEntries(texts.map(([key, text]) => [key, `⟦${text}⟧`]))));
}
