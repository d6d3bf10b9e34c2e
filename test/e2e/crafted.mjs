// A workspace that came with a download, opened in a real window: not trusted, then trusted. Nothing is connected to, nobody is
// signalled, nothing outside is written, and a name is never a link, a picture or a command.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { bundleTool } from '../../tools/bundle-tool.mjs';
import { listenAt, nameVictim, startVictim } from '../support/victim.mjs';
import { startBrowser, startServer } from './harness.mjs';
import { serverFolder } from './server.mjs';
import { runSteps, Window } from './window.mjs';

const command = 'workbench.action.toggleZenMode';
const link = `[Fix it](command:${command})`;

/** In a PID namespace of its own, with VS Code's server in it: there a signal to any process reaches only what this suite started. */
export async function runCrafted(browser) {
  const namespace = [
    ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'],
    ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--mount-proc', '--kill-child'],
  ].find(([program, ...words]) => spawnSync(program, [...words, 'true']).status === 0);
  if (namespace === undefined) return await look(browser, { anyPid: false });
  const [program, ...words] = namespace;
  const child = spawn(program, [...words, process.execPath, fileURLToPath(import.meta.url)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // By now the temporary folder may be another one.
    env: { ...process.env, GRAFT_VSCODE_SERVER: serverFolder },
  });
  let said = '';
  child.stdout.on('data', (data) => (said += String(data)));
  await new Promise((resolve) => child.once('close', resolve));
  const lines = said.trimEnd().split('\n');
  console.log(lines.slice(0, -1).join('\n'));
  return JSON.parse(lines.at(-1));
}

