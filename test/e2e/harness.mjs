// Starts VS Code's server with a profile of its own, and opens windows of it in Chromium.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { chromium } from 'playwright-core';

import { installServer, serverEntry } from './server.mjs';

const chromiumPaths = [
  process.env['GRAFT_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const browserPath = chromiumPaths.find((file) => file !== undefined && existsSync(file));

/** Why real windows cannot be opened on this machine, or undefined when they can. */
export function unavailable() {
  if (browserPath === undefined) return 'no Chromium found: install it, or name it in GRAFT_CHROMIUM';
  return installServer();
}

/**
 * @param options.vsix a package to install first; options.settings the user's settings; options.trustAll: false
 * leaves workspace trust switched on; options.env: more of the environment.
 */
export async function startServer({ vsix, settings = {}, trustAll = true, env: more = {} } = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), 'graft-e2e-'));
  const profile = path.join(folder, 'profile');
  const extensions = path.join(folder, 'extensions');
  const base = {
    'security.workspace.trust.enabled': !trustAll,
    'security.workspace.trust.startupPrompt': 'never',
    'workbench.startupEditor': 'none',
    'workbench.tips.enabled': false,
    'telemetry.telemetryLevel': 'off',
    'git.enabled': false,
    'extensions.ignoreRecommendations': true,
    ...settings,
  };
  /** Writes the user's settings: those of every window, and these. An open window follows. */
  const set = async (more) => {
    for (const level of ['User', 'Machine']) {
      await mkdir(path.join(profile, level), { recursive: true });
      await writeFile(path.join(profile, level, 'settings.json'), JSON.stringify({ ...base, ...more }));
    }
  };
  await set({});
  const places = ['--user-data-dir', profile, '--extensions-dir', extensions];
  const env = { ...serverEnvironment(folder), ...more };
  if (vsix !== undefined) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [serverEntry, ...places, '--install-extension', vsix],
      {
        env,
        encoding: 'utf8',
      },
    );
    if (status !== 0) throw new Error(`${vsix} cannot be installed: ${stdout}${stderr}`);
  }
  const options = [...places, '--disable-telemetry', '--disable-update-check'];
  const { child, address, output } = await retry(3, () => launchServer(options, { cwd: folder, env }));
  return {
    address,
    folder,
    extensions,
    output,
    set,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(timer);
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** It gives up by itself when its own processes need more than 10 s to find each other: on a busy machine it is asked again. */
async function launchServer(options, { cwd, env }) {
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    process.execPath,
    [serverEntry, '--auth', 'none', '--bind-addr', address, ...options],
    // Not where the sources are: a relative path must not find them by accident.
    { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  child.stdout.on('data', (data) => (output += String(data)));
  child.stderr.on('data', (data) => (output += String(data)));
  await until(
    async () => {
      if (child.exitCode !== null) throw new Error(`VS Code's server ended: ${output}`);
      return (await fetch(`http://${address}/healthz`).catch(() => undefined))?.ok;
    },
    60_000,
    () => output,
  );
  return { child, address, output: () => output };
}

async function retry(times, work) {
  for (let left = times - 1; ; left--) {
    try {
      return await work();
    } catch (error) {
      if (left === 0) throw error;
      console.log(`  once more: ${error.message.trim()}`);
    }
  }
}

export async function startBrowser() {
  return await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
}

/** The address of a window on a folder: with an extension from its source tree, and a test module to run in its host. */
export function windowAddress(server, { workspace, extension, tests }) {
  const remote = (file) => `vscode-remote://${server.address}${file}`;
  const payload = [['skipWelcome', 'true']];
  if (extension !== undefined) payload.push(['extensionDevelopmentPath', remote(extension)]);
  if (tests !== undefined) payload.push(['extensionTestsPath', remote(tests)]);
  const folder = workspace === undefined ? 'ew=true' : `folder=${encodeURIComponent(workspace)}`;
  return `http://${server.address}/?${folder}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
}

/** Runs the test module's run() in a real extension host; resolves with its exit code and prints its output. */
export async function runInHost(
  server,
  browser,
  { workspace, extension, tests, timeout = 600_000, print = console.log },
) {
  const page = await browser.newPage();
  let timer;
  try {
    const code = new Promise((resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`The extension host did not finish its tests in ${timeout / 1000} s.`));
      }, timeout);
      page.once('crash', () => {
        reject(new Error('The window of the extension host crashed.'));
      });
      void page.exposeFunction('codeAutomationExit', resolve);
    });
    await page.exposeFunction('codeAutomationLog', (type, values) => {
      print(
        ...values
          .filter((value) => !String(value).startsWith('color:'))
          .map((value) => String(value).replace(/^%c/, '')),
      );
    });
    await page.goto(windowAddress(server, { workspace, extension, tests }));
    return await code;
  } finally {
    clearTimeout(timer);
    await page.close();
  }
}

/** Waits until the condition holds; the error shows what there was instead. */
export async function until(condition, timeout = 30_000, show = () => '') {
  const end = Date.now() + timeout;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`Nothing after ${timeout / 1000} s. ${show()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Nothing of the user's own settings, and no way to the network: what works here works offline. */
function serverEnvironment(folder) {
  const nowhere = 'http://127.0.0.1:9';
  return {
    ...process.env,
    HOME: folder,
    XDG_CONFIG_HOME: path.join(folder, 'config'),
    XDG_CACHE_HOME: path.join(folder, 'cache'),
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    NO_PROXY: '127.0.0.1,localhost',
  };
}

async function freePort() {
  return await new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => {
        resolve(port);
      });
    });
  });
}
