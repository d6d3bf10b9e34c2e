import assert from 'node:assert/strict';
import { test } from 'node:test';

import { uniform } from '../../../../src/common/random.js';
import { findNearDuplicates } from '../../../../src/runtime/data/text/near-duplicates.js';
import type { FoundText } from '../../../../src/runtime/data/text/types.js';

const foundIn = (texts: readonly string[]): FoundText[] =>
  texts.map((text, i) => ({ id: String(i), source: { path: '/t.csv', text }, label: 'a', hash: String(i) }));
/** The groups, by the places of their texts. */
const groupsIn = (texts: readonly string[]) =>
  findNearDuplicates(foundIn(texts))
    .groups.map((group) => group.map(({ id }) => Number(id)).sort((a, b) => a - b))
    .sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));

const twenty =
  'please send two of the small red clay pots with the long green handles to our shop before next Monday morning';
const cases: readonly {
  readonly what: string;
  readonly texts: readonly string[];
  readonly groups: readonly (readonly number[])[];
}[] = [
  { what: 'case and punctuation', texts: ['Thank you!', 'thank  you', 'THANK, YOU…', 'thank me'], groups: [[0, 1, 2]] },
  { what: 'digits', texts: ['Your code is 4711.', 'your code is 12', 'your code was 12'], groups: [[0, 1]] },
  { what: 'digits alone are texts of their own', texts: ['1', '22', '3 4', ':-)', '!'], groups: [] },
  {
    what: 'one word in twenty',
    texts: [twenty, twenty.replace('Monday', 'Tuesday'), twenty.toUpperCase()],
    groups: [[0, 1, 2]],
  },
  {
    what: 'three words in twenty are too many',
    texts: [twenty, twenty.replace('Monday morning', 'Tuesday night').replace('red', 'blue')],
    groups: [],
  },
  { what: 'one of four words', texts: ['I like this shop', 'I hate this shop'], groups: [] },
  {
    what: 'a script without spaces',
    texts: ['我想要两个红色的小花盆，谢谢', '我想要两个红色的小花盆。谢谢', '我想要花'],
    groups: [[0, 1]],
  },
];
for (const { what, texts, groups } of cases)
  test(`near-duplicates: ${what}`, () => {
    assert.deepEqual(groupsIn(texts), groups);
  });

/** By definition: every pair. */
function byDefinition(texts: readonly string[]): (readonly [number, number])[] {
  const sets = texts.map((text) => new Set(text.split(' ')));
  const pairs: [number, number][] = [];
  for (const [i, a] of sets.entries())
    for (const [j, b] of sets.entries()) {
      if (j <= i) continue;
      const common = [...a].filter((word) => b.has(word)).length;
      if (common >= 0.9 * (a.size + b.size - common)) pairs.push([i, j]);
    }
  return pairs;
}

/** Texts of words of a long tail, some of them with a few words changed. */
function made(count: number, seed: number): string[] {
  const random = uniform(seed);
  const word = () =>
    `w${Math.floor(5000 * random() ** 3).toString(36)}x`.replaceAll(
      /\d/g,
      (digit) => 'abcdefghij'[Number(digit)] ?? '',
    );
  const texts: string[] = [];
  for (let i = 0; i < count; i++) {
    const before = texts[Math.floor(random() * texts.length)];
    if (before === undefined || random() < 0.5)
      texts.push(Array.from({ length: 8 + Math.floor(random() * 30) }, word).join(' '));
    else {
      const words = before.split(' ');
      for (let k = random() * 3; k > 1; k--) words[Math.floor(random() * words.length)] = word();
      texts.push(words.join(' '));
    }
  }
  return [...new Set(texts)];
}

test('exactly the pairs of the definition are found', () => {
  for (const seed of [1, 2, 3]) {
    const texts = made(600, seed);
    const pairs = byDefinition(texts);
    const together = new Map(groupsIn(texts).flatMap((group, k) => group.map((i) => [i, k] as const)));
    assert.ok(pairs.length > 20);
    for (const [i, j] of pairs) assert.ok(together.has(i) && together.get(i) === together.get(j), `${i} and ${j}`);
    const inPairs = new Set(pairs.flat());
    for (const i of together.keys()) assert.ok(inPairs.has(i), `${i} is like none`);
  }
});

test('texts that all look alike take no time that grows with their square', () => {
  const words = Array.from({ length: 30 }, (_, i) => `w${String.fromCharCode(97 + (i % 26))}${i > 25 ? 'x' : ''}`);
  const random = uniform(5);
  const texts = Array.from({ length: 20_000 }, () => words.filter(() => random() < 0.7).join(' '));
  const begun = process.cpuUsage();
  findNearDuplicates(foundIn([...new Set(texts)]));
  const { user } = process.cpuUsage(begun);
  assert.ok(user < 8e6, `${user / 1e6} s`);
});
