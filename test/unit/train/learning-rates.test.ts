import assert from 'node:assert/strict';
import { test } from 'node:test';

import { uniform } from '../../../src/common/random.js';
import { adamW, sgd } from '../../../src/runtime/train/optimizers.js';
import {
  hasExploded,
  smoothed,
  suggestedRate,
  testedRate,
  testSteps,
} from '../../../src/runtime/train/learning-rates.js';

const rates = Array.from({ length: testSteps }, (_, i) => testedRate(i, adamW()));

test('rates rise by the same factor, each optimizer over its own range', () => {
  assert.ok(Math.abs((rates[0] ?? 0) - 1e-6) < 1e-12 && Math.abs((rates.at(-1) ?? 0) - 1) < 1e-9);
  const factors = rates.slice(1).map((rate, i) => rate / (rates[i] ?? 1));
  assert.ok(Math.max(...factors) - Math.min(...factors) < 1e-9);
  assert.ok(testedRate(0, sgd()) > testedRate(0, adamW()));
});

/** Flat up to `from`, then falling to a third at `to`, then rising steeply. */
const curve = (from: number, to: number, noise = 0) => {
  const random = uniform(3);
  return rates.map((rate) => {
    const fallen = Math.min(1, Math.max(0, Math.log(rate / from) / Math.log(to / from)));
    const risen = Math.max(0, Math.log(rate / to)) ** 2;
    return 1.5 - fallen + risen + noise * (random() - 0.5);
  });
};

for (const [from, to] of [
  [1e-4, 1e-2],
  [1e-5, 1e-3],
  [3e-3, 3e-1],
] as const) {
  for (const noise of [0, 0.1]) {
    test(`the suggestion lies in the middle of the fall: ${from} to ${to}, noise ${noise}`, () => {
      const rate = suggestedRate(rates, curve(from, to, noise)) ?? 0;
      const middle = Math.sqrt(from * to);
      assert.ok(rate > middle / 2 && rate < middle * 3, String(rate));
      assert.equal(rate, Number(rate.toPrecision(2)));
    });
  }
}

test('where no rate makes the loss fall, none is suggested', () => {
  assert.equal(
    suggestedRate(
      rates,
      rates.map(() => 1.4),
    ),
    undefined,
  );
  const random = uniform(1);
  assert.equal(
    suggestedRate(
      rates,
      rates.map(() => 1.4 + 0.05 * random()),
    ),
    undefined,
  );
  assert.equal(
    suggestedRate(
      rates,
      rates.map((rate) => 1.4 + rate),
    ),
    undefined,
  );
  assert.equal(suggestedRate([], []), undefined);
});

test('the running mean begins with the first loss, and follows', () => {
  const mean = smoothed([2, 2, 2, 1]);
  assert.ok(mean.slice(0, 3).every((value) => Math.abs(value - 2) < 1e-12));
  // 0.8 · (2 · (1 − 0.8³)) + 0.2 · 1, over 1 − 0.8⁴.
  assert.ok(Math.abs((mean[3] ?? 0) - (0.8 * 2 * (1 - 0.8 ** 3) + 0.2) / (1 - 0.8 ** 4)) < 1e-12);
});

test('a test ends where the loss has exploded, and not in the first steps', () => {
  const falling = Array.from({ length: 20 }, (_, i) => 1 - i / 40);
  assert.equal(hasExploded(falling), false);
  assert.equal(hasExploded([...falling, 2.2]), true);
  assert.equal(hasExploded([...falling, Number.NaN]), true);
  assert.equal(hasExploded([0.1, 1]), false);
});
