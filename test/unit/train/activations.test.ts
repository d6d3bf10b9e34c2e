/** What the activation cache computes, keeps and gives up, with a prefix that is made up. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mock, test } from 'node:test';

import { ActivationCache } from '../../../src/runtime/cache/activation-cache.js';
import { GraftError, StoppedError } from '../../../src/common/errors.js';
import type { Run } from '../../../src/runtime/run/run.js';
import { dataKinds, type Item } from '../../../src/runtime/data/index.js';
import { cachedActivations, type CachedActivations } from '../../../src/runtime/train/activations.js';
import type { PrefixPass, PrefixResult } from '../../../src/runtime/train/prefix-pass.js';
import { fakeRun } from '../../support/fake-training.js';
import { temporaryFolder } from '../../support/pictures.js';

const hash = 'a'.repeat(64);
/** Two taps: two numbers, and one. */
const tapShapes = [[2], [1]];
const views = dataKinds.image.views({ size: [2, 2], resize: 'crop', seed: 1, maxPixels: 100 });
const itemsOf = (...contents: readonly string[]) =>
  contents.map((content, i): Item => ({
    example: { id: `${i}.png`, label: 0, hash: content, source: { kind: 'file', path: '' } },
    view: 0,
  }));
const recordOf = ({ example }: Item) => Float32Array.from([1, 10, 100], (factor) => factor * Number(example.hash));
const items = itemsOf('1', '2', '3', '4');

interface Ran {
  readonly result: CachedActivations | undefined;
  readonly error: unknown;
  /** Contents that the prefix was asked for, in their order. */
  readonly computed: readonly string[];
  readonly run: Run;
  readonly events: Awaited<ReturnType<typeof fakeRun>>['events'];
  /** Passes and files that are open. */
  readonly open: { passes: number; files: number };
}

/** @param at is called before each record: throws, asks to stop, or gives an error in its place. */
async function ask(
  workspace: string,
  asked: readonly Item[],
  { prefix = hash, limit = 1e9, at = () => undefined }: Options = {},
): Promise<Ran> {
  const { run, events } = await fakeRun(path.join(workspace, 'r1'));
  const computed: string[] = [];
  const open = { passes: 0, files: 0 };
  const begin = (): Promise<PrefixPass> => {
    open.passes++;
    return Promise.resolve({
      async *records(wanted): AsyncGenerator<PrefixResult> {
        for (const item of wanted) {
          await Promise.resolve();
          computed.push(item.example.hash);
          const error = at(item, run);
          yield error === undefined ? { item, taps: { data: recordOf(item), shapes: tapShapes } } : { item, error };
        }
      },
      dispose() {
        open.passes--;
        return Promise.resolve();
      },
    });
  };
  const opens = mock.method(ActivationCache, 'open');
  const closes = mock.method(ActivationCache.prototype, 'close');
  let [result, thrown]: [CachedActivations | undefined, unknown] = [undefined, undefined];
  try {
    result = await cachedActivations(run, { hash: prefix, tapShapes }, begin, views, asked, { limit });
  } catch (error) {
    thrown = error;
  }
  open.files = opens.mock.callCount() - closes.mock.callCount();
  opens.mock.restore();
  closes.mock.restore();
  run.log.close();
  return { result, error: thrown, computed, run, events, open };
}

interface Options {
  readonly prefix?: string;
  readonly limit?: number;
  readonly at?: (item: Item, run: Run) => GraftError | undefined;
}

const taps = async ({ result }: Ran, wanted: readonly Item[]) =>
  (await result?.source.batch(wanted))?.map(({ data, shape }) => [shape, [...data]]);

