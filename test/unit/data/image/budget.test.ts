import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import { Budget } from '../../../../src/runtime/data/image/budget.js';
import { withPicture } from '../../../../src/runtime/data/image/picture.js';
import { patch, temporaryFolder } from '../../../support/pictures.js';
import { failure } from '../../../support/failure.js';

/** The most that jobs of such sizes had at once, and the order in which they began. */
async function together(total: number, sizes: readonly number[]): Promise<{ most: number; order: number[] }> {
  const budget = new Budget(total);
  const order: number[] = [];
  let now = 0;
  let most = 0;
  const jobs = sizes.map((bytes, i) =>
    budget.spend(bytes, async () => {
      order.push(i);
      most = Math.max(most, (now += bytes));
      await setTimeout(1);
      now -= bytes;
    }),
  );
  await Promise.all(jobs);
  return { most, order };
}

for (const { total, sizes, most } of [
  { total: 10, sizes: [1, 2, 3], most: 6 },
  { total: 10, sizes: [6, 5, 4, 1], most: 10 },
  { total: 10, sizes: [10, 10, 10], most: 10 },
  { total: 10, sizes: [1, 25, 1], most: 25 },
]) {
  test(`of ${total}, jobs of ${sizes.join(', ')} take ${most} at once, first come, first served`, async () => {
    assert.deepEqual(await together(total, sizes), { most, order: sizes.map((_, i) => i) });
  });
}

test('who fails gives back what it had', async () => {
  const budget = new Budget(1);
  await assert.rejects(
    budget.spend(1, () => Promise.reject(new Error('no'))),
    /no/,
  );
  assert.equal(await budget.spend(1, () => Promise.resolve('yes')), 'yes');
});

/** A header is enough: nothing of it is decoded here. */
async function promising(width: number, height: number): Promise<string> {
  const png = await patch('#c03020', 1).png().toBuffer();
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  const file = path.join(temporaryFolder(), 'x.png');
  writeFileSync(file, png);
  return file;
}

test('pictures that are decoded at the same time share 1 GB: two of 60 million pixels do, three do not', async () => {
  const file = await promising(6_000, 10_000);
  let now = 0;
  let most = 0;
  const use = async () => {
    most = Math.max(most, ++now);
    await setTimeout(5);
    now--;
  };
  await Promise.all(Array.from({ length: 12 }, () => withPicture(file, {}, use)));
  assert.equal(most, 2);
});

test('a picture over the limit waits for nothing: it is refused', async () => {
  const file = await promising(20_000, 10_000);
  const never = () => Promise.reject(new Error('decoded'));
  assert.match(
    (await failure(withPicture(file, {}, never))).message,
    /20000 × 10000 pixels, more than the limit of 100 m/,
  );
  await assert.rejects(withPicture(file, { maxPixels: 2e8 }, never), /decoded/);
});
