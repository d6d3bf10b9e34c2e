import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { saveTrained } from '../../src/runtime/export/saved-model.js';
import { fileNames } from './crafted.js';
import { hostileNames } from './hostile.js';
import { tinyModel } from './made-up.js';
import { patch } from './pictures.js';

/** Class names that folders may have. */
export const labels = fileNames
  .filter((name) => /[\u0000-\u001f\u202a-\u202e\u2066-\u2069\u0080-\u009f[<$|]/.test(name))
  .slice(0, 12);

/** Pictures in hostile folders with hostile names, the second class's like the first's but for colour. */
export async function writePictures(folder: string, classes: readonly string[], each: number): Promise<void> {
  for (const [c, label] of classes.entries()) {
    mkdirSync(path.join(folder, label), { recursive: true });
    for (let i = 0; i < each; i++) {
      const name = `${(fileNames[(c + i) % fileNames.length] ?? '').trim()}-${i}.png`;
      await patch(c % 2 === 0 ? '#c03020' : '#2050c0', 100 * c + i)
        .png()
        .toFile(path.join(folder, label, name));
    }
  }
}

/** What somebody has changed in a saved model: a value in one of its files, or, without a place, the file's whole text. */
export interface Damage {
  readonly file: 'model.json' | 'graft.json';
  readonly at?: readonly (string | number)[];
  readonly value: unknown;
}

/** A model that Graft saved. */
export async function writeModel(folder: string, classes: readonly string[], damage?: Damage): Promise<void> {
  const model = tinyModel();
  const hostile = hostileNames[0] ?? '';
  await saveTrained(
    {
      ...{ model, classes, size: [16, 16], resize: 'stretch', preprocessing: 'tf' },
      ...{ base: { name: hostile, hash: hostile }, technique: 'fine-tuning', run: hostile, seed: 1, dataHash: 'a' },
      metrics: { loss: 1, accuracy: 0.5, macroF1: 0.5 },
    },
    folder,
  );
  model.dispose();
  if (damage === undefined) return;
  const { file: name, at, value } = damage;
  const file = path.join(folder, name);
  const changed =
    at === undefined ? String(value) : JSON.stringify(put(JSON.parse(readFileSync(file, 'utf8')), at, value));
  writeFileSync(file, changed);
}

/** A copy with another value at a place. */
function put(tree: unknown, [key, ...rest]: readonly (string | number)[], value: unknown): unknown {
  if (key === undefined) return value;
  const copy = Array.isArray(tree) ? [...(tree as unknown[])] : { ...(tree as object) };
  return Object.assign(copy, { [key]: put((copy as Record<string | number, unknown>)[key], rest, value) });
}
