import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import type { Browser } from 'playwright-core';

import { modelHtml } from '../../src/extension/model-html.js';
import { axeIssues } from './support/axe.js';
import { launch, noChromium } from './support/panel-page.js';
import { themes, themeStyle, type ThemeName } from './support/themes.js';

const layer = (name: string, trainable: boolean) => ({
  ...{ name, type: 'Conv2D', outputShape: [null, 8, 8, 16], parameters: 216, trainable },
});
const html = modelHtml({
  nonce: 'test',
  name: 'tiny.h5',
  model: {
    ...{ file: 'tiny.h5', format: 'Keras HDF5', parameters: 432, facts: { Keras: '2.15' } },
    classes: ['beetle', 'leaf & <b>stem</b>'],
    layers: [layer('conv', false), layer('conv_2', true)],
  },
  links: ['▶ Fine-Tune', 'Extract Features'].map((title, i) => ({ title, href: `command:graft.action${i}` })),
  note: 'The weights are not those of the picture.',
});

describe('the page of a model file in a browser', { skip: noChromium }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(async () => {
    await browser.close();
  });

  for (const theme of Object.keys(themes) as ThemeName[]) {
    test(`no serious accessibility issue, actions by keyboard with a visible focus: ${theme}`, async () => {
      const page = await browser.newPage({ bypassCSP: true });
      await page.setContent(html);
      await page.evaluate(
        ([style, name]) => {
          document.documentElement.style.cssText = style;
          document.body.className = name;
          document.body.style.background = 'var(--vscode-editor-background)';
        },
        [themeStyle(theme), themes[theme].class] as const,
      );
      assert.deepEqual(await axeIssues(page), []);
      assert.deepEqual(await page.locator('.classes li').allInnerTexts(), ['beetle', 'leaf & <b>stem</b>']);
      const reached: string[] = [];
      for (let i = 0; i < 2; i++) {
        await page.keyboard.press('Tab');
        const { text, outline } = await page.evaluate(() => {
          const focused = document.activeElement;
          if (focused === null) throw new Error('Nothing has the focus.');
          return { text: focused.textContent, outline: getComputedStyle(focused).outlineStyle };
        });
        assert.equal(outline, 'solid');
        reached.push(text);
      }
      assert.deepEqual(reached, ['▶ Fine-Tune', 'Extract Features']);
      // A link is pressed with Enter; Space, which a button answers to, needs a script.
      assert.equal(await page.locator('[role=button]').count(), 0);
      await page.close();
    });
  }
});
