import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import type { Browser } from 'playwright-core';

import { axeIssues } from './support/axe.js';
import { launch, noChromium } from './support/panel-page.js';
import { showState, textStateNames, typeOne, type Shown, type StateName } from './support/states.js';
import { themes, type ThemeName } from './support/themes.js';

if (noChromium !== false) console.log(`  Browser tests of texts are skipped: ${noChromium}.`);

describe('the training panel with texts', { skip: noChromium }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(async () => {
    await browser.close();
  });

  const show = async (state: StateName, work: (shown: Shown) => Promise<void>, theme: ThemeName = 'dark') => {
    const shown = await showState(browser, state, theme);
    try {
      await work(shown);
      assert.deepEqual(shown.errors, []);
    } finally {
      shown.session.dispose();
      await shown.page.close();
    }
  };

  for (const theme of Object.keys(themes) as ThemeName[]) {
    for (const state of textStateNames) {
      test(`no serious accessibility issue: ${state}, ${theme}`, async () => {
        await show(
          state,
          async ({ page }) => {
            assert.deepEqual(await axeIssues(page), []);
          },
          theme,
        );
      });
    }
  }

  test('a run of texts says texts, and shows its mistakes as texts with their tokens', async () => {
    await show('texts', async ({ page, session, editor, runs, workspace }) => {
      const said = await page.locator('main').innerText();
      assert.doesNotMatch(said, /picture/i);
      assert.match(said, /4 classes, \d+ texts/);
      const card = page.locator('.card.text').first();
      assert.match(await card.innerText(), /Could you tell me whether the apple trees/);
      assert.deepEqual((await card.locator('.tokens > span').allInnerTexts()).slice(0, 3), ['could', 'you', 'tell']);
      const file = path.join(workspace, 'letters.csv');
      for (const there of [file, '/etc/passwd']) editor.files.set(there, '');
      await card.click();
      const id = runs.runs[0]?.id;
      await session.receive({ type: 'openText', id, file: '/etc/passwd#3' });
      await page.getByText('/etc/passwd cannot be opened on its own.').waitFor();
      assert.deepEqual(editor.asked, [`open ${file}, line 2, keep the focus`]);
    });
  });

  test('texts get the base for texts, and no field that is about pictures', async () => {
    await show('text-form', async ({ page }) => {
      const bases = page.getByLabel('Base', { exact: true });
      assert.equal(await bases.inputValue(), 'leaflet');
      assert.deepEqual(await bases.locator('option').allInnerTexts(), ['leaflet']);
      assert.match(await page.locator('.fields').innerText(), /4 classes, 280 texts/);
      // The toolkit's own labels are empty.
      const labels = (await page.locator('.fields .label').allInnerTexts()).filter((label) => label.trim() !== '');
      assert.deepEqual(labels, ['Technique', 'Data', 'Base', 'Script']);
      await page.locator('.preview code').filter({ hasText: "textTable('letters.csv'" }).waitFor();
      // Other data, other bases.
      await page.locator('vscode-text-field[aria-label="Data"] input').fill('data/garden');
      await page.getByText('4 classes, 192 pictures').waitFor();
      assert.equal(await bases.inputValue(), 'sapling');
      assert.deepEqual(await bases.locator('option').allInnerTexts(), ['sapling', 'ResNet50']);
    });
  });

  test('a text is typed and asked about from the keyboard; it stays, and a table is chosen', async () => {
    await show('try-text', async ({ page }) => {
      assert.equal(await page.locator('.drop').count(), 0);
      const first = page.locator('.try').first();
      assert.equal(await first.getAttribute('aria-label'), 'question, 81.0 %');
      assert.match(await first.innerText(), /When do you send the tulips\?/);
      assert.deepEqual((await first.locator('.tokens > span').allInnerTexts()).slice(0, 2), ['when', 'do']);
      assert.match(await page.locator('textarea').inputValue(), /^When do you send/);
      await typeOne(page, 'Second');
      await page.waitForFunction(() => document.querySelectorAll('.try').length === 2);
      await page.locator('textarea').fill('  ');
      await page.locator('textarea').press('Control+Enter');
      await page.getByText('Choose a Text File or Table…').click();
      await page.waitForFunction(() => document.querySelectorAll('.try').length === 3);
      assert.match(await page.locator('.try').first().innerText(), /letters\.csv#2/);
    });
  });
});
