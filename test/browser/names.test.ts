import assert from 'node:assert/strict';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import type { Browser } from 'playwright-core';

import type { RunReport } from '../../src/protocol/index.js';
import { csv } from '../../src/words/index.js';
import { hostileNames, liveInTerminal } from '../support/hostile.js';
import { FakeEditor, FakeRuns, makeRun } from './support/fake-host.js';
import { launch, noChromium, openPanel } from './support/panel-page.js';

describe('hostile names in the training panel', { skip: noChromium }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(async () => {
    await browser.close();
  });

  test('are text, and every character of them is seen', async () => {
    const workspace = await mkdtemp(path.join(os.tmpdir(), 'graft-names-'));
    const run = await makeRun(workspace, 'fine-tuning', 'hostile', {
      status: 'failed',
      problem: { message: hostileNames.join(' '), action: hostileNames.join(' ') },
    });
    const file = path.join(run.folder, 'report.json');
    const report = JSON.parse(await readFile(file, 'utf8')) as RunReport<'classification'>;
    // What a report may have: a path ends at NUL, and names have a limit.
    const classes = hostileNames.map((name) => name.slice(0, 200).replaceAll('\0', ' '));
    const hostile: RunReport<'classification'> = {
      ...report,
      classes,
      base: classes.join(' ').slice(0, 4_000),
      perClass: classes.map((name) => ({ name, precision: 1, recall: 1, f1: 1, support: 1 })),
      confusion: classes.map((_, i) => classes.map((__, j) => (i === j ? 9 : 1))),
      mistakes: classes.map((name) => ({ file: name, actual: name, predicted: name, confidence: 0.9 })),
      skipped: classes.map((name) => ({ file: name, reason: name })),
    };
    await writeFile(file, JSON.stringify(hostile));
    const info = { ...run.info, script: `/w/${hostileNames[0] ?? ''}\u202e.ts` };
    const runs = new FakeRuns([{ ...run, info }]);
    const editor = new FakeEditor([workspace]);
    const { page, session, errors } = await openPanel(browser, { runs, editor, state: { view: { kind: 'run' } } });
    try {
      await page.waitForSelector('.matrix');
      await page.waitForSelector('.banner.error');
      // Whatever can be opened: what is hidden behind a summary is text too.
      await page.evaluate(() => {
        for (const details of document.querySelectorAll('details')) details.open = true;
      });
      const seen = await page.evaluate(() => ({
        text: document.body.textContent,
        attributes: [...document.querySelectorAll('*')].flatMap((element) =>
          ['title', 'aria-label', 'alt'].map((name) => element.getAttribute(name) ?? ''),
        ),
        live: document.querySelectorAll('#root a, #root script, #root svg[onload], #root img[src="x"]').length,
      }));
      assert.equal(seen.live, 0);
      for (const text of [seen.text, ...seen.attributes]) assert.equal(liveInTerminal(text), undefined);
      assert.ok(seen.text.includes('photo-\\u202egpj.exe'));
      assert.ok(seen.text.includes('[Fix it](command:workbench.action.toggleZenMode)'));
      assert.ok(seen.attributes.some((text) => text.includes('\\x1b[2J')));
      assert.deepEqual(errors, []);
    } finally {
      session.dispose();
      await page.close();
    }
  });
});

test('a CSV file for a spreadsheet has no formula in it', () => {
  for (const name of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])
    assert.match(csv(['a', name], [[name, -1]]), /^a,"?'[^]*\n"?'[^]*,-1\r\n$/);
  assert.equal(csv(['epoch'], [[-0.5], ['a "b", c']]), 'epoch\r\n-0.5\r\n"a ""b"", c"\r\n');
});
