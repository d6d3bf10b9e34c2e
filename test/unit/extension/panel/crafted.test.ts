import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import sharp from 'sharp';

import { PanelSession } from '../../../../src/extension/panel/session.js';
import { RunWatch } from '../../../../src/extension/runs/run-watch.js';
import type { HostMessage } from '../../../../src/protocol/index.js';
import { fakeService, FakeEditor, FakeRuns } from '../../../browser/support/fake-host.js';
import { craftRun, goodReport, type CraftedRun } from '../../../support/crafted-run.js';
import { temporaryFolder } from '../../../support/pictures.js';

const png = Buffer.from('89504e470d0a1a0a', 'hex');
const time = 1_700_000_000_000;

/** What the panel shows of a run that came with a download. */
async function show(t: TestContext, crafted: (workspace: string) => CraftedRun, trusted: boolean) {
  const workspace = realpathSync(temporaryFolder());
  mkdirSync(path.join(workspace, 'data', 'a'), { recursive: true });
  writeFileSync(path.join(workspace, 'data', 'a', '1.png'), png);
  const folder = craftRun(workspace, 'r1', crafted(workspace));
  const editor = new FakeEditor([workspace]);
  editor.trusted = trusted;
  const runs = new FakeRuns([(await RunWatch.open(folder)).summary]);
  const messages: HostMessage[] = [];
  const session = new PanelSession({
    ...{ runs, service: fakeService, editor, train: () => Promise.resolve(undefined) },
    post: (message) => messages.push(message),
    log: (message) => messages.push({ type: 'notice', message }),
    onShown: () => undefined,
    did: () => undefined,
  });
  t.after(() => {
    session.dispose();
  });
  await session.receive({ type: 'ready', version: 1, view: { kind: 'run', id: 'r1' } });
  for (let i = 0; i < 100 && !messages.some(({ type }) => type === 'run'); i++) await sleep(50);
  // A report, where there is one, follows at once.
  await sleep(200);
  /** What the page gets where it asks for the pictures of the mistakes. */
  const pictures = async () => {
    const report = messages.findLast((message) => message.type === 'report');
    const files = report?.report?.mistakes.map(({ file }) => file) ?? [];
    await Promise.all(files.map((file, ticket) => session.receive({ type: 'picture', id: 'r1', file, ticket })));
    return files.map((_, ticket) => {
      const answer = messages.find((message) => message.type === 'answer' && message.ticket === ticket);
      return answer?.type === 'answer' && answer.answer.ok ? answer.answer.value : answer;
    });
  };
  return { workspace, folder, editor, session, messages, pictures };
}

const shown = `data:image/png;base64,${png.toString('base64')}`;

const data = (directory: string) => ({ type: 'data', time, directory, classes: [], duplicates: 0, skipped: [] });
const mistakes = (...files: string[]) => ({
  mistakes: files.map((file) => ({ ...goodReport().mistakes[0], file })),
});

for (const trusted of [true, false]) {
  const where = trusted ? 'in a trusted workspace' : 'in one that is not trusted';
  test(`a log that names the disk as its data opens none of it, ${where}`, async (t) => {
    const outside = path.join(realpathSync(temporaryFolder()), 'secret.png');
    writeFileSync(outside, png);
    for (const directory of ['/', os.homedir(), os.tmpdir(), '..', '../..']) {
      const { editor, pictures, session, messages } = await show(
        t,
        () => ({ events: [data(directory)], report: mistakes(outside, outside.slice(1)) }),
        trusted,
      );
      assert.deepEqual(await pictures(), [undefined, undefined], directory);
      await session.receive({ type: 'openImage', id: 'r1', file: outside });
      assert.deepEqual(editor.asked, [], directory);
      assert.match(JSON.stringify(messages.at(-1)), /secret\.png cannot be opened on its own/);
    }
  });

  test(`pictures of the workspace are shown, ${where}`, async (t) => {
    const { editor, pictures, session, workspace } = await show(
      t,
      () => ({ events: [data('data')], report: mistakes('a/1.png') }),
      trusted,
    );
    const picture = path.join(workspace, 'data', 'a', '1.png');
    assert.deepEqual(await pictures(), [shown]);
    await session.receive({ type: 'openImage', id: 'r1', file: 'a/1.png' });
    assert.deepEqual(editor.asked, [`open ${picture}, keep the focus`]);
  });

  test(`data outside of the workspace is shown only where it is trusted: ${where}`, async (t) => {
    const photos = realpathSync(temporaryFolder());
    writeFileSync(path.join(photos, '1.png'), png);
    const { pictures } = await show(t, () => ({ events: [data(photos)], report: mistakes('1.png') }), trusted);
    assert.deepEqual(await pictures(), [trusted ? shown : undefined]);
  });
}

