import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import * as vscode from 'vscode';

import { markdownTable, t } from '../../../src/extension/documents.js';
import { registerRunEnds } from '../../../src/extension/run-ends.js';
import { evaluationText } from '../../../src/extension/evaluation-text.js';
import { scriptLenses } from '../../../src/extension/lenses/text.js';
import { modelHtml } from '../../../src/extension/model-html.js';
import { panelHtml } from '../../../src/extension/panel/html.js';
import { withProgress, withQuietProgress } from '../../../src/extension/progress.js';
import { Problems } from '../../../src/extension/problems.js';
import { mayDelete, mayStart } from '../../../src/extension/runs/questions.js';
import { summarize } from '../../../src/extension/runs/summary.js';
import { after as afterEvent, emptyState } from '../../../src/runs/log-state.js';
import { RunsTree } from '../../../src/extension/runs-view.js';
import { baseItems, freezeItems } from '../../../src/extension/scaffold/choices.js';
import type { RunSummary } from '../../../src/extension/interfaces.js';
import { lens, mention, pick, pickMany, showStatus, tell } from '../../../src/extension/window.js';
import type { BaseOption, RunEvent, RunInfo, RunReport } from '../../../src/protocol/index.js';
import { GraftError } from '../../../src/common/errors.js';
import { htmlReport } from '../../../src/runtime/report/html.js';
import { hostileNames, liveInEditor, liveInHtml, liveInMarkdown } from '../../support/hostile.js';

const { asked } = vscode.window as unknown as { readonly asked: { what: string; values: unknown[] }[] };
beforeEach(() => {
  asked.length = 0;
});

