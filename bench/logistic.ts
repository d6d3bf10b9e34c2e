/**
 * logisticRegression over five splits, and what scikit-learn needs to do the same on the same features:
 * node tools/bench.mjs logistic --data FOLDER --base MODEL --out FOLDER, then python bench/logistic.py FOLDER.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { resolveBase } from '../src/runtime/applications/resolve.js';
import { imageData } from '../src/runtime/data/index.js';
import { extractFeatures } from '../src/runtime/train/features.js';
import { logisticRegression } from '../src/runtime/train/logistic-regression.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: 'sample/garden' },
    base: { type: 'string', default: 'sapling' },
    out: { type: 'string' },
  },
});
const base = await resolveBase(values.base);
const [, height, width] = base.inputs[0]?.shape ?? [];
const accuracies: number[] = [];
for (const seed of [7, 8, 9, 10, 11]) {
  const data = await imageData(values.data, { size: [Number(height), Number(width)], seed });
  const features = await extractFeatures(base, data);
  const { metrics } = await logisticRegression(features);
  accuracies.push(metrics.accuracy);
  console.log(`seed ${seed}: ${metrics.accuracy.toFixed(4)}`);
  if (values.out === undefined) continue;
  mkdirSync(values.out, { recursive: true });
  for (const side of ['train', 'validation'] as const) {
    const { data: x, labels } = features[side];
    writeFileSync(path.join(values.out, `${seed}-${side}.f32`), x);
    writeFileSync(path.join(values.out, `${seed}-${side}.json`), JSON.stringify(labels));
  }
}
console.log(`mean ${(accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length).toFixed(4)}`);
