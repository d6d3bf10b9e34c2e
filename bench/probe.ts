/**
 * How much a base knows: a linear probe (logisticRegression) on its features; five stratified splits, 20 % held out.
 *
 * node tools/bench.mjs probe --data FOLDER [--base MODEL]… [--out FOLDER]
 *
 * Without --base: sapling, the same network with random weights, and raw 16 × 16 pixels. With --out, the features are written for
 * scikit-learn: python bench/probe.py FOLDER does the same with its LogisticRegression.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { registerBase } from '../src/runtime/bases/base.js';
import { imageData } from '../src/runtime/data/index.js';
import { packageFolder } from '../src/common/package-folder.js';
import { setRandomSeed } from '../src/common/random.js';
import { tf } from '../src/runtime/tf.js';
import { extractFeatures, type Features } from '../src/runtime/train/features.js';
import { logisticRegression } from '../src/runtime/train/logistic-regression.js';
import { resolveBase } from './support/base.js';

const random = 'random weights';
const pixels = '16 × 16 pixels';
const { values } = parseArgs({
  options: {
    data: { type: 'string', default: 'sample/garden' },
    base: { type: 'string', multiple: true, default: ['sapling', random, pixels] },
    out: { type: 'string' },
  },
});
const seeds = [7, 8, 9, 10, 11];

/** sapling's layers as `model.json` describes them, with initial weights. */
async function untrained(): Promise<tf.LayersModel> {
  setRandomSeed(7);
  const file = path.join(packageFolder(), 'models', 'sapling', 'model.json');
  const { modelTopology } = JSON.parse(await readFile(file, 'utf8')) as { modelTopology: object };
  const model = await tf.models.modelFromJSON(modelTopology as Parameters<typeof tf.models.modelFromJSON>[0]);
  return registerBase(model, { name: random, preprocessing: 'tf', weights: 'random', hash: '' });
}

function rawPixels(): tf.LayersModel {
  const input = tf.input({ shape: [16, 16, 3] });
  const model = tf.model({ inputs: input, outputs: tf.layers.flatten().apply(input) as tf.SymbolicTensor });
  return registerBase(model, { name: pixels, preprocessing: 'tf', weights: 'none', hash: '' });
}

function write(folder: string, seed: number, features: Features): void {
  mkdirSync(folder, { recursive: true });
  for (const side of ['train', 'validation'] as const) {
    writeFileSync(path.join(folder, `${seed}-${side}.f32`), features[side].data);
    writeFileSync(path.join(folder, `${seed}-${side}.json`), JSON.stringify(features[side].labels));
  }
}

console.log(`Accuracy of a linear probe on ${values.data}: mean over ${seeds.length} splits (smallest … largest)`);
for (const name of values.base) {
  const base = name === random ? await untrained() : name === pixels ? rawPixels() : await resolveBase(name);
  const [, height, width] = base.inputs[0]?.shape ?? [];
  const found: number[] = [];
  for (const seed of seeds) {
    const data = await imageData(values.data, { size: [Number(height), Number(width)], seed });
    const features = await extractFeatures(base, data);
    found.push((await logisticRegression(features)).metrics.accuracy);
    if (values.out !== undefined) write(path.join(values.out, path.basename(name)), seed, features);
  }
  const percent = (value: number) => (100 * value).toFixed(1);
  const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
  console.log(
    `${path.basename(name).padEnd(24)} ${percent(mean)} %  (${percent(Math.min(...found))} … ${percent(Math.max(...found))})`,
  );
}
process.exit(0);