async function look(browser, options) {
  const { craftWorkspace, snapshot, labels, writeModel, writePictures } = await support();
  const crafted = craftWorkspace(options);
  const { workspace, outside, folder } = crafted;
  const victim = await startVictim();
  const sockets = await listenAt(crafted.sockets);
  nameVictim(path.join(workspace, '.graft/runs'), victim.pid);
  const classes = [link, ...labels.filter((name) => name !== link).slice(0, 3)];
  await writePictures(path.join(workspace, 'pictures'), classes, 3);
  await writeModel(path.join(workspace, 'models/good'), classes);
  const failing = `${link} $(trash).ts`;
  const thrown = `${link} $(bug) \u001b[2J\u202e <img src=x>`;
  writeFileSync(path.join(workspace, failing), `import 'graftjs';\nthrow new Error(${JSON.stringify(thrown)});\n`);

  const files = () => ({ workspace: snapshot(workspace), outside: snapshot(outside) });
  const before = files();
  const unharmed = () => {
    assert.equal(sockets.connections(), 0, 'Nothing was connected to.');
    assert.equal(victim.felt(), '', 'Nobody was signalled.');
    assert.deepEqual(snapshot(outside), before.outside, 'Nothing outside was made or changed.');
  };
  const env = { TMPDIR: path.join(crafted.own, 'tmp') };
  const extension = process.cwd();
  let server = await startServer({ trustAll: false, env });
  let window = await Window.open(server, browser, 'crafted', { workspace, extension });
  const page = () => window.page;
  const rows = () => page().getByRole('tree', { name: 'Runs' }).locator('.monaco-list-row');
  /** Links and pictures that a name has become, in the window itself. What the editor's own TypeScript says below is not ours. */
  const nothingAlive = async () => {
    const links = page().locator(`a[href*="${command}"], a[data-href*="${command}"]`);
    assert.deepEqual(await links.evaluateAll((found) => found.map(({ outerHTML }) => outerHTML)), []);
    const pictures = page().locator('.codicon-trash:visible, .codicon-bug:visible');
    const alive = await pictures.evaluateAll((found) =>
      found.filter((one) => !one.matches('.action-label, .statusbar *')).map(({ outerHTML }) => outerHTML),
    );
    assert.deepEqual(alive, []);
  };
  const showRuns = async () => {
    if (!(await rows().first().isVisible()))
      await page().locator('.activitybar .action-item:has(.action-label[aria-label^="Graft"])').click();
    await rows().first().waitFor();
  };

  const steps = [
    [
      'not trusted: the Runs view has rows; nothing is connected to, signalled or written',
      async () => {
        await showRuns();
        await window.until('several rows', async () => (await rows().count()) > 5);
        await rows().filter({ hasText: 'Fix it' }).first().waitFor();
        await window.screenshot('runs');
        await nothingAlive();
        // Several of the looks that a list of runs takes.
        await page().waitForTimeout(3_000);
        unharmed();
        assert.deepEqual(snapshot(workspace), before.workspace);
      },
    ],
    [
      'not trusted: the panel opens runs; a tooltip is text',
      async () => {
        await window.command('Graft: Open Training Panel');
        await window.panel.locator('h1, .empty, .banner').first().waitFor();
        await showRuns();
        await rows().filter({ hasText: 'Fix it' }).first().hover();
        await page().waitForTimeout(1_500);
        await window.screenshot('tooltip');
        await nothingAlive();
        await rows().filter({ hasText: 'Fix it' }).first().click();
        await window.panel.locator('h1').filter({ hasText: 'Fix it' }).waitFor();
        assert.equal(await window.panel.locator('a').count(), 0);
        await window.screenshot('panel');
        unharmed();
        assert.deepEqual(snapshot(workspace), before.workspace);
      },
    ],
    [
      'trusted: as before; none of the runs counts as going on',
      async () => {
        await window.close();
        await server.stop();
        server = await startServer({ env });
        window = await Window.open(server, browser, 'crafted-trusted', { workspace, extension });
        await showRuns();
        await window.until('several rows', async () => (await rows().count()) > 5);
        await page().waitForTimeout(3_000);
        unharmed();
        // None of them is proven to go on, so that nothing offers to stop it.
        assert.equal(
          await rows()
            .filter({ hasText: /starting|paused|epoch/ })
            .count(),
          0,
        );
        assert.equal(await rows().locator('.codicon-loading, .codicon-debug-pause').count(), 0);
        unharmed();
      },
    ],
    [
      'trusted: the notification and the lens of a failed run are text',
      async () => {
        await window.clearNotifications();
        // The palette would take a part of this name for a line and a column.
        await page().locator('.activitybar .action-label[aria-label^="Explorer"]').click();
        await page().locator('.explorer-folders-view .monaco-list-row').filter({ hasText: 'Fix it' }).dblclick();
        await window.tab('Fix it').waitFor();
        await window.lens('Train').click();
        const told = window.notification('\\x1b[2J');
        await told.waitFor();
        await window.screenshot('failed');
        const message = told.locator('.notification-list-item-message');
        assert.match(
          (await message.innerText()).replaceAll('\u2060', ''),
          /\[Fix it\]\(command:workbench\.action\.toggleZenMode\)/,
        );
        assert.match(await message.innerText(), /\\x1b\[2J\\u202e <img src=x>/);
        assert.equal(await message.locator('a, img, .codicon').count(), 0);
        await window.tab('Fix it').click();
        await window.lens('Failed').waitFor();
        assert.equal(await page().locator('.codelens-decoration .codicon').count(), 0);
        await nothingAlive();
        unharmed();
      },
    ],
    [
      'trusted: the preview of an evaluation is text',
      async () => {
        await window.openFile(path.join(workspace, 'models/good/model.json'));
        // The name of a tab that the mouse is on lies over the lenses.
        await page().mouse.move(700, 600);
        await page().locator('.monaco-hover:visible').first().waitFor({ state: 'hidden' });
        await window.lens('Evaluate').click();
        await page()
          .locator('.quick-input-widget:visible')
          .getByText('Labelled Pictures to Evaluate On')
          .first()
          .waitFor();
        await window.screenshot('pick');
        await window.pick('4 classes, 12 pictures');
        const frame = page().frameLocator('iframe.webview:visible').frameLocator('iframe#active-frame');
        await frame.locator('h1').filter({ hasText: 'good on pictures' }).waitFor();
        await window.screenshot('evaluation');
        const body = frame.locator('body');
        assert.ok((await body.innerText()).includes(link));
        assert.equal(await body.locator('a, img').count(), 0);
        // Each class has its own row and column: no name has become a cell.
        assert.deepEqual(
          await Promise.all(
            [0, 1].map((i) => body.locator('table').nth(i).locator('tr').first().locator('th').count()),
          ),
          [5, 5],
        );
        unharmed();
      },
    ],
  ];
  try {
    return await runSteps(() => window, steps);
  } finally {
    await window.close();
    await server.stop();
    victim.end();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** The TypeScript helpers of the tests, which the suite of the command line uses too. */
async function support() {
  const names = ['crafted', 'crafted-model'];
  const folder = await bundleTool(
    'e2e/crafted',
    names.map((name) => `test/support/${name}.ts`),
  );
  const parts = names.map((name) => import(pathToFileURL(path.join(folder, `${name}.js`)).href));
  return Object.assign({}, ...(await Promise.all(parts)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const own = await startBrowser();
  const counts = await look(own, { anyPid: true });
  await own.close();
  console.log(JSON.stringify(counts));
  process.exit(0);
}
