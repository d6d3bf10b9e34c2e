/** Pictures of every state, or those named, in every theme, narrow, zoomed in and with long words: node tools/screenshots.mjs FOLDER [STATE…] */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import type { Bundle } from '../../src/words/index.js';
import { longBundle } from '../support/pseudo.js';
import { root } from './support/fake-host.js';
import { launch, type Shape } from './support/panel-page.js';
import { showState, stateNames } from './support/states.js';
import { themes, type ThemeName } from './support/themes.js';

const folder = process.argv[2] ?? 'screenshots';
await mkdir(folder, { recursive: true });
const browser = await launch();
const only = process.argv.slice(3);
const chosen = stateNames.filter((name) => only.length === 0 || only.includes(name));
for (const theme of Object.keys(themes) as ThemeName[]) {
  for (const state of chosen) {
    const { page, session, errors } = await showState(browser, state, theme);
    await page.screenshot({ path: path.join(folder, `${state}-${theme}.png`), fullPage: true });
    if (errors.length > 0) console.error(state, theme, errors);
    session.dispose();
    await page.close();
  }
}
const shapes: Record<string, readonly [Shape, Bundle | undefined]> = {
  narrow: [{ width: 300 }, undefined],
  600: [{ width: 600 }, undefined],
  1050: [{ width: 1050 }, undefined],
  1400: [{ width: 1400 }, undefined],
  zoomed: [{ scale: 2 }, undefined],
  long: [{ language: 'de' }, longBundle(root)],
  'narrow-long': [{ width: 300, language: 'de' }, longBundle(root)],
};
for (const [name, [shape, texts]] of Object.entries(shapes)) {
  for (const state of chosen) {
    const { page, session } = await showState(browser, state, 'dark', texts, shape);
    await page.screenshot({ path: path.join(folder, `${state}-${name}.png`), fullPage: true });
    session.dispose();
    await page.close();
  }
}
await browser.close();
console.log(`Pictures are in ${folder}.`);
