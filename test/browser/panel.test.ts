import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { appendFile, cp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, test } from 'node:test';

import type { Browser, Page } from 'playwright-core';

import type { Bundle } from '../../src/words/index.js';
import { writeLongLog } from '../support/long-log.js';
import { longBundle, pseudoBundle } from '../support/pseudo.js';
import { assertInTime } from '../support/steady.js';
import { axeIssues } from './support/axe.js';
import { root } from './support/fake-host.js';
import { launch, noChromium, type Shape } from './support/panel-page.js';
import { drop, showState, stateNames, type Shown, type StateName } from './support/states.js';
import { themes, type ThemeName } from './support/themes.js';

if (noChromium !== false) console.log(`  Browser tests are skipped: ${noChromium}.`);

describe('the training panel in a browser', { skip: noChromium }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(async () => {
    await browser.close();
  });

  const show = async (
    state: StateName,
    work: (shown: Shown) => Promise<void>,
    theme: ThemeName = 'dark',
    texts?: Bundle,
    shape?: Shape,
  ): Promise<void> => {
    const shown = await showState(browser, state, theme, texts, shape);
    try {
      await work(shown);
      assert.deepEqual(shown.errors, []);
    } finally {
      shown.session.dispose();
      await shown.page.close();
    }
  };
  const press = (page: Page, name: string) => page.getByText(name, { exact: true }).first().click();

  for (const theme of Object.keys(themes) as ThemeName[]) {
    for (const state of stateNames) {
      test(`no serious accessibility issue: ${state}, ${theme}`, async () => {
        await show(
          state,
          async ({ page }) => {
            assert.deepEqual(await axeIssues(page), []);
          },
          theme,
        );
      });
    }
  }

  test('the page is in one piece, and shows pictures when they come into view', async () => {
    await show(
      'finished',
      async ({ page }) => {
        const asked: string[] = [];
        page.on('request', (request) => asked.push(request.url()));
        const pictures = page.locator('.gallery .card img');
        await page.locator('.gallery .card').first().waitFor();
        assert.equal(await pictures.count(), 0);
        await page.locator('.gallery .card').first().scrollIntoViewIfNeeded();
        await pictures.first().waitFor();
        const [width, address] = await pictures
          .first()
          .evaluate(async (img: HTMLImageElement) => (await img.decode(), [img.naturalWidth, img.src] as const));
        assert.ok(width > 0);
        assert.match(address, /^data:image\/jpeg;base64,/);
        assert.deepEqual(
          asked.filter((url) => !url.startsWith('data:')),
          [],
        );
      },
      'dark',
      undefined,
      { width: 300 },
    );
  });

  test('a page that is not answered says so, asks again, and goes on when it is', async () => {
    const { page, session, hear, errors } = await showState(browser, 'finished', 'dark', undefined, { deaf: true });
    try {
      await page.getByText('Graft does not answer yet.').waitFor();
      hear();
      await page.locator('h1').waitFor();
      assert.equal(await page.getByText(/Graft does not answer yet|Loading…/).count(), 0);
      assert.deepEqual(errors, []);
    } finally {
      session.dispose();
      await page.close();
    }
  });

  test('the accessibility check finds an issue where there is one', async () => {
    await show('empty', async ({ page }) => {
      await page.evaluate(() => {
        document.querySelector('main')?.append(document.createElement('button'));
      });
      assert.match((await axeIssues(page)).join(), /^button-name/);
    });
  });

  for (const state of stateNames) {
    test(`nothing is wider than a narrow panel, with long words: ${state}`, async () => {
      await show(
        state,
        async ({ page }) => {
          assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 300);
        },
        'dark',
        longBundle(root),
        { width: 300, language: 'de' },
      );
    });
  }

  test('numbers are those of the language of the page', async () => {
    await show(
      'finished',
      async ({ page }) => {
        const facts = await page.locator('.facts').innerText();
        assert.match(facts, /95,0\u00a0% \(83,5–98,6\)\s+Macro F1 0,950 \(0,865–1,000\) · Loss 0,3510/);
        assert.match(facts, /\b24\.11\.2026, /);
        assert.match(
          await page.locator('table').nth(1).innerText(),
          /90,9\u00a0%\s+\([\d,–]+\)\s+100,0\u00a0%\s+\([\d,–]+\)\s+0,952/,
        );
        assert.doesNotMatch(await page.locator('main').innerText(), /\d\.\d+ ?%/);
      },
      'dark',
      {},
      { language: 'de' },
    );
  });

  for (const state of stateNames) {
    test(`in another language nothing stays English: ${state}`, async () => {
      await show(
        state,
        async ({ page }) => {
          const read = await readTexts(page);
          assert.ok(read.filter((text) => text.startsWith('⟦')).length > 3, read.join('\n'));
          const english = Object.keys(pseudoBundle(root));
          assert.deepEqual(
            read.filter((text) => english.includes(text) || isProse(text)),
            [],
          );
        },
        'dark',
        pseudoBundle(root),
      );
    });
  }

  test('a running run: phases, then the epochs that come', async () => {
    await show('running', async ({ page, runs }) => {
      const [run] = runs.runs;
      assert.ok(run !== undefined);
      assert.match(
        await page.locator('.phases li.active').innerText(),
        /Train · Fine-tune[\s\S]*of 12 epochs · .* left/,
      );
      await page.getByLabel('As table').click();
      const rows = page.locator('section table tbody tr');
      const count = await page.getByRole('region', { name: 'Epochs' }).locator('tbody tr').count();
      const log = path.join(run.folder, 'events.ndjson');
      const line = (await readFile(log, 'utf8')).split('\n').findLast((text) => text.startsWith('{"type":"epoch"'));
      const next = { ...(JSON.parse(line ?? '{}') as { epoch: number }) };
      await appendFile(log, `${JSON.stringify({ ...next, epoch: next.epoch + 1 })}\n`);
      await page.waitForFunction(
        (n) => document.querySelectorAll('[aria-label=Epochs] tbody tr').length === n,
        count + 1,
        { timeout: 2_000 },
      );
      assert.ok((await rows.count()) > count);
      for (const name of ['Pause', 'Checkpoint Now', 'Stop']) await press(page, name);
      await page.waitForTimeout(200);
      assert.deepEqual(runs.asked, [`pause ${run.id}`, `checkpoint ${run.id}`, `stop ${run.id}`]);
    });
  });

  test('the status names the stage that runs', async () => {
    await show('running', async ({ page, runs, session }) => {
      assert.equal(await page.locator('.status.running').innerText(), 'Running · Fine-tune');
      const [run] = runs.runs;
      assert.ok(run !== undefined);
      // Under the debugger it says what the debugger lets it do.
      for (const [debugging, said] of [
        ['going', 'Debugging · Fine-tune'],
        ['halted', 'At a breakpoint'],
      ] as const) {
        runs.runs[0] = { ...run, debugging };
        session.onRunsChanged();
        await page.locator('.status.running', { hasText: said }).waitFor({ timeout: 3_000 });
      }
    });
  });

  test('a run that goes on stays in sight, whatever the page shows', async () => {
    await show('going', async ({ page, runs }) => {
      const strip = page.locator('.going li');
      const [going, other] = runs.runs;
      const text = (await strip.innerText()).replaceAll(/\s+/g, ' ');
      assert.match(text, /train-fine-tune\.ts · .* fine-tuning, epoch \d+\/12, 95\.0 % Show Stop/);
      await strip.getByText('Stop').click();
      await page.waitForTimeout(200);
      assert.deepEqual(runs.asked, [`stop ${going?.id}`]);
      await page.locator('nav select').selectOption(other?.id ?? '');
      await page.locator('h1', { hasText: 'train-feature-extraction.ts' }).waitFor();
      await strip.getByText('Show').click();
      await page.locator('h1', { hasText: 'train-fine-tune.ts' }).waitFor();
      assert.equal(await strip.count(), 0);
    });
  });

  test('without a checkpoint there is nothing to resume: it is trained again', async () => {
    await show('no-checkpoint', async ({ page, runs, editor }) => {
      assert.match(
        await page.locator('.banner.info').innerText(),
        /before there was anything to save[\s\S]*train its script/,
      );
      assert.equal(await page.getByText('Resume', { exact: true }).count(), 0);
      await press(page, 'Train Again');
      await page.waitForTimeout(200);
      assert.deepEqual(editor.asked, [`command train ${runs.runs[0]?.id}`]);
      // What was cut short has not failed, and promises no curve.
      assert.deepEqual(await page.locator('.phases li.stopped .phase-detail').allInnerTexts(), [
        'Stopped · 257 of 304 pictures · 32/s',
      ]);
      assert.equal(await page.locator('.placeholder').count(), 0);
    });
  });

  test('Compare… with two runs takes both', async () => {
    await show('finished', async ({ page }) => {
      await press(page, 'Compare…');
      await page.locator('.choices').waitFor();
      assert.deepEqual(
        await page.locator('.choices vscode-checkbox').evaluateAll((all) => all.map((box) => box.ariaChecked)),
        ['true', 'true'],
      );
      await page.locator('.chart canvas').first().waitFor();
      // A classifier that is solved has no epochs.
      const row = page.locator('tr', { hasText: 'Feature extraction' });
      await row.waitFor();
      const cells = await row.locator('td').allInnerTexts();
      assert.equal(cells.at(-2), '–');
    });
  });

  test('a classifier fitted in one step shows its figures, and no empty chart', async () => {
    await show('fitted', async ({ page }) => {
      assert.equal(await page.locator('canvas').count(), 0);
      const rows = await page.getByRole('region', { name: 'Classifier' }).locator('tbody tr').allInnerTexts();
      assert.deepEqual(
        rows.map((row) => row.split(/\s*\t\s*/)),
        [
          ['Validation', '85.0 %\n(70.9–92.9)', '0.855\n(0.738–0.955)', '0.2780'],
          ['Train', '99.3 %', '–', '0.0841'],
        ],
      );
    });
  });

  test('no accuracy beyond 100 %: the axis ends there', async () => {
    await show('finished', async ({ page }) => {
      await page.evaluate(() => {
        const drawn: [string, number][] = [];
        Object.assign(window, { drawn });
        CanvasRenderingContext2D.prototype.fillText = (text, _x, y) => {
          drawn.push([text, y]);
        };
      });
      await page.getByLabel('Batches').click();
      await page.waitForTimeout(300);
      const drawn = await page.evaluate(() => (window as unknown as { drawn: [string, number][] }).drawn);
      const percents = drawn
        .filter(([text]) => text.endsWith('%'))
        .map(([text, y]) => [Number.parseFloat(text), y] as const);
      assert.equal(Math.max(...percents.map(([value]) => value)), 100);
      const top = await page
        .locator('.u-over')
        .nth(1)
        .evaluate((over) => (over as HTMLElement).offsetTop);
      const [, y] = percents.find(([value]) => value === 100) ?? [0, NaN];
      assert.ok(Math.abs(y - top) <= 1, `100 % stands at ${y}, the curves begin at ${top}`);
    });
  });

  // In a window of 1,400 pixels the panel has about 1,050 beside the Runs view.
  for (const width of [1_050, 1_400]) {
    test(`six classes, and runs with long names, are seen whole at ${width} pixels`, async () => {
      await show('six', whole('.matrix-holder'), 'dark', undefined, { width });
      await show('many-runs', whole('.scroll'), 'dark', undefined, { width });
    });
  }

  test('twenty classes with long names: whole where there is room; narrow, their names stay beside the numbers', async () => {
    await show('twenty', whole('.matrix-holder'), 'dark', undefined, { width: 1_050 });
    await show(
      'twenty',
      async ({ page }) => {
        const names = page.locator('.matrix tbody th');
        assert.equal(new Set(await names.allInnerTexts()).size, 20);
        assert.equal(new Set(await page.locator('.matrix thead th').allInnerTexts()).size, 21);
        assert.equal(await names.first().getAttribute('title'), 'Chaenomeles_speciosa_(Sweet)_Nakai_1');
        await page.locator('[data-cell="4,19"]').scrollIntoViewIfNeeded();
        const [name, cell, holder] = await Promise.all(
          [names.nth(4), page.locator('[data-cell="4,19"]'), page.locator('.matrix-holder')].map((one) =>
            one.boundingBox(),
          ),
        );
        assert.ok(name && cell && holder);
        assert.ok(Math.abs(name.x - holder.x) < 1, 'The name has stayed.');
        assert.ok(cell.x + cell.width <= holder.x + holder.width + 1 && cell.x >= name.x + name.width);
      },
      'dark',
      undefined,
      { width: 600 },
    );
  });

  test('a mistake opens beside: the gallery stays where it is when the panel becomes narrower', async () => {
    await show('twenty', async ({ page, editor }) => {
      const card = page.locator('.card').first();
      await card.evaluate((element) => {
        element.scrollIntoView({ block: 'end' });
      });
      await card.click();
      const before = (await card.boundingBox())?.y ?? NaN;
      await page.setViewportSize({ width: 640, height: 900 });
      await page.waitForTimeout(500);
      const after = (await card.boundingBox())?.y ?? NaN;
      assert.ok(Math.abs(after - before) <= 2, `from ${before} to ${after}`);
      assert.match(editor.asked.join(), /^open .*, keep the focus$/);
    });
  });

  test('the list of runs calls each by a name of its own, with its star', async () => {
    await show('many-runs', async ({ page, runs, session }) => {
      const [first] = runs.runs;
      assert.ok(first !== undefined);
      runs.runs[0] = { ...first, starred: true };
      session.onRunsChanged();
      await page.waitForTimeout(200);
      const options = await page.locator('nav option').allInnerTexts();
      assert.match(options[1] ?? '', /^★ Chaenomeles_speciosa/);
    });
  });

  test('a failed run says why and what to do, and resumes', async () => {
    await show('error', async ({ page, runs }) => {
      const banner = await page.locator('.banner.error').innerText();
      assert.match(banner, /the disk is full/);
      assert.match(banner, /Free some space/);
      await press(page, 'Resume');
      await page.waitForTimeout(200);
      assert.deepEqual(runs.asked, [`resume ${runs.runs[0]?.id}`]);
    });
  });

  test('from the confusion matrix to a picture, by keyboard', async () => {
    await show('finished', async ({ page, editor }) => {
      assert.equal(await page.locator('.card').count(), 2);
      await page.locator('[data-cell="0,0"]').focus();
      for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowRight', 'Enter'])
        await page.keyboard.press(key);
      assert.equal(await page.locator('#mistakes').innerText(), 'shell, predicted as mushroom');
      assert.equal(await page.locator('.card').count(), 1);
      await page.locator('.card').focus();
      await page.keyboard.press('Enter');
      await page.waitForTimeout(200);
      assert.deepEqual(editor.asked, [`open ${path.join(root, 'sample/garden/shell/shell-44.jpg')}, keep the focus`]);
      await page.locator('[data-cell="1,1"]').click();
      assert.match(
        await page.locator('.gallery').evaluate((e) => e.previousElementSibling?.textContent ?? ''),
        /rightly/,
      );
    });
  });

  test('the test set stands apart from validation; what was taken for what is said', async () => {
    await show('tested', async ({ page, runs }) => {
      const section = page.locator('section[aria-labelledby=test]');
      assert.match(
        await section.innerText(),
        /Accuracy 87\.5 % \(83\.5–98\.6\)[\s\S]*On 40 pictures that nothing was chosen by, looked at once at the end/,
      );
      const data = page.locator('section[aria-labelledby=data]');
      assert.match(await data.innerText(), /Train\s+Validation\s+Test/i);
      const log = path.join(runs.runs[0]?.folder ?? '', 'events.ndjson');
      const line = (await readFile(log, 'utf8')).split('\n').find((text) => text.includes('"type":"data"'));
      const event = JSON.parse(line ?? '{}') as object;
      const notes = ['In data, Training/ is taken for training; <b>validation</b> is split off from it.'];
      await appendFile(log, `${JSON.stringify({ ...event, notes })}\n`);
      await data.getByText(notes[0] ?? '', { exact: true }).waitFor({ timeout: 5_000 });
    });
  });

  test('exports: a table as CSV, a chart as PNG', async () => {
    await show('finished', async ({ page, editor }) => {
      await press(page, 'Export CSV…');
      await press(page, 'Export PNG…');
      await page.waitForTimeout(300);
      const files = [...editor.files];
      assert.deepEqual(
        files.map(([name]) => name),
        ['20261124-203710-146c-epochs.csv', '20261124-203710-146c-loss.png'],
      );
      assert.match(files[0]?.[1] ?? '', /^epoch,stage,train_loss,.*\r\n1,head,1\.423/);
      assert.equal(files[1]?.[1].slice(1, 4), 'PNG');
    });
  });

  test('the form: another base, another freeze depth, the script follows; written and trained', async () => {
    await show('form', async ({ page, editor, runs, workspace }) => {
      assert.match(await page.locator('.fields').innerText(), /4 classes, 192 pictures/);
      await page.getByLabel('Freeze up to').selectOption('conv3_block3_out');
      await page.waitForFunction(() =>
        document.querySelector('.preview code')?.textContent.includes('conv3_block3_out'),
      );
      await press(page, 'Write and Train');
      await page.waitForTimeout(300);
      const file = path.join(workspace, 'train-fine-tune.ts');
      assert.match(editor.files.get(file) ?? '', /conv3_block3_out/);
      assert.deepEqual(runs.asked, [`train ${file}`]);
    });
  });

  test('pictures to try: dropped, dragged from the Explorer, chosen, pasted; what is none says why', async () => {
    await show('try', async ({ page, editor, workspace }) => {
      const texts = () => page.locator('.try').allInnerTexts();
      const wait = async (n: number) => {
        await page.waitForFunction((count) => document.querySelectorAll('.try').length === count, n);
        return (await texts()).slice(0, n).map((text) => text.replaceAll(/\s+/g, ' '));
      };
      const [leaf, notes] = await wait(2);
      assert.match(leaf ?? '', /^leaf leaf-03\.jpg leaf 93\.0 % shell 5\.0 %/);
      assert.match(notes ?? '', /^notes\.txt notes\.txt is not a picture/);
      assert.equal(await page.locator('.try img').count(), 1);

      await drop(page, { files: [['empty.jpg', '']] });
      assert.match((await wait(3))[0] ?? '', /empty\.jpg is empty \(0 bytes\)/);
      await page.evaluate(() => {
        Object.defineProperty(File.prototype, 'size', { value: 40e6, configurable: true });
      });
      await drop(page, { files: [['huge.jpg', 'AAAA']] });
      assert.match((await wait(4))[0] ?? '', /huge\.jpg has 40 MB\. Drop at most 25 MB, or choose it/);
      await page.evaluate(() => delete (File.prototype as { size?: number }).size);

      await cp(path.join(root, 'sample/garden/shell/shell-01.jpg'), path.join(workspace, 'a shell.jpg'));
      await drop(page, { addresses: ['# a comment', pathToFileURL(path.join(workspace, 'a shell.jpg')).href] });
      assert.match((await wait(5))[0] ?? '', /a shell\.jpg leaf 93/);
      await drop(page, { addresses: ['file:///etc/passwd', 'https://example.com/a.jpg'] });
      const refused = await wait(7);
      assert.match(refused[0] ?? '', /\/etc\/passwd is outside the workspace/);
      assert.match(refused[1] ?? '', /https:\/\/example\.com\/a\.jpg is outside the workspace/);

      // The keyboard's way.
      await page.locator('.drop vscode-button').focus();
      await page.keyboard.press('Enter');
      assert.match((await wait(8))[0] ?? '', /leaf-01\.jpg leaf 93/);
      editor.choosePictures = () => Promise.resolve(undefined);
      await page.keyboard.press('Enter');
      await page.waitForTimeout(200);
      assert.equal(await page.getByText('Looking…').count(), 0);

      const picture = await readFile(path.join(root, 'sample/garden/beetle/beetle-01.jpg'), 'base64');
      await page.evaluate((content) => {
        const clipboardData = new DataTransfer();
        const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
        clipboardData.items.add(new File([bytes], 'image.png'));
        document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
      }, picture);
      assert.match((await wait(9))[0] ?? '', /image\.png leaf 93/);
    });
  });

  test('the form takes a CSV file; for what is no data it says so, and writes nothing', async () => {
    await show('form', async ({ page }) => {
      await press(page, 'CSV or IDX File…');
      await page.getByText('2 classes, 14 pictures').waitFor();
      assert.equal(await page.getByLabel('Data', { exact: true }).first().getAttribute('current-value'), 'labels.csv');
      await page.locator('vscode-text-field').first().locator('input').fill('nothing');
      await page.locator('.fields .banner.error').waitFor();
      assert.match(
        await page.locator('.fields .banner.error').innerText(),
        /nothing does not exist.*\s*Choose a folder/,
      );
      await page.locator('vscode-button[disabled]', { hasText: 'Write and Train' }).waitFor();
    });
  });

  test('the form says what a table holds: classes or numbers, as is chosen, or labels', async () => {
    await show('form', async ({ page }) => {
      const data = page.locator('vscode-text-field').first().locator('input');
      await data.fill('radius.csv');
      await page.getByText('3 classes, 15 pictures').waitFor();
      await page.getByLabel('Labels', { exact: true }).selectOption('regression');
      await page.getByText('a number, 15 pictures').waitFor();
      assert.deepEqual(await page.locator('.tags li').allInnerTexts(), ['Labels from 8 to 40']);
      await data.fill('tags.csv');
      await page.getByText('2 labels, 12 pictures').waitFor();
      assert.deepEqual(await page.locator('.tags li').allInnerTexts(), ['red 9', 'blue 9']);
      // There is nothing to choose.
      assert.equal(await page.getByLabel('Labels', { exact: true }).count(), 0);
    });
  });

  test('what a script prints, and files that cannot be read, with the reason, are in the panel', async () => {
    await show('running', async ({ page, runs }) => {
      const log = path.join(runs.runs[0]?.folder ?? '', 'events.ndjson');
      const line = (await readFile(log, 'utf8')).split('\n').find((text) => text.startsWith('{"type":"data"')) ?? '{}';
      const data = { ...(JSON.parse(line) as object), skipped: [{ file: 'leaf/notes.pdf', reason: 'it is a PDF' }] };
      const said = { type: 'log', time: Date.now(), level: 'info', text: 'my own words' };
      await appendFile(log, `${JSON.stringify(data)}\n${JSON.stringify(said)}\n`);
      await page.locator('pre.log').getByText('my own words').waitFor();
      await page.locator('summary').filter({ hasText: '1' }).click();
      await page.getByText('leaf/notes.pdf: it is a PDF').waitFor();
    });
  });

  test('in an untrusted workspace nothing is tried', async () => {
    await show('try', async ({ page, session, editor }) => {
      editor.trusted = false;
      session.onTrustChanged();
      await page.getByText('Manage Trust').waitFor();
      await drop(page, { files: [['more.jpg', 'AAAA']] });
      await session.receive({ type: 'try', ticket: 9, pictures: [{ name: 'a.jpg', content: 'AAAA' }], files: [] });
      await page.getByText('This workspace is not trusted, so nothing is run from it.').waitFor();
      assert.equal(await page.locator('.try').count(), 2);
    });
  });

  test('in an untrusted workspace nothing runs, and it says so', async () => {
    await show('error', async ({ page, session, editor, runs }) => {
      editor.trusted = false;
      session.onTrustChanged();
      await page.getByText('Manage Trust').waitFor();
      await page.locator('vscode-button[disabled]', { hasText: 'Resume' }).waitFor();
      // Even a webview that asks all the same gets nothing.
      await session.receive({ type: 'control', id: runs.runs[0]?.id, request: 'resume' });
      assert.deepEqual(runs.asked, []);
    });
  });

  test('moves nothing for whoever wants no motion: by the system or by the editor', async () => {
    await show('running', async ({ page }) => {
      const moving = () =>
        page.evaluate(() => {
          const bar = document.querySelector('.bar');
          if (bar === null) throw new Error('There is no bar.');
          // A phase whose amount of work is not known yet.
          bar.classList.add('unknown');
          return [...document.querySelectorAll('*')]
            .map((element) => getComputedStyle(element))
            .filter((style) => style.animationName !== 'none' || style.transitionDuration !== '0s').length;
        });
      assert.ok((await moving()) > 0);
      await page.emulateMedia({ reducedMotion: 'reduce' });
      assert.equal(await moving(), 0);
      await page.emulateMedia({ reducedMotion: 'no-preference' });
      assert.ok((await moving()) > 0);
      await page.evaluate(() => {
        document.body.classList.add('vscode-reduce-motion');
      });
      assert.equal(await moving(), 0);
    });
  });

  test('view, options, choices and the place on the page survive a reload', async () => {
    await show('finished', async ({ page, runs }) => {
      await page.getByLabel('Log scale').click();
      await page.locator('nav select').selectOption(runs.runs[1]?.id ?? '');
      await page.locator('h1', { hasText: 'train-feature-extraction.ts' }).waitFor();
      await page.locator('table.matrix').waitFor();
      await page.mouse.wheel(0, 5_000);
      await page.waitForTimeout(200);
      const place = await page.evaluate(() => window.scrollY);
      assert.ok(place > 0);
      await page.waitForTimeout(400);
      // A browser finds the place by itself; a webview does not.
      await page.addInitScript(() => {
        history.scrollRestoration = 'manual';
      });
      await page.reload();
      await page.locator('h1', { hasText: 'train-feature-extraction.ts' }).waitFor();
      await page.waitForFunction((y) => Math.abs(window.scrollY - y) < 2, place, { timeout: 5_000 });
      await page.locator('nav select').selectOption(runs.runs[0]?.id ?? '');
      assert.equal(await page.getByLabel('Log scale').getAttribute('aria-checked'), 'true');
    });
  });

  test('what is seen is remembered already: whoever sees it may leave at once', async () => {
    await show('finished', async ({ page, runs }) => {
      const id = runs.runs[1]?.id ?? '';
      const remembered = page.evaluate(
        () =>
          new Promise<string | null>((resolve) => {
            new MutationObserver(() => {
              if (document.querySelector('h1')?.textContent.includes('train-fine-tune.ts') !== true)
                resolve(sessionStorage.getItem('state'));
            }).observe(document.body, { subtree: true, childList: true, characterData: true });
          }),
      );
      await page.locator('nav select').selectOption(id);
      assert.match((await remembered) ?? '', new RegExp(`"id":"${id}"`));
    });
  });

  test('a million batches: shown within a second, a pan costs less than a frame', async (t) => {
    await show('finished', async ({ page, session, runs }) => {
      const [run] = runs.runs;
      assert.ok(run !== undefined);
      const out = createWriteStream(path.join(run.folder, 'events.ndjson'));
      await writeLongLog(out, 1_000_000);
      await once(out, 'close');
      const drawn = page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            const start = performance.now();
            let gone = false;
            new MutationObserver(() => {
              const there = document.querySelector('.chart canvas') !== null;
              gone ||= !there;
              if (gone && there)
                requestAnimationFrame(() => {
                  resolve(performance.now() - start);
                });
            }).observe(document.body, { subtree: true, childList: true });
          }),
      );
      session.show({ kind: 'run', id: run.id });
      const opened = await drawn;
      await page.locator('.plot').first().focus();
      await page.keyboard.press('+');
      await page.waitForTimeout(500);
      const [typical, slow] = await page.evaluate(async () => {
        const plot = document.querySelector('.plot');
        const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
        const costs: number[] = [];
        for (let i = 0; i < 100; i++) {
          await frame();
          const begin = performance.now();
          const key = i % 20 < 10 ? 'ArrowRight' : 'ArrowLeft';
          plot?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
          // Past the microtasks in which the charts draw, and past the painting of this frame.
          await new Promise((resolve) => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = resolve;
            port2.postMessage(undefined);
          });
          costs.push(performance.now() - begin);
        }
        costs.sort((a, b) => a - b);
        return [costs[50] ?? 99, costs[95] ?? 99];
      });
      const line = `opened in ${opened.toFixed(0)} ms; a pan costs ${typical.toFixed(1)} ms (median), ${slow.toFixed(1)} ms (95th percentile)`;
      t.diagnostic(line);
      console.log(`  a million batches: ${line}`);
      await assertInTime(opened < 1_000 && typical < 16, line);
    });
  });
});

