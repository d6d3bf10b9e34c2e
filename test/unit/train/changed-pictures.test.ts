import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mock, test } from 'node:test';

import type { ImageDataset } from '../../../src/runtime/data/index.js';
import { imageFolder } from '../../../src/runtime/script-data.js';
import { tf } from '../../../src/runtime/tf.js';
import { extractFeatures, type Features } from '../../../src/runtime/train/features.js';
import { classification } from '../../../src/runtime/tasks/classification.js';
import { imageWords } from '../../../src/runtime/data/words.js';
import { checkLeft } from '../../../src/runtime/train/unreadable.js';
import { events } from '../../support/cli.js';
import { pictureFolder, temporaryFolder } from '../../support/pictures.js';
import { inRun } from '../../support/run.js';

/** Four features that depend on the picture, the same in every run. */
function base(): tf.LayersModel {
  const input = tf.input({ shape: [16, 16, 3] });
  const layer = tf.layers.conv2d({ filters: 4, kernelSize: 1 });
  const model = tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor, name: 'small' });
  const kernel = Array.from({ length: 12 }, (_, i) => ((i * 5) % 7) - 3);
  layer.setWeights([tf.tensor4d(kernel, [1, 1, 3, 4]), tf.zeros([4])]);
  return model;
}

interface Ran {
  readonly features: Features;
  readonly warnings: readonly string[];
}

/** A run of its own in the workspace. @param between reading the data and looking at the pictures. */
async function run(
  workspace: string,
  folder: string,
  between: (data: ImageDataset) => void = () => undefined,
): Promise<Ran> {
  const id = `r${readdirSync(workspace, { recursive: true }).length}`;
  return await inRun(
    workspace,
    async (run) => {
      const data = await imageFolder(folder, { size: [16, 16], seed: 1 });
      between(data);
      const features = await extractFeatures(base(), data);
      const warnings = events(run.folder).flatMap((event) => (event.type === 'warning' ? [event.message] : []));
      return { features, warnings };
    },
    id,
  );
}

/** By picture, as it is kept. */
function rows({ features: { train, validation, dimensions } }: Ran): Map<string, number[]> {
  return new Map(
    [train, validation].flatMap(({ data, examples }) =>
      examples.map((example, i) => [example.id, [...data.subarray(i * dimensions, (i + 1) * dimensions)]] as const),
    ),
  );
}

test('what is computed from a picture that changed is not kept as that of the one before', async () => {
  const folder = await pictureFolder(['a', 'b'], 5);
  const expected = rows(await run(temporaryFolder(), folder));
  const workspace = temporaryFolder();
  const picture = path.join(folder, 'a', '0.png');
  const original = path.join(temporaryFolder(), 'original.png');
  copyFileSync(picture, original);

  const change = () => {
    copyFileSync(path.join(folder, 'b', '0.png'), picture);
  };

  // What was decoded while looking for near-duplicates is still the picture that the hash stands for.
  const kept = await run(temporaryFolder(), folder, change);
  assert.deepEqual([kept.warnings, rows(kept)], [[], expected]);
  copyFileSync(original, picture);

  const changed = await run(workspace, folder, (data) => {
    data.decoded?.clear();
    change();
  });
  assert.deepEqual(
    changed.features.unreadable.map(({ example }) => example.id),
    ['a/0.png'],
  );
  assert.match(changed.warnings[0] ?? '', /^1 picture was left out: .*0\.png has changed since the data were read\.$/);
  assert.deepEqual(rows(changed), new Map([...expected].filter(([id]) => id !== 'a/0.png')));

  copyFileSync(original, picture);
  const again = await run(workspace, folder);
  assert.deepEqual(again.warnings, []);
  assert.deepEqual(rows(again), expected);
});

test('an index that is wrong although nothing shows it is forgotten: the next run is right', async () => {
  const folder = await pictureFolder(['a', 'b'], 5);
  const workspace = temporaryFolder();
  const now = Date.now();
  const clock = mock.method(Date, 'now', () => now + 5_000);
  const first = await run(workspace, folder).finally(() => {
    clock.mock.restore();
  });
  const indexes = path.join(workspace, '.graft', 'picture-index');
  const name = readdirSync(indexes).find((one) => one.endsWith('.json')) ?? '';
  const { rows: known } = JSON.parse(readFileSync(path.join(indexes, name), 'utf8')) as { rows: unknown[][] };
  const forged = known.map((row, i) => (i === 0 ? row.map((cell, c) => (c === 2 ? 'f'.repeat(64) : cell)) : row));
  const checksum = createHash('sha256').update(JSON.stringify(forged)).digest('hex');
  writeFileSync(path.join(indexes, name), JSON.stringify({ version: 2, checksum, rows: forged }));

  const misled = await run(workspace, folder);
  assert.equal(misled.features.unreadable.length, 1);
  assert.match(misled.warnings[0] ?? '', /has changed since the data were read/);
  const healed = await run(workspace, folder);
  assert.deepEqual(healed.warnings, []);
  assert.deepEqual(rows(healed), rows(first));
});

test('a class of which nothing is left to learn from ends the training', () => {
  checkLeft('fit', classification, ['a', 'b'], { train: [0, 1], validation: [0] }, imageWords);
  assert.throws(() => {
    checkLeft('fit', classification, ['a', 'b'], { train: [0, 0], validation: [0, 1] }, imageWords);
  }, /fit: no readable picture of the class "b" is left for training/);
  assert.throws(() => {
    checkLeft('fit', classification, ['a', 'b'], { train: [], validation: [0] }, imageWords);
  }, /is left for training/);
  assert.throws(() => {
    checkLeft('fit', classification, ['a', 'b'], { train: [0, 1], validation: [] }, imageWords);
  }, /is left for validation/);
});
