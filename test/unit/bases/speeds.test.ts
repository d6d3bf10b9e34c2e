import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { keepSpeed, readSpeeds, speedOf } from '../../../src/runtime/bases/speeds.js';
import { BaseClock } from '../../../src/runtime/train/base-clock.js';
import { temporaryFolder } from '../../support/pictures.js';

test('the last speed of each base and size is kept', async () => {
  const file = path.join(temporaryFolder(), 'new', 'speeds.json');
  assert.deepEqual(await readSpeeds(file), {});
  await keepSpeed('ResNet50', [224, 224], 0.5, file);
  await keepSpeed('ResNet50', [224, 224], 0.018_765, file);
  await keepSpeed('ResNet50', [96, 128], 0.004, file);
  const speeds = await readSpeeds(file);
  assert.equal(speedOf(speeds, 'ResNet50', [224, 224]), 0.0188);
  assert.equal(speedOf(speeds, 'ResNet50', [96, 128]), 0.004);
  assert.equal(speedOf(speeds, 'ResNet50', [128, 96]), undefined);
  assert.equal(speedOf(speeds, 'constructor', [224, 224]), undefined);
});

test('what is no speed is nothing', async () => {
  const file = path.join(temporaryFolder(), 'speeds.json');
  for (const text of ['{', '[1]', 'null', '{"a 1 1": "2", "b 1 1": -1, "c 1 1": null}']) {
    writeFileSync(file, text);
    const speeds = await readSpeeds(file);
    for (const name of ['a', 'b', 'c']) assert.equal(speedOf(speeds, name, [1, 1]), undefined, text);
  }
});

/** Seconds per picture of parts whose batches, of ten pictures each, take so many milliseconds. */
async function measured(parts: readonly (readonly number[])[], expected = parts.length): Promise<number | undefined> {
  let time = 0;
  const clock = new BaseClock(() => time);
  const pixels = { data: new Uint8Array(10 * 3), shape: [10, 1, 1, 3] };
  for (const part of parts) {
    const left = [...part];
    const runner = clock.timed({
      run: () => {
        time += left.shift() ?? 0;
        return Promise.resolve([]);
      },
      dispose: () => Promise.resolve(),
    });
    while (left.length > 0) await runner.run({ pixels });
  }
  return clock.secondsPerPicture(expected);
}

test('the speed of a base is the median of its batches, the first left out, of all its parts', async () => {
  assert.equal(await measured([[300, 10, 20, 30]]), 0.002);
  assert.equal(
    await measured([
      [300, 10, 20, 30],
      [300, 40, 40],
    ]),
    0.006,
  );
});

test('too few batches, and a part that was on disk, say nothing', async () => {
  assert.equal(await measured([[1, 1]]), undefined);
  assert.equal(await measured([[1, 1, 1]], 2), undefined);
});
