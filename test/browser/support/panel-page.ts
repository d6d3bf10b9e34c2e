import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { chromium, type Browser, type Page } from 'playwright-core';

import { panelHtml } from '../../../src/extension/panel/html.js';
import { PanelSession } from '../../../src/extension/panel/session.js';
import { fakeService, FakeEditor, FakeRuns, root } from './fake-host.js';
import { themes, themeStyle, type ThemeName } from './themes.js';

const address = 'https://panel.test/';
const executable = process.env['GRAFT_CHROMIUM'] ?? '/usr/bin/chromium';

/** Why the tests of this folder are skipped, or false. */
export const noChromium = existsSync(executable)
  ? false
  : `no Chromium at ${executable}: install one, or set GRAFT_CHROMIUM`;

export async function launch(): Promise<Browser> {
  return await chromium.launch({ executablePath: executable, args: ['--no-sandbox'] });
}

/** What the editor gives to every webview, in part. */
const editorStyle = `
  body { margin: 0; padding: 0 20px; }
  img { max-width: 100%; max-height: 100%; }
  a, a code { color: var(--vscode-textLink-foreground); }
  code { color: var(--vscode-textPreformat-foreground); background-color: var(--vscode-textPreformat-background); padding: 1px 3px; border-radius: 4px; }`;

/** How wide the panel is in pixels, how far the window is zoomed in, and what language it speaks. */
export interface Shape {
  readonly width?: number;
  readonly scale?: number;
  readonly language?: string;
  /** What the page says is lost, until `hear`. */
  readonly deaf?: boolean;
}

export interface PanelPage {
  readonly page: Page;
  readonly session: PanelSession;
  readonly hear: () => void;
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
  let { deaf = false } = parts.shape ?? {};
  await page.exposeFunction('postToHost', async (message: unknown) => {
    if (!deaf) await session.receive(message);
  });
  const theme = parts.theme ?? 'dark';
  const setup = `
    let state = JSON.parse(sessionStorage.getItem('state') ?? 'null') ?? ${JSON.stringify(parts.state ?? null)} ?? undefined;
    window.acquireVsCodeApi = () => ({
      postMessage: (message) => void window.postToHost(message),
      getState: () => state,
      setState: (next) => { state = next; sessionStorage.setItem('state', JSON.stringify(next)); },
    });
    addEventListener('DOMContentLoaded', () => {
      document.head.prepend(Object.assign(document.createElement('style'), { textContent: ${JSON.stringify(editorStyle)} }));
      document.documentElement.style.cssText = ${JSON.stringify(themeStyle(theme))};
      document.body.className = ${JSON.stringify(themes[theme].class)};
    });`;
  await page.addInitScript(setup);
  const html = panelHtml({
    nonce: 'test',
    script: await readFile(path.join(root, 'dist/webview/panel.js'), 'utf8'),
    style: await readFile(path.join(root, 'dist/webview/panel.css'), 'utf8'),
    language,
    title: 'Graft Training',
    loading: 'Loading…',
    texts: parts.editor.texts,
  });
  // The page is all that there is: where it asked for more, that would be one of its errors.
  await page.route('**/*', async (route) => {
    if (route.request().url() === address) await route.fulfill({ contentType: 'text/html', body: html });
    else await route.abort();
  });
  await page.goto(address);
  const hear = () => {
    deaf = false;
  };
  return { page, session, hear, errors };
}
