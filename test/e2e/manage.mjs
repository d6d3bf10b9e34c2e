// What is done with runs and models that are there already, in a real window: from the Runs view, the palette and a model's lens.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { makeWorkspace } from './host-build.mjs';
import { startServer } from './harness.mjs';
import { addRecordedRun, epochs, kill, runOf, runs, templateText, writeLongScript } from './runs.mjs';
import { runSteps, Window } from './window.mjs';

export async function runManage(browser) {
  const { workspace, remove } = await makeWorkspace();
  await addRecordedRun(workspace, path.join(workspace, 'data/garden'));
  trainModel(workspace);
  writeCsv(workspace);
  writeIdx(workspace);
  const server = await startServer();
  const window = await Window.open(server, browser, 'manage', { workspace, extension: process.cwd() });
  const page = () => window.page;
  const recorded = () => runOf(workspace, 'train-fine-tune.ts');
  const trained = () => runOf(workspace, 'train-feature-extraction.ts');
  // The Explorer has rows of the same names.
  const row = (name) => page().getByRole('tree', { name: 'Runs' }).locator(`.monaco-list-row[aria-label*="${name}"]`);
  const dialog = () => page().locator('.monaco-dialog-box');
  const showRuns = async () => {
    if (!(await row('train-feature-extraction.ts').first().isVisible()))
      await page().locator('.activitybar .action-item:has(.action-label[aria-label^="Graft"])').click();
    await row('train-feature-extraction.ts').first().waitFor();
  };
  const menu = (title) =>
    page().locator('.context-view .monaco-menu .action-item').filter({ hasText: title, visible: true }).first();
  const openMenu = async (name) => {
    await showRuns();
    await row(name).click({ button: 'right' });
    await menu('Open Run').waitFor();
  };
  const chooseInMenu = async (name, title) => {
    await openMenu(name);
    // A menu ignores the mouse for a tenth of a second, so that opening it chooses nothing.
    await page().waitForTimeout(300);
    await menu(title).click();
  };
  /** The text of the newest preview. */
  const evaluation = async (title, words) => {
    const frame = page().frameLocator('iframe.webview:visible').frameLocator('iframe#active-frame');
    await frame.locator('h1').filter({ hasText: title }).waitFor();
    assert.match(await frame.locator('body').innerText(), words);
  };
  const evaluateOn = () =>
    page().locator('.quick-input-widget:visible').getByText('Labelled Pictures to Evaluate On').first().waitFor();

  /** As a hand does it: with Shift held, in small movements. */
  const drag = async (from, to) => {
    const [start, end] = [await from.boundingBox(), await to.boundingBox()];
    const { mouse, keyboard } = page();
    await mouse.move(start.x + 40, start.y + start.height / 2);
    await mouse.down();
    await mouse.move(start.x + 60, start.y + start.height / 2 + 4, { steps: 4 });
    await keyboard.down('Shift');
    await mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 12 });
    await page().waitForTimeout(500);
    await mouse.move(end.x + end.width / 2 + 8, end.y + end.height / 2, { steps: 4 });
    await mouse.up();
    await keyboard.up('Shift');
  };

  try {
    return await runSteps(
      () => window,
      [
        [
          "a run's menu shows its folder in the Explorer",
          async () => {
            await chooseInMenu('train-fine-tune.ts', 'Reveal Run Folder');
            const file = page()
              .locator('.explorer-folders-view .monaco-list-row.selected')
              .filter({ hasText: 'run.json' });
            await file.waitFor();
            await window.screenshot('revealed');
            assert.equal(await page().locator('.notification-list-item').count(), 0);
          },
        ],
        [
          'runs have names of their own: renamed, starred, by script, filtered',
          async () => {
            await showRuns();
            const names = await row('train-').locator('.label-name').allInnerTexts();
            assert.deepEqual([names.length, new Set(names).size], [2, 2]);
            await chooseInMenu('train-fine-tune.ts', 'Rename Run');
            await window.type('the first try');
            await row('the first try').waitFor();
            await row('the first try').hover();
            await row('the first try').locator('.action-label[aria-label^="Star Run"]').click();
            await row('the first try').filter({ hasText: '★' }).waitFor();
            await window.command('Graft: Group Runs by Script');
            await row('train-fine-tune.ts').filter({ hasText: '1 run' }).waitFor();
            await row('train-feature-extraction.ts').filter({ hasText: '1 run' }).waitFor();
            await window.screenshot('grouped');
            await window.command('Graft: Show Runs as One List');
            await row('1 run').first().waitFor({ state: 'detached' });
            await window.command('Graft: Filter Runs');
            await window.pick('Starred');
            await row('train-feature-extraction.ts').waitFor({ state: 'detached' });
            await row('the first try').waitFor();
            await window.screenshot('filtered');
            await window.command('Graft: Show All Runs');
            await row('train-feature-extraction.ts').waitFor();
            // Without a name of the user's it is called as before.
            await chooseInMenu('the first try', 'Rename Run');
            await window.type('');
            await row('train-fine-tune.ts').waitFor();
          },
        ],
        [
          'a click on a row opens its run, however often the runs are read anew',
          async () => {
            await showRuns();
            const report = path.join(trained(), 'report.json');
            const again = setInterval(() => {
              utimesSync(report, new Date(), new Date());
            }, 10);
            try {
              for (let i = 0; i < 10; i++)
                for (const script of ['train-fine-tune.ts', 'train-feature-extraction.ts']) {
                  await row(script).click();
                  await window.panel.locator('h1', { hasText: script }).waitFor({ timeout: 10_000 });
                }
            } finally {
              clearInterval(again);
            }
          },
        ],
        [
          'Compare Runs with two takes both',
          async () => {
            await window.command('Graft: Compare Runs');
            await window.panel.locator('.choices vscode-checkbox').nth(1).waitFor();
            const chosen = window.panel.locator('.choices vscode-checkbox');
            assert.deepEqual(await chosen.evaluateAll((all) => all.map((box) => box.ariaChecked)), ['true', 'true']);
          },
        ],
        [
          'Delete asks; Cancel keeps the run, Delete removes it and no other',
          async () => {
            const run = recorded();
            await chooseInMenu('train-fine-tune.ts', 'Delete Run');
            const question = await dialog().innerText();
            assert.match(question, /Delete the run train-fine-tune\.ts · Nov 24, .*\?/);
            assert.ok(question.includes(`Its log, checkpoints, model and report are deleted: ${run}`), question);
            await window.screenshot('delete');
            await dialog().getByText('Cancel', { exact: true }).click();
            await dialog().waitFor({ state: 'detached' });
            assert.ok(existsSync(path.join(run, 'report.json')));
            await chooseInMenu('train-fine-tune.ts', 'Delete Run');
            await dialog().getByText('Delete', { exact: true }).click();
            await row('train-fine-tune.ts').waitFor({ state: 'detached' });
            await window.until('the folder is gone', () => !existsSync(run));
            assert.ok(existsSync(path.join(trained(), 'report.json')));
          },
        ],
        [
          'a run that goes on is not deleted, nor are those chosen with it',
          async () => {
            const text = templateText('fine-tune');
            await window.openFile(writeLongScript(workspace, 'long.ts', text));
            await window.lens('Train').click();
            const run = await window.until('a run', () => runOf(workspace, 'long.ts'));
            await window.until('an epoch', () => epochs(run) > 0);
            await window.panelHasFocus();
            await openMenu('long.ts');
            assert.ok(await menu('Save Checkpoint').isVisible());
            assert.equal(await menu('Delete Run').count(), 0);
            await page().keyboard.press('Escape');
            await row('long.ts').click();
            await row('train-feature-extraction.ts').click({ modifiers: ['ControlOrMeta'] });
            // The editor offers what can be done with all that are selected.
            await openMenu('train-feature-extraction.ts');
            assert.ok(await menu('Compare Runs').isVisible());
            assert.equal(await menu('Delete Run').count(), 0);
            await window.screenshot('both');
            await page().keyboard.press('Escape');
            const before = epochs(run);
            await window.until('more epochs', () => epochs(run) > before);
            await window.command('Graft: Stop Training');
            await page()
              .getByRole('treeitem', { name: /long\.ts · .*, Stopped/ })
              .waitFor();
            await window.clearNotifications();
          },
        ],
        [
          'several runs are deleted with one question',
          async () => {
            await showRuns();
            const copy = path.join(workspace, '.graft/runs/20261124-203710-146c');
            await addRecordedRun(workspace, path.join(workspace, 'data/garden'));
            await row('train-fine-tune.ts').waitFor();
            await row('train-fine-tune.ts').click();
            await row('long.ts').click({ modifiers: ['ControlOrMeta'] });
            await chooseInMenu('long.ts', 'Delete Run');
            const question = await dialog().innerText();
            assert.match(question, /Delete 2 runs\?/);
            assert.ok(question.includes(copy), question);
            await dialog().getByText('Delete', { exact: true }).click();
            await window.until('both are gone', () => runs(workspace).length === 1);
            await row('long.ts').waitFor({ state: 'detached' });
          },
        ],
        [
          'an exported ONNX file opens without an error, its classes as a list; model.json does where it is asked for',
          async () => {
            const frame = page().frameLocator('iframe.webview:visible').frameLocator('iframe#active-frame');
            const classes = frame.locator('.classes li');
            await window.openFile(path.join(workspace, 'models/garden.onnx'));
            await classes.first().waitFor();
            assert.deepEqual(await classes.allInnerTexts(), ['beetle', 'leaf', 'mushroom', 'shell']);
            assert.equal(await frame.locator('.note').count(), 0);
            await window.screenshot('onnx');
            await window.openFile(path.join(workspace, 'models/garden-sapling-features/model.json'));
            await window.lens('Evaluate').waitFor();
            await window.command('Reopen Editor With...');
            await window.pick('Model File');
            await frame
              .getByText('Keras', { exact: false })
              .or(frame.getByText('TensorFlow.js layers model'))
              .first()
              .waitFor();
            assert.deepEqual(await classes.allInnerTexts(), ['beetle', 'leaf', 'mushroom', 'shell']);
            assert.deepEqual(await frame.locator('nav a').allInnerTexts(), [
              ...['▶ Fine-Tune', 'Extract Features', 'Evaluate', 'Try', 'Export'],
            ]);
            await window.screenshot('model-json');
            await window.command('Reopen Editor With...');
            await window.pick('Text Editor');
            await window.lens('Evaluate').waitFor();
          },
        ],
        [
          'the end of a run is noticed where nobody looks: notification, badge, lens',
          async () => {
            const text = templateText('feature-extraction');
            const script = path.join(workspace, 'unseen.ts');
            const nobodyLooks = path.join(workspace, 'nobody-looks');
            writeFileSync(
              script,
              `import { existsSync } from 'node:fs';
while (!existsSync(${JSON.stringify(nobodyLooks)})) await new Promise((resolve) => setTimeout(resolve, 50));
${text.replace(/seed: \d+/, 'seed: 11').replace('models/garden-sapling-features', 'models/unseen')}`,
            );
            await window.openFile(script);
            // The editor drops its question for lenses where the focus leaves it at once: they come all the same.
            await page().locator('.activitybar .action-label[aria-label^="Explorer"]').click();
            await window.lens('Train').click();
            await window.panel.locator('.phases').waitFor();
            await window.tab('unseen.ts').click();
            await window.webviewsAreHidden();
            writeFileSync(nobodyLooks, '');
            const told = window.notification(/unseen\.ts · .* is done: [\d.]+ % on \d+ validation pictures\./);
            await told.waitFor();
            await window.lens(/Done: [\d.]+ %/).waitFor();
            await page()
              .locator('.activitybar .action-item', { has: page().locator('[aria-label*="Graft"]') })
              .locator('.badge-content', { hasText: '1' })
              .waitFor();
            await window.screenshot('told');
            await told.locator('.monaco-button').filter({ hasText: 'Show Results' }).click();
            await window.panel.locator('h1', { hasText: 'unseen.ts' }).waitFor();
            await window.panel.locator('#fitted').waitFor();
            await window.clearNotifications();
            await showRuns();
          },
        ],
        [
          'a model is evaluated on a CSV file, from its lens',
          async () => {
            await window.openFile(path.join(workspace, 'models/garden-sapling-features/model.json'));
            await window.lens('Evaluate').click();
            await evaluateOn();
            await window.pick('A CSV or IDX File…');
            await window.chooseFile('CSV or IDX File of Labelled Pictures', path.join(workspace, 'labels.csv'));
            await evaluation('garden-sapling-features on labels.csv', /on 12 pictures\./);
            await window.screenshot('evaluated');
          },
        ],
        [
          'a model is evaluated on IDX files and on a folder, from the palette',
          async () => {
            const choose = async () => {
              await window.command('Graft: Evaluate Model');
              await page().locator('.quick-input-widget:visible').getByText('Which model?').first().waitFor();
              await window.pick('train-feature-extraction.ts');
              await evaluateOn();
            };
            await choose();
            await window.pick('A CSV or IDX File…');
            const file = path.join(workspace, 'idx/test-images-idx3-ubyte');
            await window.chooseFile('CSV or IDX File of Labelled Pictures', file);
            // Digits are no beetles: the files were read, and say so.
            await window
              .notification(/test-images-idx3-ubyte has 2 classes that the model does not know: "0", "1"\./)
              .waitFor();
            await window.clearNotifications();
            await choose();
            await window.pick('4 classes, 192 pictures');
            await evaluation(/train-feature-extraction\.ts · .* on garden/, /on 192 pictures\./);
          },
        ],
        [
          'a picture dragged from the Explorer with Shift is tried',
          async () => {
            await window.openFile(path.join(workspace, 'data/garden/leaf/leaf-01.jpg'));
            await page().locator('.activitybar .action-label[aria-label^="Explorer"]').click();
            const file = page().locator('.explorer-folders-view .monaco-list-row').filter({ hasText: 'leaf-01.jpg' });
            await file.waitFor();
            await window.command('Graft: Try Model');
            await window.pick('train-feature-extraction.ts');
            const place = window.panel.locator('.drop');
            await place.waitFor();
            await drag(file, place);
            const tried = window.panel.locator('.try').first();
            await tried.locator('img').waitFor();
            assert.match(await tried.innerText(), /leaf-01\.jpg/);
            await window.screenshot('dragged');
          },
        ],
        [
          'Find Learning Rate shows the curve, and writes the rate into the script',
          async () => {
            const script = path.join(workspace, 'rate.ts');
            writeFileSync(script, templateText('fine-tune'));
            await window.openFile(script);
            await window.lens('Find Learning Rate').click();
            await window.panel.getByText('Train with a learning rate of').waitFor();
            await window.panel.locator('.chart canvas').waitFor();
            await window.screenshot('rates');
            const use = window.panel.locator('vscode-button').filter({ hasText: 'in the Script' });
            const [rate] = /[\d.e-]+/.exec((await use.innerText()).replace('Use ', '')) ?? [];
            await use.click();
            await window.tab('rate.ts').waitFor();
            const line = page().locator('.view-line').filter({ hasText: 'learningRate: cosine' });
            await window.until('the rate is in the script', async () => {
              const peak = /peak:\s*([\d.e-]+)/.exec((await line.innerText()).replaceAll('\u00a0', ' '))?.[1];
              return Number(peak) === Number(rate);
            });
            await window.screenshot('rate');
            await page().keyboard.press('Control+Z');
            await page().keyboard.press('Control+S');
            await showRuns();
            assert.match(await row('rate.ts, learning rate').innerText(), new RegExp(`learning rate ${rate}`));
          },
        ],
        [
          'Prove It Helps trains from random weights, without touching the model, and says what the pre-trained ones are worth',
          async () => {
            const saved = path.join(workspace, 'models/garden-sapling-features/weights.bin');
            const [before, count] = [readFileSync(saved), runs(workspace).length];
            await window.openFile(path.join(workspace, 'train-feature-extraction.ts'));
            await window.lens('Prove It Helps').click();
            const verdict = window.panel.locator('.verdict');
            await verdict.waitFor();
            assert.match(
              await verdict.innerText(),
              /^Transfer helps: 85\.0 % with the pre-trained weights, [\d.]+ % with random/,
            );
            await window.screenshot('proven');
            // The run that was there already is not trained again, and the second time neither of the two is.
            assert.equal(runs(workspace).length, count + 1);
            assert.deepEqual(readFileSync(saved), before);
            await showRuns();
            await row('train-feature-extraction.ts, random weights').click();
            await window.panel.locator('.banner.info').getByText('Transfer helps').waitFor();
            await window.screenshot('scratch');
            await window.tab('train-feature-extraction.ts').click();
            await window.lens('Prove It Helps').click();
            await verdict.waitFor();
            assert.equal(runs(workspace).length, count + 1);
          },
        ],
      ],
    );
  } finally {
    for (const folder of runs(workspace)) kill(folder);
    await window.close();
    await server.stop();
    await remove();
  }
}

