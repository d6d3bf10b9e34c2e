import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';

import { panelHtml } from '../../../../src/extension/panel/html.js';

const parts = { nonce: 'n', style: 'p {}', language: 'en', title: 'Graft', loading: 'Loading…', texts: {} };

test('the script in the page is what it was, also where it holds what ends one', () => {
  const said = ['</script>', '</SCRIPT >', '<!--', '<!--<script>', '<b>', '$&'];
  const page = panelHtml({ ...parts, script: `said = ${JSON.stringify(said)};` });
  const [script = '', ...others] = [...page.matchAll(/<script nonce="n">(.*?)<\/script/gis)].map(([, text]) => text);
  assert.deepEqual(others, []);
  const context = { said: [] };
  vm.runInNewContext(script, context);
  assert.deepEqual([...context.said], said);
});

test('the page loads nothing, and says that it loads until its script runs', () => {
  const page = panelHtml({ ...parts, script: '' });
  const [, policy = ''] = /Security-Policy" content="([^"]*)"/.exec(page) ?? [];
  assert.equal(
    policy.replaceAll('&#39;', "'"),
    "default-src 'none'; script-src 'nonce-n'; style-src 'unsafe-inline'; img-src data:",
  );
  assert.doesNotMatch(page, /\b(src|href)=/);
  assert.match(page, /<div id="root"><p class="dim">Loading…<\/p><\/div>/);
});
