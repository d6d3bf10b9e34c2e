import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import type { Browser } from 'playwright-core';

import { exportModel } from '../../src/runtime/export/export-model.js';
import type { TrainedModel } from '../../src/runtime/export/types.js';
import {
  binaryModel,
  Differences,
  graftSays,
  greyModel,
  parsed,
  pictureFiles,
  savedModel,
} from '../support/exports.js';
import { temporaryFolder } from '../support/pictures.js';
import { launch, noChromium } from './support/panel-page.js';

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };
const library = 'node_modules/@tensorflow/tfjs/dist/tf.min.js';

/** A folder as a server shows it. */
async function serve(folder: string): Promise<{ address: string; close: () => void }> {
  const server = createServer((request, response) => {
    const file = path.join(folder, path.basename(request.url ?? ''));
    readFile(file).then(
      (content) => response.writeHead(200, { 'content-type': types[path.extname(file)] ?? '' }).end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

const kinds: readonly (readonly [string, () => Partial<TrainedModel>])[] = [
  ['crop, caffe', () => ({})],
  ['pad, tf', () => ({ resize: 'pad', preprocessing: 'tf' })],
  ['stretch, torch, one output', () => ({ ...binary(), resize: 'stretch', preprocessing: 'torch' })],
  ['grey', () => ({ model: greyModel(), preprocessing: { mean: [120], std: [60] } })],
  ['mean and std', () => ({ preprocessing: { mean: [0.48, 0.45, 0.4], std: [0.2] } })],
];
const binary = () => ({ model: binaryModel(), classes: ['no', 'yes'] });

describe('an export for the browser', { skip: noChromium }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(async () => {
    await browser.close();
  });

  for (const [kind, change] of kinds) {
    test(`its example says what Graft says: ${kind}`, async () => {
      const [model, files, folder] = [await savedModel(change()), await pictureFiles(), temporaryFolder()];
      await exportModel(model, 'tfjs', path.join(folder, 'web'));
      const { address, close } = await serve(path.join(folder, 'web'));
      const page = await browser.newPage();
      try {
        await page.route('https://cdn.jsdelivr.net/**', (route) => route.fulfill({ path: path.resolve(library) }));
        await page.goto(`${address}/example.html`);
        await page.waitForFunction(() => document.querySelector('input')?.onchange !== null);
        const differences = new Differences();
        // A canvas keeps half transparent colours in its own way: pixels that are not the same.
        const opaque = [...(await graftSays(model, files))].filter(([file]) => !file.endsWith('1.png'));
        for (const [file, probabilities] of opaque) {
          await page.locator('pre').evaluate((element) => (element.textContent = ''));
          await page.setInputFiles('input', file);
          await page.waitForFunction(() => document.querySelector('pre')?.textContent !== '');
          differences.add(file, probabilities, parsed((await page.locator('pre').textContent()) ?? ''));
        }
        console.log(`browser, ${kind}: ${differences.toString()}`);
        assert.ok(differences.largest.png < 1e-4 && differences.largest.jpg < 0.02 && differences.sameClass);
      } finally {
        close();
        await page.close();
      }
    });
  }
});
