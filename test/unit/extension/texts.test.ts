import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import * as vscode from 'vscode';

import { scriptLenses } from '../../../src/extension/lenses/text.js';
import { modelHtml } from '../../../src/extension/model-html.js';
import { RunsTree } from '../../../src/extension/runs-view.js';
import { summarize } from '../../../src/extension/runs/summary.js';
import { after as afterEvent, emptyState } from '../../../src/runs/log-state.js';
import type { RunEvent, RunInfo } from '../../../src/protocol/index.js';
import { translator } from '../../../src/words/index.js';
import { pseudoBundle } from '../../support/pseudo.js';

/** What the check says about a repository with these files. */
function check(files: Readonly<Record<string, string>>): { ok: boolean; said: string } {
  const root = mkdtempSync(path.join(os.tmpdir(), 'graft-texts-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  return run(root);
}

function run(root: string): { ok: boolean; said: string } {
  const { status, stderr } = spawnSync(process.execPath, ['tools/l10n.mjs', '--check', root], { encoding: 'utf8' });
  return { ok: status === 0, said: stderr.trim() };
}

test('every text goes through t, and l10n/bundle.l10n.json has them all', () => {
  assert.deepEqual(run(path.resolve('.')), { ok: true, said: '' });
});

const bundle = JSON.stringify({ 'Stop {0}': 'Stop {0}' });
const code = "vscode.l10n.t('Stop {0}', run);\n";
const cases = [
  { name: 'nothing missed', code, said: /^$/ },
  { name: 'a text that is not in the bundle', code: `${code}t('Resume');`, said: /not in .*"Resume"/ },
  { name: 'a text that nothing uses', code: '', said: /but not used: "Stop \{0\}"/ },
  { name: 'a label', code: `${code}show({ title: 'Debug' });`, said: /a\.ts:2: "Debug" does not go through/ },
  {
    name: 'a sentence in a template',
    code: `${code}show(\`\${n} files were read\`);`,
    said: /a\.ts:2: "\{\} files were/,
  },
  { name: 'a text that is put together', code: `${code}t('Stop' + name);`, said: /a\.ts:2: is not one literal text/ },
  { name: 'the log, names and errors of ours stay English', code: `${code}log.info('It is on.');`, said: /^$/ },
];
for (const { name, code: text, said } of cases) {
  test(`the check of texts: ${name}`, () => {
    const result = check({ 'src/extension/a.ts': text, 'l10n/bundle.l10n.json': bundle });
    assert.match(result.said, said);
    assert.equal(result.ok, result.said === '');
  });
}

test('a translation has values in its own order; a text without one stays English', () => {
  const t = translator({ '{0} of {1} layers': 'von {1} Ebenen {0}' });
  assert.equal(t('{0} of {1} layers', 3, 9), 'von 9 Ebenen 3');
  assert.equal(t('Stop {0}', '{0}'), 'Stop {0}');
  assert.equal(t('toString'), 'toString');
});

describe('in another language', () => {
  const stub = vscode.l10n as { bundle: Readonly<Record<string, string>> | undefined };
  before(() => {
    stub.bundle = pseudoBundle();
  });
  after(() => {
    stub.bundle = undefined;
  });
  const info: RunInfo = {
    ...{ protocol: 1, id: 'r1', script: '/w/train.ts', scriptHash: '', arguments: [], workspace: '/w', versions: {} },
    ...{ platform: 'linux-x64', engine: 'auto', pid: 4711, nonce: 'n', socket: '/tmp/s', startTime: 0 },
  };
  const progress: RunEvent = { type: 'progress', time: 1, phase: 'read', done: 1, total: 4, perSecond: 1, etaMs: 1 };
  const summary = (alive: boolean) =>
    summarize({
      ...{ folder: '/w/.graft/runs/r1', info, alive, crash: undefined },
      state: afterEvent(emptyState, progress),
    });

  test('lenses', () => {
    assert.deepEqual(
      [...scriptLenses('/w/train.ts', '', [summary(true)]), ...scriptLenses('/w/train.ts', '', [summary(false)])].map(
        ({ title }) => title,
      ),
      ['⟦⟦réádíng thé dátá⟧, 25 %⟧', '⟦■ Stóp⟧', '⟦▶ Tráín⟧', '⟦Débúg⟧', '⟦Intérrúptéd⟧'],
    );
  });

  test('the tree of runs: description, tooltip and what a screen reader says', () => {
    const onDidChange = new vscode.EventEmitter<void>().event;
    const tree = new RunsTree(
      { list: () => [summary(false)], onDidChange },
      { grouped: false, filter: undefined, onDidChange },
    );
    const { description, tooltip, accessibilityInformation } = tree.getTreeItem(summary(false).id);
    assert.match(String(description), /^⟦Intérrúptéd⟧, train\.ts$/);
    assert.match(
      typeof tooltip === 'string' ? tooltip : '',
      /⟦Thé tráíníng prócéss \(4711\) éndéd.*⟦Théré ís nó chéckpóínt/,
    );
    assert.match(accessibilityInformation?.label ?? '', /^train\.ts, ⟦Intérrúptéd⟧/);
  });

  test('the viewer of model files; its language is English where there is no translation', () => {
    const layer = { name: 'conv', type: 'Conv2D', outputShape: [null, 8], parameters: 9, trainable: false };
    const page = () =>
      modelHtml({
        ...{ nonce: 'n', name: 'a.h5', links: [], note: undefined },
        model: { file: 'a.h5', format: 'HDF5', layers: [layer], parameters: 9, facts: {} },
      });
    const words = page()
      .replaceAll(/<style[\s\S]*<\/style>|<[^>]*>/g, '|')
      .split('|')
      .map((word) => word.trim());
    assert.ok(words.includes('⟦Fórmát⟧'));
    const others = words.filter((word) => word !== '' && !word.startsWith('⟦'));
    assert.deepEqual(others, ['a.h5', 'a.h5', 'HDF5', '9', '1', 'conv', 'Conv2D', 'N × 8', '9']);
    stub.bundle = undefined;
    assert.match(page(), /<html lang="en">/);
    stub.bundle = pseudoBundle();
  });
});