for (const trusted of [true, false])
  test(`of HEIC and TIFF ${trusted ? 'a small picture is shown, as no browser shows them' : 'the names are shown where nothing is run'}`, async (t) => {
    const { pictures, session, editor, workspace } = await show(
      t,
      (workspace) => {
        const folder = path.join(workspace, 'data', 'a');
        copyFileSync('test/fixtures/heic/plain.heic', path.join(folder, '2.heic'));
        // A picture by its beginning alone.
        writeFileSync(path.join(folder, '3.tif'), 'II*\0 and nothing else');
        return { events: [data('data')], report: mistakes('a/1.png', 'a/2.heic', 'a/3.tif') };
      },
      trusted,
    );
    const [first, second, third] = await pictures();
    assert.deepEqual([first, third], [shown, undefined]);
    // The editor's own viewer shows neither: ours is opened, where anything is run.
    await session.receive({ type: 'openImage', id: 'r1', file: 'a/2.heic' });
    const heic = path.join(workspace, 'data/a/2.heic');
    assert.deepEqual(editor.asked, trusted ? [`preview ${heic}, keep the focus`] : []);
    if (!trusted) {
      assert.equal(second, undefined);
      return;
    }
    const [head, jpeg = ''] = String(second).split(',');
    assert.equal(head, 'data:image/jpeg;base64');
    const { format, width, height } = await sharp(Buffer.from(jpeg, 'base64')).metadata();
    assert.deepEqual({ format, width, height }, { format: 'jpeg', width: 192, height: 192 });
  });

test('a script outside of a workspace that is not trusted is not opened', async (t) => {
  const script = path.join(temporaryFolder(), 'x.ts');
  for (const trusted of [true, false]) {
    const { editor, session, messages } = await show(t, () => ({ run: { script } }), trusted);
    editor.files.set(script, '');
    await session.receive({ type: 'openScript', id: 'r1' });
    assert.deepEqual(editor.asked, trusted ? [`open ${script}`] : []);
    if (!trusted) assert.match(JSON.stringify(messages.at(-1)), /is outside of this workspace/);
  }
});

const epoch = {
  ...{ type: 'epoch', time, stage: 'head', epoch: 1, epochs: 2, learningRate: 1, ms: 1, best: true },
  ...{ train: { loss: 1, accuracy: 1 }, validation: { loss: 1, accuracy: 0.5, macroF1: 0.5 } },
};

test('a damaged report is said in a sentence, and the rest of the run is shown', async (t) => {
  for (const report of ['{"metrics":', '[]', '', '{}', '['.repeat(100_000), { confusion: [[1]] }, { classes: 7 }]) {
    const { messages } = await show(t, () => ({ events: [epoch, { type: 'done', time }], report }), true);
    const run = messages.find((message) => message.type === 'run');
    assert.match(run?.facts?.problem?.message ?? '', /^The report of run r1 is damaged: /);
    assert.equal(run?.facts?.status, 'done');
    assert.equal(run.epochs?.rows.length, 1);
    assert.equal(
      messages.some(({ type }) => type === 'report' || type === 'notice'),
      false,
    );
  }
});

test('a log of events with wrong fields shows those that are right', async (t) => {
  const wrong = [
    ...[
      { ...epoch, train: null },
      { ...epoch, validation: {} },
      { ...epoch, epoch: '1' },
      { ...epoch, stage: {} },
    ],
    ...[
      { ...data('data'), classes: {} },
      { type: 'model', time },
      { type: 'stage', time },
      { type: 'batch', time },
    ],
    ...[
      { type: 'warning', time, message: [] },
      { type: 'phase', time, phase: 'constructor', state: 'started' },
    ],
    ...['{"type":"batch"', 'null', '[]', '{"type":"epoch","time":1}', '\u0000'],
  ];
  const { messages } = await show(t, () => ({ events: [...wrong, epoch, ...wrong] }), false);
  const run = messages.find((message) => message.type === 'run');
  assert.equal(run?.epochs?.rows.length, 1);
  assert.deepEqual([run.facts?.data, run.facts?.model, run.facts?.batches], [undefined, undefined, 2]);
  assert.deepEqual([run.facts?.stages, run.facts?.warnings], [[], []]);
  assert.equal(
    messages.some(({ type }) => type === 'notice'),
    false,
  );
});

test('a report that is taken away while it is shown stays as it was', async (t) => {
  const { folder, session, messages } = await show(t, () => ({ events: [data('data')], report: {} }), true);
  rmSync(path.join(folder, 'report.json'));
  session.onRunsChanged();
  await sleep(200);
  assert.equal(messages.filter(({ type }) => type === 'report').length, 1);
});