/** As somebody did it last week. */
function trainModel(workspace) {
  const text = templateText('feature-extraction');
  writeFileSync(path.join(workspace, 'train-feature-extraction.ts'), text);
  const words = ['train', 'train-feature-extraction.ts'];
  const { status, stderr } = spawnSync(process.execPath, [path.resolve('dist/cli.js'), ...words], {
    cwd: workspace,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The model cannot be trained: ${stderr}`);
  const exported = spawnSync(
    process.execPath,
    [
      path.resolve('dist/cli.js'),
      'export',
      'models/garden-sapling-features',
      '--to',
      'onnx',
      '--out',
      'models/garden.onnx',
    ],
    { cwd: workspace, encoding: 'utf8' },
  );
  if (exported.status !== 0) throw new Error(`The model cannot be exported: ${exported.stderr}`);
}

function writeCsv(workspace) {
  const lines = ['beetle', 'leaf', 'mushroom', 'shell'].flatMap((name) =>
    [1, 2, 3].map((n) => `data/garden/${name}/${name}-0${n}.jpg,${name}`),
  );
  writeFileSync(path.join(workspace, 'labels.csv'), `path,label\n${lines.join('\n')}\n`);
}

/** Four pictures of 8 × 8 pixels, two of each of two classes. */
function writeIdx(workspace) {
  const folder = path.join(workspace, 'idx');
  mkdirSync(folder);
  const header = (magic, ...sizes) => {
    const bytes = Buffer.alloc(4 + 4 * sizes.length);
    bytes.writeUInt32BE(magic);
    sizes.forEach((size, i) => bytes.writeUInt32BE(size, 4 + 4 * i));
    return bytes;
  };
  const pixels = Buffer.from(Array.from({ length: 4 * 64 }, (_, i) => (i * 37) % 256));
  writeFileSync(path.join(folder, 'test-images-idx3-ubyte'), Buffer.concat([header(0x803, 4, 8, 8), pixels]));
  writeFileSync(
    path.join(folder, 'test-labels-idx1-ubyte'),
    Buffer.concat([header(0x801, 4), Buffer.from([0, 1, 0, 1])]),
  );
}
