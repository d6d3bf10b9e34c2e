import assert from 'node:assert/strict';
import path from 'node:path';
import { test, type TestContext } from 'node:test';

import { PanelSession } from '../../../../src/extension/panel/session.js';
import { GraftError } from '../../../../src/common/errors.js';
import type { Answer, HostMessage, PanelView } from '../../../../src/protocol/index.js';
import type { Service } from '../../../../src/extension/interfaces.js';
import { FakeEditor, fakeService, FakeRuns } from '../../../browser/support/fake-host.js';
import { temporaryFolder } from '../../../support/pictures.js';

const failing: Service = {
  call: () => Promise.reject(new GraftError('The folder is gone.', { action: 'Choose another.' })),
};

interface Setup {
  readonly service?: Service;
  readonly trusted?: boolean;
  readonly view?: PanelView;
  readonly train?: () => Promise<string | undefined>;
}

async function open(t: TestContext, { service = fakeService, trusted = true, view, train }: Setup = {}) {
  const editor = new FakeEditor([temporaryFolder()]);
  editor.trusted = trusted;
  const [posted, logged]: [HostMessage[], string[]] = [[], []];
  const session = new PanelSession({
    ...{ runs: new FakeRuns([]), service, editor, train: train ?? (() => Promise.resolve(undefined)) },
    post: (message) => posted.push(message),
    log: (text) => logged.push(text),
    onShown: () => undefined,
    did: () => undefined,
  });
  t.after(() => {
    session.dispose();
  });
  await session.receive({ type: 'ready', version: 1, ...(view === undefined ? {} : { view }) });
  posted.length = 0;
  return { session, editor, posted, logged };
}

const choice = { technique: 'fine-tuning', data: 'data', base: 'sapling', out: 'train.ts' };
const huge = { name: 'a.png', content: 'A'.repeat(33 << 20) };
const gone = { ok: false, message: 'The folder is gone.', action: 'Choose another.' } as const;
const refused = { ok: false, message: 'This cannot be asked for.', action: 'Reload the window.' } as const;
const nothing = { ok: true, value: undefined } as const;
const cases: readonly {
  readonly name: string;
  readonly message: Readonly<Record<string, unknown>>;
  readonly setup?: Setup;
  readonly answer: Answer<unknown>;
}[] = [
  { name: 'the service fails', message: { type: 'preview', choice }, setup: { service: failing }, answer: gone },
  { name: 'bases are not known', message: { type: 'listBases' }, setup: { service: failing }, answer: gone },
  { name: 'the user chooses nothing', message: { type: 'choose', what: 'base', current: '' }, answer: nothing },
  { name: 'the run is not shown', message: { type: 'detail', id: 'r1', from: 0, to: 1 }, answer: nothing },
  { name: 'another view is shown', message: { type: 'try', pictures: [], files: [] }, answer: nothing },
  {
    name: 'nothing is run from here',
    message: { type: 'choosePictures' },
    setup: { trusted: false, view: { kind: 'try', model: 'm', name: 'm' } },
    answer: nothing,
  },
  { name: 'it is too large', message: { type: 'try', pictures: [huge], files: [] }, answer: refused },
  { name: 'it is no question', message: { type: 'whoAreYou' }, answer: refused },
  {
    name: 'the script would lie elsewhere',
    message: { type: 'write', choice: { ...choice, out: path.resolve('/elsewhere/train.ts') }, train: true },
    answer: {
      ok: false,
      message: `"${path.resolve('/elsewhere/train.ts')}" is outside the workspace.`,
      action: 'Choose a place inside the opened folder.',
    },
  },
];
for (const { name, message, setup, answer } of cases) {
  test(`what the page asks is answered where ${name}`, async (t) => {
    const { session, posted } = await open(t, setup);
    await session.receive({ ...message, ticket: 7 });
    assert.deepEqual(
      posted.filter(({ type }) => type === 'answer'),
      [{ type: 'answer', ticket: 7, answer }],
    );
  });
}

test('what nobody waits for says in a banner why it does not work', async (t) => {
  const { session, posted, logged } = await open(t, { service: failing });
  await session.receive({ type: 'summarizeData', folder: 'data' });
  assert.deepEqual(posted, [{ type: 'notice', message: 'The folder is gone.', action: 'Choose another.' }]);
  assert.equal(logged.length, 1);
});

test('that a script is written is said before it trains; a training that does not start says why', async (t) => {
  const train = () => Promise.reject(new GraftError('No Node.', { action: 'Set one.' }));
  const { session, posted, editor } = await open(t, { train });
  await session.receive({ type: 'write', choice, train: true, ticket: 1 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(posted, [
    { type: 'answer', ticket: 1, answer: { ok: true, value: 'train.ts' } },
    { type: 'notice', message: 'No Node.', action: 'Set one.' },
  ]);
  assert.equal(editor.files.size, 1);
});

test('what was shown last is shown again: to a page that says ready once more, and to one that was hidden before it could remember', async (t) => {
  const compare = (id: string): PanelView => ({ kind: 'compare', ids: [id] });
  const { session, posted } = await open(t, { view: compare('a') });
  const ready = async () => {
    await session.receive({ type: 'ready', version: 1, view: compare('a') });
    return posted.findLast((message) => message.type === 'view')?.view;
  };
  session.show(compare('b'));
  assert.deepEqual(await ready(), compare('b'));
  session.suspend();
  assert.deepEqual(await ready(), compare('b'));
  session.suspend();
  session.show(compare('c'));
  assert.deepEqual(await ready(), compare('c'), 'asked for while it was hidden');
});

test('a form is filled in once: what people made of it since stays when the page is shown again', async (t) => {
  const { session, posted } = await open(t);
  const shown = () => posted.findLast((message) => message.type === 'view')?.view;
  session.show({ kind: 'form', data: 'a' });
  assert.deepEqual(shown(), { kind: 'form', data: 'a' });
  session.suspend();
  await session.receive({ type: 'ready', version: 1, view: { kind: 'form' } });
  assert.deepEqual(shown(), { kind: 'form' });
});
