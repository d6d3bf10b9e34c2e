// What a user does in a window of VS Code, in words.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { until, windowAddress } from './harness.mjs';

const second = 1_000;

export class Window {
  #shots = 0;

  constructor(page, name) {
    this.page = page;
    this.name = name;
    page.setDefaultTimeout(60 * second);
  }

  static async open(server, browser, name, options) {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const window = new Window(page, name);
    await page.goto(windowAddress(server, options));
    await window.ready();
    return window;
  }

  async ready() {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor();
    // The file service of the remote side is there when the first status entries are.
    await this.page.locator('.statusbar-item').first().waitFor();
  }

  /** Chooses a command in the palette, which offers only what the editor has read so far. */
  async command(title) {
    const row = this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: title }).first();
    const input = this.page.locator('.quick-input-widget:visible input[type="text"]').first();
    await this.until(`the command ${title}`, async () => {
      // Keys pressed inside a preview or panel may not reach the window.
      const tab = this.page.locator('.part.editor .tab.active').last();
      if (await tab.isVisible()) await tab.click({ timeout: second }).catch(() => undefined);
      await this.page.keyboard.press('Escape');
      await this.page.keyboard.press('F1');
      return await input
        .fill(`>${title}`, { timeout: 3 * second })
        // The list closes when something else takes the focus: a panel that is being restored, for instance.
        .then(() => row.click({ timeout: 3 * second }))
        .then(
          () => true,
          () => false,
        );
    });
  }

  /** The rows of the quick pick whose title or placeholder is as given. */
  async pick(text) {
    const row = this.page.locator('.quick-input-widget:visible .monaco-list-row').filter({ hasText: text }).first();
    await row.click();
  }

  async type(text) {
    const input = this.page.locator('.quick-input-widget:visible input[type="text"]').first();
    await input.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Gives a file to the dialog of that title, which at first overwrites what is typed. */
  async chooseFile(title, file) {
    const dialog = this.page.locator('.quick-input-widget:visible').filter({ hasText: title });
    await dialog.locator('.monaco-list-row').first().waitFor();
    await this.until(`the dialog ${title} takes ${file}`, async () => {
      // The dialog completes what is typed, and takes no Enter while it looks the path up.
      await dialog.locator('input[type="text"]').first().fill('');
      await dialog.locator('input[type="text"]').first().fill(file);
      await this.page.waitForTimeout(700);
      await this.page.keyboard.press('Enter');
      return await dialog.waitFor({ state: 'hidden', timeout: 3 * second }).then(
        () => true,
        () => false,
      );
    });
  }

  async accept() {
    await this.page.keyboard.press('Enter');
  }

  /** The lens whose title contains the words. */
  lens(words) {
    return this.page.locator('.codelens-decoration a').filter({ hasText: words }).first();
  }

  tab(name) {
    return this.page.locator('.tabs-container .tab').filter({ hasText: name }).first();
  }

  /** Opens a file by its whole path: VS Code's server finds none by name without ripgrep, which npm would download. */
  async openFile(file) {
    const name = path.basename(file);
    const input = this.page.locator('.quick-input-widget:visible input[type="text"]').first();
    const row = this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: name }).first();
    await this.until(`the file ${name}`, async () => {
      await this.page.keyboard.press('Escape');
      await this.page.keyboard.press('Control+P');
      return await input
        .fill(file, { timeout: 3 * second })
        .then(() => row.click({ timeout: 3 * second }))
        .then(
          () => true,
          () => false,
        );
    });
    await this.tab(name).waitFor();
  }

  /** The training panel's document. */
  get panel() {
    return this.webview('graft.graft');
  }

  /** What an extension shows in a frame of its own. */
  webview(extension) {
    return this.page
      .frameLocator(`iframe.webview[src*="extensionId=${extension}"]:visible`)
      .frameLocator('iframe#active-frame');
  }

  notification(words) {
    return this.page.locator('.notification-list-item').filter({ hasText: words }).first();
  }

  /** So that what was said before is not taken for what is said next. */
  async clearNotifications() {
    await this.command('Notifications: Clear All Notifications');
    await this.page.locator('.notification-list-item').first().waitFor({ state: 'detached' });
  }

  async screenshot(name) {
    const folder = path.resolve('dist/screenshots');
    await mkdir(folder, { recursive: true });
    const number = String(++this.#shots).padStart(2, '0');
    await this.page.screenshot({ path: path.join(folder, `${this.name}-${number}-${name}.png`) });
  }

  /** As somebody does it: the editor writes down its state before. */
  async reload() {
    const loaded = this.page.waitForEvent('load', { timeout: 60 * second });
    await this.command('Developer: Reload Window');
    await loaded;
    await this.ready();
  }

  /** In a browser the editor writes down its state every five seconds while it has the focus, and not when it is closed. */
  async remembered() {
    await this.page.bringToFront();
    await this.page.waitForTimeout(12 * second);
  }

  async until(what, condition, seconds = 120) {
    return await until(condition, seconds * second, () => what);
  }

  async close() {
    await this.page.close();
  }
}

/**
 * Runs named steps one after the other: where one fails, those after it depend on it and are not tried. A step may come with the
 * reason why this machine cannot try it.
 */
export async function runSteps(window, steps) {
  let [passed, skipped] = [0, 0];
  for (const [title, step, problem] of steps) {
    if (problem !== undefined) {
      skipped++;
      console.log(`  ﹣ ${title}: skipped: ${problem}`);
      continue;
    }
    const started = Date.now();
    try {
      await step();
      passed++;
      console.log(`  ✔ ${title} (${Date.now() - started} ms)`);
    } catch (error) {
      await window()
        .screenshot('failed')
        .catch(() => undefined);
      console.log(`  ✖ ${title}\n${error.stack}`);
      const left = steps.length - passed - skipped - 1;
      if (left > 0) console.log(`  ﹣ ${left} steps after it were not tried`);
      return { passed, failed: 1, skipped: skipped + left };
    }
  }
  return { passed, failed: 0, skipped };
}
