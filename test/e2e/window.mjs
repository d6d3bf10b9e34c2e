// What a user does in a window of VS Code, in words.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { until, windowAddress } from './harness.mjs';
import { longest, noteWaits, seconds, timeStep, timeWait } from './timings.mjs';

const second = 1_000;

export class Window {
  #shots = 0;
  #errors = [];

  constructor(page, name) {
    this.page = page;
    this.name = name;
    page.setDefaultTimeout(60 * second);
    noteWaits(page);
    // Of the editor and of what is in its frames: said where a step fails.
    page.on('pageerror', (error) => this.#errors.push(error.stack ?? error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.#errors.push(message.text());
    });
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
    // What extensions add comes later than what the editor has: a palette that is opened before does not hold their commands.
    await this.page.locator('.activitybar .action-label[aria-label*="Graft"]').first().waitFor();
  }

  /** Chooses a command in the palette, which offers only what the editor has read so far. */
  async command(title) {
    await this.#choose(`the command ${title}`, `>${title}`, title);
  }

  /**
   * Types into the command center and chooses a row. With the mouse: keys pressed in a preview or panel may not reach the window,
   * and a click on its tab gives it the focus a moment later, which closes the list.
   */
  async #choose(what, text, words) {
    const { page } = this;
    const input = page.locator('.quick-input-widget:visible input[type="text"]').first();
    const row = page.locator('.quick-input-list:visible .monaco-list-row').filter({ hasText: words }).first();
    const center = page.locator('.command-center-center');
    await this.until(what, async () => {
      let click;
      try {
        // A list that is open already holds what the editor had read when it was opened.
        if (await input.isVisible()) await page.keyboard.press('Escape');
        await input.waitFor({ state: 'hidden', timeout: 5 * second });
        if (await center.isVisible()) await center.click({ timeout: 5 * second });
        else await page.keyboard.press('F1');
        await input.fill(text, { timeout: 5 * second });
        // The list closes when something else takes the focus: a panel that is being restored, for instance.
        const closed = input.waitFor({ state: 'hidden', timeout: 10 * second }).then(() => false);
        const listed = row.waitFor({ timeout: 10 * second }).then(() => true);
        if (!(await Promise.race([closed, listed].map((found) => found.catch(() => false))))) return false;
        click = await row.evaluateHandle(noteClick, undefined, { timeout: 5 * second });
        await row.click({ timeout: 5 * second });
        return true;
      } catch {
        // A busy window may carry a click out and answer too late: what was chosen is not chosen again.
        return (await click?.evaluate(({ came }) => came).catch(() => false)) ?? false;
      }
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
    const input = dialog.locator('input[type="text"]').first();
    await this.until(`the dialog ${title} takes ${file}`, async () => {
      if (!(await dialog.isVisible())) return true;
      // It takes no Enter while it looks the path up, and begins anew where the path is typed once more.
      if ((await input.inputValue()) !== file) await input.fill(file);
      await this.page.waitForTimeout(700);
      if ((await input.inputValue()) !== file) return false;
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
    const front = this.page.locator('.tabs-container .tab.active').filter({ hasText: name }).first();
    // Its tab may have been there before, behind a panel that takes the focus, and the list with it, a moment after it is shown.
    await this.until(`${name} in front`, async () => {
      await this.#choose(`the file ${name}`, file, name);
      return await front.waitFor({ timeout: 10 * second }).then(
        () => true,
        () => false,
      );
    });
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

  /** A webview takes the focus a moment after it is shown, which closes menus and lists that were opened before. */
  async panelHasFocus() {
    await this.page.waitForFunction(() => document.activeElement?.matches('iframe.webview[src*="graft.graft"]'));
  }

  async webviewsAreHidden() {
    const shown = this.page.locator('iframe.webview:visible');
    await this.until('no webview', async () => (await shown.count()) === 0);
  }

  notification(words) {
    return this.page.locator('.notification-list-item').filter({ hasText: words }).first();
  }

  /** So that what was said before is not taken for what is said next; what comes while it is cleared is cleared too. */
  async clearNotifications() {
    const said = this.page.locator('.notification-list-item');
    await this.until('no notification', async () => {
      if ((await said.count()) === 0) return true;
      await this.command('Notifications: Clear All Notifications');
      return (await said.count()) === 0;
    });
  }

  /** The last errors of the page. */
  get errors() {
    return this.#errors.slice(-5).map((text) => text.slice(0, 600));
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

  async until(what, condition, limit = 120) {
    return await timeWait(what, () => until(condition, limit * second, () => what));
  }

  async close() {
    await this.page.close();
  }
}

/** Runs in the page: whether this element has been clicked, from now on. */
function noteClick(element) {
  const click = { came: false };
  element.addEventListener('click', () => (click.came = true), { capture: true });
  return click;
}

/**
 * Runs named steps one after the other: where one fails, those after it depend on it and are not tried. A step may come with the
 * reason why this machine cannot try it.
 */
export async function runSteps(window, steps) {
  let skipped = 0;
  const done = [];
  for (const [title, step, problem] of steps) {
    if (problem !== undefined) {
      skipped++;
      console.log(`  ﹣ ${title}: skipped: ${problem}`);
      continue;
    }
    const started = Date.now();
    const waits = [];
    try {
      await timeStep(waits, step);
      const ms = Date.now() - started;
      done.push({ title, ms, waits: longest(waits) });
      console.log(`  ✔ ${title} (${ms} ms)`);
    } catch (error) {
      await window()
        .screenshot('failed')
        .catch(() => undefined);
      console.log(`  ✖ ${title} (${Date.now() - started} ms)\n${error.stack}`);
      for (const { what, ms } of longest(waits)) console.log(`      ${seconds(ms)} s  ${what}`);
      for (const text of window().errors) console.log(`      the page said: ${text}`);
      const left = steps.length - done.length - skipped - 1;
      if (left > 0) console.log(`  ﹣ ${left} steps after it were not tried`);
      return { passed: done.length, failed: 1, skipped: skipped + left, steps: done };
    }
  }
  return { passed: done.length, failed: 0, skipped, steps: done };
}
