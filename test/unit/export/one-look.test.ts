import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import sharp, { type Sharp } from 'sharp';

import { decodeFile, decodeMany } from '../../../src/runtime/data/index.js';
import { evaluateModel } from '../../../src/runtime/evaluate/evaluate-model.js';
import { exportModel } from '../../../src/runtime/export/export-model.js';
import { withModel } from '../../../src/runtime/export/saved-model.js';
import { openSession } from '../../../src/runtime/engines/session.js';
import { resize } from '../../../templates/image/export/resize.js';
import { classNames, graftSays, savedModel } from '../../support/exports.js';
import { exampleOf, patch, temporaryFolder } from '../../support/pictures.js';

/** Detail that every way of decoding it smaller blurs in its own way. */
function detailed(seed: number, width: number, height: number): Sharp {
  return patch('#806040', seed, 128).resize(width, height, { kernel: 'nearest', fit: 'fill' });
}

/** What sharp has short cuts for: large JPEGs, upright or not, in grey or with CMYK, and WebP. */
const files: Readonly<Record<string, () => Sharp>> = {
  'large.jpg': () => detailed(1, 1500, 1100).jpeg({ quality: 90 }),
  'turned.jpg': () => detailed(2, 1500, 1100).jpeg().withMetadata({ orientation: 6 }),
  'mirrored.jpg': () => detailed(3, 700, 900).jpeg().withMetadata({ orientation: 5 }),
  'grey.jpg': () => detailed(4, 1200, 900).toColourspace('b-w').jpeg({ progressive: true }),
  'cmyk.jpg': () => detailed(5, 1200, 900).toColourspace('cmyk').jpeg(),
  'large.webp': () => detailed(6, 1200, 900).webp(),
  'clear.png': () => detailed(7, 300, 200).ensureAlpha(0.5).png(),
  'small.png': () => detailed(8, 11, 9).png(),
};

async function written(name: string, make: () => Sharp): Promise<string> {
  const file = path.join(temporaryFolder(), classNames[0] ?? '', name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, await make().toBuffer());
  return file;
}

/** As the example in JavaScript beside an export decodes. */
async function wholePicture(file: string) {
  const upright = sharp(file).autoOrient().flatten({ background: '#ffffff' }).toColourspace('srgb');
  const { data, info } = await upright.removeAlpha().raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return { pixels: data, size: [info.height, info.width] as const };
}

for (const [name, make] of Object.entries(files)) {
  test(`${name} has the same pixels for a training, evaluate, predict and an export`, async () => {
    const file = await written(name, make);
    const { pixels, size: whole } = await wholePicture(file);
    for (const mode of ['crop', 'pad', 'stretch'] as const) {
      for (const size of [
        [48, 48],
        [128, 96],
      ] as const) {
        const spec = { size, resize: mode, augment: undefined, seed: 0 };
        const exported = Uint8Array.from(resize(pixels, whole, size, mode));
        assert.deepEqual(Uint8Array.from(await decodeFile(file, spec)), exported, `predict, ${mode}`);
        for await (const decoded of decodeMany([{ example: exampleOf(file), view: 0 }], spec))
          assert.deepEqual('pixels' in decoded && Uint8Array.from(decoded.pixels), exported, `training, ${mode}`);
      }
    }
  });
}

test('evaluate, predict and an export say the same of a large JPEG', async () => {
  const [model, file] = [await savedModel(), await written('turned.jpg', files['turned.jpg'] ?? (() => sharp()))];
  const predicted = (await graftSays(model, [file])).get(file) ?? [];
  // Of one picture the loss is the logarithm of the probability that its class gets.
  const { metrics } = await withModel(model, (trained) => evaluateModel(trained, path.dirname(path.dirname(file))));
  assert.ok(Math.abs(Math.exp(-metrics.loss) - (predicted[0] ?? NaN)) < 1e-6);

  const onnx = path.join(temporaryFolder(), 'model.onnx');
  await exportModel(model, 'onnx', onnx);
  const session = await openSession(onnx);
  const { pixels, size } = await wholePicture(file);
  const { probabilities } = await session.run({ pixels: { data: pixels, shape: [1, ...size, 3] } });
  await session.release();
  const exported = classNames
    .map((className, c) => ({ className, probability: Number(probabilities?.data[c]) }))
    .sort((a, b) => (a.className < b.className ? -1 : 1));
  for (const [i, { probability }] of exported.entries())
    assert.ok(Math.abs(probability - (predicted[i] ?? NaN)) < 1e-5, `${probability}, not ${predicted[i]}`);
});