/** Nothing of the elements has to be scrolled to from the side. */
function whole(selector: string): (shown: Shown) => Promise<void> {
  return async ({ page }) => {
    const widths = await page
      .locator(selector)
      .evaluateAll((all) => all.map((one) => [one.scrollWidth, one.clientWidth]));
    assert.ok(widths.length > 0);
    for (const [content = 0, room = 0] of widths) assert.ok(content <= room, `${content} pixels in ${room}`);
  };
}

/** What the page says, to eyes and to screen readers, without code, and without what the training process said. */
async function readTexts(page: Page): Promise<string[]> {
  return await page.evaluate(() => {
    const texts: string[] = [];
    const all = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = all.nextNode(); node !== null; node = all.nextNode()) {
      if (node instanceof Text) {
        if (node.parentElement?.closest('script, code, small, [role=alert], .problem') === null) texts.push(node.data);
      } else if (node instanceof Element && !node.matches('small'))
        for (const name of ['aria-label', 'title', 'placeholder', 'alt']) texts.push(node.getAttribute(name) ?? '');
    }
    return texts.map((text) => text.trim()).filter((text) => text !== '');
  });
}

/** Two words outside the brackets of the made-up language. */
function isProse(text: string): boolean {
  return /[A-Za-z]{2,} [A-Za-z]{2,}/.test(text.replaceAll(/⟦[^⟦⟧]*⟧/g, ''));
}