/** Every text in a value, and where it is. */
function texts(value: unknown, at = ''): (readonly [string, string])[] {
  if (typeof value === 'string') return [[at, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => texts(part, `${at}.${key}`));
}

function assertDead(what: string, value: unknown): void {
  for (const [at, text] of texts(value)) {
    assert.equal(liveInEditor(text), undefined, `${what}${at}: ${text.slice(0, 200)}`);
    assert.ok(text.length <= 4_100, `${what}${at} has ${text.length} characters.`);
  }
}

function assertNothingLiveAsked(): void {
  assert.ok(asked.length > 0, 'Something was shown.');
  for (const { what, values } of asked) {
    // A pick hands back what it was given: of that nothing is shown.
    const seen = JSON.stringify(values, (key, value: unknown) => (key === 'value' ? undefined : value));
    assertDead(what, JSON.parse(seen));
  }
}

function runsWith(name: string): RunSummary[] {
  const info: RunInfo = {
    ...{ protocol: 1, id: name, script: `/w/${name}`, scriptHash: '', arguments: [name], workspace: '/w' },
    ...{
      platform: name,
      engine: 'auto',
      pid: 4711,
      nonce: 'n',
      socket: '/tmp/s',
      startTime: 0,
      versions: { node: name },
    },
  };
  const facts = { folder: `/w/.graft/runs/${name}`, info, crash: undefined };
  const failed: RunEvent = { type: 'failed', time: 1, message: name, action: name };
  const crash = { code: null, signal: name, output: name };
  return [
    summarize({ ...facts, alive: true, state: emptyState }),
    summarize({ ...facts, alive: false, state: afterEvent(emptyState, failed) }),
    summarize({ ...facts, alive: false, state: emptyState, crash }),
    summarize({ ...facts, alive: false, state: emptyState, info: { ...info, protocol: name as never } }),
  ];
}

const metrics = { loss: 1, accuracy: 0.5, macroF1: 0.5 };
const perClass = (name: string) => [{ name, precision: 1, recall: 1, f1: 1, support: 1 }];

for (const name of hostileNames) {
  const title = JSON.stringify(name.slice(0, 60));

  test(`lenses, rows and the status bar show ${title}`, () => {
    for (const run of runsWith(name)) {
      for (const { title: text } of scriptLenses(run.info.script, '', [run]))
        assertDead('lens', lens(0, { command: 'c', title: text }).command?.title);
      const onDidChange = new vscode.EventEmitter<void>().event;
      for (const grouped of [false, true]) {
        const tree = new RunsTree({ list: () => [run], onDidChange }, { grouped, filter: undefined, onDidChange });
        for (const node of [run.id, ...tree.getChildren()]) {
          const { label, description, tooltip, accessibilityInformation } = tree.getTreeItem(node);
          assertDead('row', { label, description, tooltip, accessibilityInformation });
        }
      }
    }
    const item = { show: () => undefined } as unknown as vscode.StatusBarItem;
    showStatus(item, { icon: 'sync', text: name, tooltip: name, spoken: name });
    assert.ok(item.text.startsWith('$(sync) '));
    assertDead('status', { ...item, text: item.text.slice('$(sync) '.length) });
  });

  test(`messages, questions and picks show ${title}`, async () => {
    const nothing = () => undefined;
    const problems = new Problems({ error: nothing, show: nothing } as unknown as vscode.LogOutputChannel);
    problems.show(new GraftError(name, { action: name }), { title: name, run: nothing });
    problems.show(new Error(name));
    problems.show(name);
    const [running, ...ended] = runsWith(name);
    assert.ok(running);
    const uri = (fsPath: string): vscode.Uri => ({ fsPath }) as unknown as vscode.Uri;
    await mayStart(uri(running.info.script), [running], nothing);
    await mayStart(uri(`/other/${name}`), [running], nothing);
    await mayDelete(ended.slice(0, 1));
    await mayDelete(ended);
    await tell('information', name, [name], { detail: name });
    const items = [{ label: name, description: name, detail: name }];
    await pick(items, { title: 'Which?' });
    await pickMany(items, { title: 'Which?' });
    await withProgress(name, () => Promise.resolve());
    await withQuietProgress(name, () => Promise.resolve());
    mention(name);
    const base: BaseOption = {
      ...{ id: name, label: name, size: [1, 1], parameters: 1, licence: name, weights: 'file' },
      ...{ family: name, bytes: 1 },
      ...{ freezePoints: [{ layer: name, depth: 1 }], defaultFreezePoint: name },
    };
    await pick<vscode.QuickPickItem>([...baseItems([base]), ...freezeItems(base)], { title: 'Which?' });
    assertNothingLiveAsked();
  });

  test(`what ends or is found is told: ${title}`, async () => {
    const nothing = () => undefined;
    const problems = new Problems({ error: nothing, show: nothing } as unknown as vscode.LogOutputChannel);
    const ends = new vscode.EventEmitter<RunSummary>();
    const finds = new vscode.EventEmitter<RunSummary>();
    const [running, failed] = runsWith(name);
    assert.ok(running !== undefined && failed !== undefined);
    registerRunEnds(
      { onDidEnd: ends.event, onDidFind: finds.event, get: () => failed } as never,
      { shows: () => false },
      problems,
    );
    ends.fire(failed);
    finds.fire(running);
    const end = Date.now() + 5_000;
    while (asked.length < 2 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(asked.length, 2);
    assertNothingLiveAsked();
  });

  test(`an evaluation and a check of the environment show ${title}`, () => {
    const text = evaluationText(name, `/data/${name}`, {
      ...{
        images: 1,
        metrics,
        classes: [name, 'b'],
        perClass: perClass(name),
        confusion: [
          [1, 0],
          [0, 1],
        ],
      },
      skipped: [{ file: name, reason: name }],
    }).text;
    assert.equal(liveInMarkdown(text), undefined, text.slice(0, 300));
    assert.equal(liveInMarkdown(markdownTable([name], [[name]]).text), undefined);
    assert.equal(liveInMarkdown(t('Accuracy **{0}**', name).text), undefined);
  });

  test(`pages show ${title}`, () => {
    const layer = { name, type: name, outputShape: [name as never], parameters: 1, trainable: false };
    const model = { file: name, format: name, layers: [layer], parameters: 1, facts: { [name]: name } };
    const href = `command:graft.fineTuneModel?${encodeURIComponent(JSON.stringify(['/w/a.h5']))}`;
    const page = modelHtml({ nonce: 'n', name, model, links: [{ title: name, href }], note: name });
    assert.equal(liveInHtml(page), undefined);
    assert.deepEqual(page.match(/href="[^"]*"/g), [`href="${href}"`]);
    const texts = { [name]: name };
    const panel = panelHtml({
      ...{ nonce: 'n', script: '', style: '', language: 'en', title: name, loading: name, texts },
    });
    assert.equal(liveInHtml(panel), undefined);
    const json = /id="texts">(.*)<\/script>/.exec(panel)?.[1] ?? '';
    assert.deepEqual(JSON.parse(json), texts);
  });

  test(`the report shows ${title}`, () => {
    const hostile = name as never;
    const report: RunReport = {
      ...{ status: 'done', technique: 'fine-tuning', base: name, engine: hostile, classes: [name, 'b'], metrics },
      ...{
        perClass: perClass(name),
        confusion: [
          [hostile, 1],
          [1, 1],
        ],
        skipped: [{ file: name, reason: name }],
      },
      mistakes: [{ file: name, actual: name, predicted: name, confidence: 1 }],
      timing: { decode: 1, prefix: 1, train: 1, evaluate: 1, total: 1 },
      ...{ seed: hostile, hashes: { data: name, base: name, model: name }, created: name, history: [] },
    };
    const page = htmlReport({
      ...{
        id: name,
        overrides: [name],
        purpose: 'train',
        report,
        splits: [name],
        thumbnails: [undefined],
        words: { one: name, many: name },
        versions: { [name]: name },
      },
      data: { directory: name, duplicates: hostile, classes: [{ name, train: hostile, validation: hostile }] },
      script: { file: name, text: name, changed: true },
    });
    assert.equal(liveInHtml(page), undefined);
  });
}

test('the answer is the button that was pressed, whatever it was shown as', async () => {
  const window = vscode.window as unknown as Record<string, unknown>;
  const before = window['showInformationMessage'];
  window['showInformationMessage'] = (...values: readonly unknown[]) => Promise.resolve(values.at(-1));
  try {
    assert.equal(await tell('information', 'Which?', ['Stop $(a).ts']), 'Stop $(a).ts');
  } finally {
    window['showInformationMessage'] = before;
  }
});
