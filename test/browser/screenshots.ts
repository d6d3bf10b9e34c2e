/** Pictures of every state, or those named, in every theme: node tools/screenshots.mjs FOLDER [STATE…] */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { launch } from './support/panel-page.js';
import { showState, stateNames } from './support/states.js';
import { themes, type ThemeName } from './support/themes.js';

const folder = process.argv[2] ?? 'screenshots';
await mkdir(folder, { recursive: true });
const browser = await launch();
const only = process.argv.slice(3);
for (const theme of Object.keys(themes) as ThemeName[]) {
  for (const state of stateNames.filter((name) => only.length === 0 || only.includes(name))) {
    const { page, session, errors } = await showState(browser, state, theme);
    await page.screenshot({ path: path.join(folder, `${state}-${theme}.png`), fullPage: true });
    if (errors.length > 0) console.error(state, theme, errors);
    session.dispose();
    await page.close();
  }
}
await browser.close();
console.log(`Pictures are in ${folder}.`);
