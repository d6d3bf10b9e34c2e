import assert from 'node:assert/strict';
import { test } from 'node:test';

import { activity, numbersOf, runTitles, translator, type Titled } from '../../../src/words/index.js';
import type { RunActivity, RunPurpose } from '../../../src/protocol/index.js';

const t = translator({});
const numbers = numbersOf('en');
const started = new Date(2026, 10, 24, 20, 37, 10).getTime();
const run = (id: string, more: Partial<Titled> = {}): Titled => ({
  ...{ id, script: '/w/garden.ts', purpose: 'train', startTime: started },
  ...more,
});
const titles = (...runs: Titled[]) => [...runs.map(({ id }) => runTitles(t, numbers, runs).get(id))];
/** Intl puts a narrow space before PM. */
const plain = (all: readonly (string | undefined)[]) => all.map((title) => title?.replaceAll(/\s/g, ' '));

test('a run is called by its script and when it began; what else it is for is said', () => {
  assert.deepEqual(plain(titles(run('a'), run('b', { purpose: 'from-scratch' }))), [
    'garden.ts · Nov 24, 8:37 PM',
    'garden.ts, random weights · Nov 24, 8:37 PM',
  ]);
});

test('no two are called the same: seconds tell them apart, then their ids', () => {
  assert.deepEqual(
    plain(titles(run('a'), run('b', { startTime: started + 5_000 }), run('c', { startTime: started + 60_000 }))),
    ['garden.ts · 8:37:10 PM', 'garden.ts · 8:37:15 PM', 'garden.ts · Nov 24, 8:38 PM'],
  );
  assert.deepEqual(titles(run('a'), run('b')), ['garden.ts · a', 'garden.ts · b']);
  const many = Array.from({ length: 50 }, (_, i) =>
    run(`r${i}`, { startTime: started + (i % 3) * 1_000, name: i % 7 === 0 ? 'mine' : undefined }),
  );
  assert.equal(new Set(titles(...many)).size, 50);
});

test("a name of the user's stands alone, and two of the same are told apart", () => {
  assert.deepEqual(titles(run('a', { name: 'long tail' }), run('b'))[0], 'long tail');
  assert.deepEqual(plain(titles(run('a', { name: 'mine' }), run('b', { name: 'mine', startTime: started + 60_000 }))), [
    'mine · 8:37:10 PM',
    'mine · 8:38:10 PM',
  ]);
});

test('a resumed run keeps its title: its id says when it was made', () => {
  const id = '20261124-203710-146c';
  const made = new Date(Date.UTC(2026, 10, 24, 20, 37, 10)).getTime();
  assert.deepEqual(titles(run(id, { startTime: made })), titles(run(id, { startTime: made + 86_400_000 })));
});

const cases: [name: string, purpose: RunPurpose, now: RunActivity, expected: string][] = [
  ['just started', 'train', {}, 'starting'],
  ['paused', 'train', { state: 'paused', phase: 'train' }, 'paused'],
  ['halted by the debugger', 'train', { state: 'breakpoint' }, 'at a breakpoint'],
  ['reading', 'train', { phase: 'read' }, 'reading the data'],
  ['the prefix', 'train', { phase: 'prefix', fraction: 0.425 }, 'running the frozen layers, 42 %'],
  [
    'the head',
    'train',
    { phase: 'train', stage: 'head', epoch: 2, epochs: 30, accuracy: 0.625 },
    'training the head, epoch 2/30, 62.5 %',
  ],
  [
    'fine-tuning has begun',
    'train',
    { phase: 'train', stage: 'fine-tune', epoch: 1, epochs: 12 },
    'fine-tuning, epoch 1/12',
  ],
  [
    'fine-tuning',
    'train',
    { phase: 'train', stage: 'fine-tune', epoch: 3, epochs: 12, accuracy: 0.917 },
    'fine-tuning, epoch 3/12, 91.7 %',
  ],
  [
    'from random weights',
    'from-scratch',
    { phase: 'train', stage: 'fine-tune', epoch: 3, epochs: 12, accuracy: 0.5 },
    'epoch 3/12, 50.0 %',
  ],
  ['a classifier', 'train', { phase: 'train', fraction: 0.3 }, 'training, 30 %'],
  ['learning rates', 'learning-rate', { phase: 'train', fraction: 0.3 }, 'trying learning rates, 30 %'],
  ['evaluating after the last epoch', 'train', { phase: 'evaluate' }, 'evaluating'],
  ['saving', 'train', { phase: 'save' }, 'saving'],
];
for (const [name, purpose, now, expected] of cases) {
  test(`what a run is at: ${name}`, () => {
    assert.equal(activity(t, numbers, purpose, now), expected);
  });
}
