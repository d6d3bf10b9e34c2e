import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { chromium, type Browser, type Page } from 'playwright-core';

import { panelHtml } from '../../../src/extension/panel/html.js';
import { PanelSession } from '../../../src/extension/panel/session.js';
import { fakeService, FakeEditor, FakeRuns, root } from './fake-host.js';
import { themes, themeStyle, type ThemeName } from './themes.js';

const executable = process.env['GRAFT_CHROMIUM'] ?? '/usr/bin/chromium';

/** Why the tests of this folder are skipped, or false. */
export const noChromium = existsSync(executable)
  ? false
  : `no Chromium at ${executable}: install one, or set GRAFT_CHROMIUM`;

export async function launch(): Promise<Browser> {
  return await chromium.launch({ executablePath: executable, args: ['--no-sandbox'] });
}

/** How wide the panel is in pixels, how far the window is zoomed in, and what language it speaks. */
export interface Shape {
  readonly width?: number;
  readonly scale?: number;
  readonly language?: string;
  /** So many requests for the panel's own files are refused at first. */
  readonly refused?: number;
}

export interface PanelPage {
  readonly page: Page;
  readonly session: PanelSession;
  /** Errors of the page: policy violations and exceptions. */
  readonly errors: string[];
}

/** The real webview and the real host side of it, in plain Chromium; only the editor around them is ours. */
export async function openPanel(
  browser: Browser,
  parts: {
    readonly runs: FakeRuns;
    readonly editor: FakeEditor;
    readonly theme?: ThemeName;
    readonly state?: unknown;
    readonly shape?: Shape;
  },
): Promise<PanelPage> {
  const { width = 1280, scale = 1, language = 'en' } = parts.shape ?? {};
  const page = await browser.newPage({
    viewport: { width: Math.round(width / scale), height: Math.round(900 / scale) },
    deviceScaleFactor: scale,
  });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  const session = new PanelSession({
    runs: parts.runs,
    service: fakeService,
    editor: parts.editor,
    train: (script) => {
      parts.runs.asked.push(`train ${script}`);
      return Promise.resolve(parts.runs.runs[0]?.id);
    },
    post: (message) => {
      page
        .evaluate((data) => {
          window.postMessage(data, '*');
        }, message)
        .catch(() => undefined);
    },
    log: (message) => errors.push(message),
    onShown: () => undefined,
    did: () => undefined,
  });
  await page.exposeFunction('postToHost', (message: unknown) => session.receive(message));
  const theme = parts.theme ?? 'dark';
  const setup = `
    let state = JSON.parse(sessionStorage.getItem('state') ?? 'null') ?? ${JSON.stringify(parts.state ?? null)} ?? undefined;
    window.acquireVsCodeApi = () => ({
      postMessage: (message) => void window.postToHost(message),
      getState: () => state,
      setState: (next) => { state = next; sessionStorage.setItem('state', JSON.stringify(next)); },
    });
    addEventListener('DOMContentLoaded', () => {
      document.documentElement.style.cssText = ${JSON.stringify(themeStyle(theme))};
      document.body.className = ${JSON.stringify(themes[theme].class)};
    });`;
  await page.addInitScript(setup);
  const html = panelHtml({
    nonce: 'test',
    source: 'https://panel.test',
    script: 'https://panel.test/panel.js',
    style: 'https://panel.test/panel.css',
    language,
    title: 'Graft Training',
    texts: parts.editor.texts,
  });
  let { refused = 0 } = parts.shape ?? {};
  await page.route('https://panel.test/**', async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/') await route.fulfill({ contentType: 'text/html', body: html });
    else if (pathname.startsWith('/image/')) await route.fulfill({ path: decodeURI(pathname.slice('/image'.length)) });
    else if (refused-- > 0) await route.abort();
    else
      await route.fulfill({
        contentType: pathname.endsWith('.css') ? 'text/css' : 'text/javascript',
        body: await readFile(path.join(root, 'dist/webview', path.basename(pathname))),
      });
  });
  await page.goto('https://panel.test/');
  return { page, session, errors };
}