test('each picture is computed once; taps come back in the order of the batch; the next run computes none', async () => {
  const workspace = temporaryFolder();
  const first = await ask(workspace, [...items, ...itemsOf('2', '1')]);
  assert.deepEqual(first.computed, ['1', '2', '3', '4']);
  assert.deepEqual([first.result?.cached, first.open], [0, { passes: 0, files: 1 }]);
  assert.deepEqual(await taps(first, itemsOf('4', '1')), [
    [
      [2, 2],
      [4, 40, 1, 10],
    ],
    [
      [2, 1],
      [400, 100],
    ],
  ]);
  await first.result?.source.dispose();
  const told = first.events.flatMap((event) => (event.type === 'progress' ? [`${event.done} of ${event.total}`] : []));
  assert.deepEqual(told, ['1 of 4', '2 of 4', '3 of 4', '4 of 4']);

  const second = await ask(workspace, itemsOf('5', '3', '1'));
  assert.deepEqual([second.computed, second.result?.cached], [['5'], 2]);
  const third = await ask(workspace, items);
  assert.deepEqual([third.computed, third.result?.cached, third.open.passes], [[], 4, 0]);
  assert.ok(!third.events.some(({ type }) => type === 'phase'));
  assert.deepEqual((await taps(third, items))?.[1], [
    [4, 1],
    [100, 200, 300, 400],
  ]);
  assert.deepEqual((await ask(workspace, items, { prefix: 'b'.repeat(64) })).computed, ['1', '2', '3', '4']);
});

test('a picture that cannot be read is returned, not kept: the next run tries it again', async () => {
  const workspace = temporaryFolder();
  const error = new GraftError('It is damaged.', { action: 'Replace it.' });
  const at = ({ example }: Item) => (example.hash === '2' ? error : undefined);
  const first = await ask(workspace, items, { at });
  assert.deepEqual(
    first.result?.unreadable.map((one) => [one.example.id, one.error]),
    [['1.png', error]],
  );
  assert.deepEqual((await ask(workspace, items)).computed, ['2']);
});

for (const [what, at, isRight] of [
  [
    'a prefix that fails',
    () => {
      throw new Error('no memory');
    },
    (error: unknown) => error instanceof Error && error.message === 'no memory',
  ],
  [
    'a stop',
    (run: Run) => {
      run.control.handle('stop');
    },
    (error: unknown) => error instanceof StoppedError,
  ],
] as const) {
  test(`${what}: everything is closed, and what was computed before is kept`, async () => {
    const workspace = temporaryFolder();
    const { error, open, events } = await ask(workspace, items, {
      at({ example }, run) {
        if (example.hash === '3') at(run);
        return undefined;
      },
    });
    assert.ok(isRight(error), String(error));
    assert.deepEqual(open, { passes: 0, files: 0 });
    const end = events.flatMap((event) => (event.type === 'phase' ? [event.state] : []));
    assert.deepEqual(end, ['started', what === 'a stop' ? 'stopped' : 'failed']);
    assert.deepEqual((await ask(workspace, items)).computed, ['3', '4']);
  });
}

test('what cannot be written fails the run, and everything is closed', async () => {
  const flush = mock.method(ActivationCache.prototype, 'flush', () => Promise.reject(new Error('the disk is full')));
  const { error, open } = await ask(temporaryFolder(), items);
  flush.mock.restore();
  assert.match(String(error), /the disk is full/);
  assert.deepEqual(open, { passes: 0, files: 0 });
});

test('more than the limit: nothing is kept, every batch is computed, and it is said', async () => {
  const workspace = temporaryFolder();
  const ran = await ask(workspace, items, { limit: 4 * 3 * 4 - 1 });
  assert.deepEqual(ran.computed, []);
  for (let i = 0; i < 2; i++)
    assert.deepEqual((await taps(ran, itemsOf('2', '1')))?.[1], [
      [2, 1],
      [200, 100],
    ]);
  assert.deepEqual(ran.computed, ['2', '1', '2', '1']);
  await ran.result?.source.dispose();
  assert.equal(ran.open.passes, 0);
  const said = ran.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  assert.match(
    said.join('\n'),
    /^The activations .* more than the cache limit of .*: they are computed again in every epoch\.$/,
  );
  assert.throws(() => readdirSync(path.join(workspace, '.graft', 'cache')));
});

test('a record that is damaged on the disk is computed again', async () => {
  const workspace = temporaryFolder();
  await (await ask(workspace, items)).result?.source.dispose();
  const folder = path.join(workspace, '.graft', 'cache', hash);
  const [shard = ''] = readdirSync(folder);
  const bytes = readFileSync(path.join(folder, shard));
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  writeFileSync(path.join(folder, shard), bytes);
  const again = await ask(workspace, items);
  assert.deepEqual(again.computed, ['4']);
  assert.deepEqual((await taps(again, itemsOf('4')))?.[0], [
    [1, 2],
    [4, 40],
  ]);
});
