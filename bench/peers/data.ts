import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { imageData } from '../../src/runtime/data/index.js';
import { GraftError } from '../../src/common/errors.js';
import { permutation } from '../../src/common/random.js';

const seed = 7;

/**
 * Copies a seeded choice of labelled pictures to `target`: train/ (four fifths) and validation/, a folder per class in each. It is
 * what all contestants read, each in its own ordinary way. Pictures that Graft would leave out, duplicates and damaged ones, are not
 * among them.
 *
 * @throws GraftError when there are too few.
 */
export async function chooseData(source: string, target: string, photos: number): Promise<void> {
  const note = path.join(target, 'choice.json');
  const choice = JSON.stringify({ source: path.resolve(source), photos, seed });
  if (existsSync(note) && (await readFile(note, 'utf8')) === choice) return;
  const data = await imageData(source, { size: [224, 224] });
  const all = [...data.train, ...data.validation].sort((a, b) => (a.id < b.id ? -1 : 1));
  if (all.length < photos)
    throw new GraftError(`${source} has ${all.length} pictures that can be used, not ${photos}.`, {
      action: `Give another folder with --data, or --photos ${all.length}.`,
    });
  await rm(target, { recursive: true, force: true });
  const order = permutation(all.length, seed).subarray(0, photos);
  for (const [i, index] of order.entries()) {
    const example = all[index];
    if (example?.source.kind !== 'file')
      throw new GraftError(`${source} is not a folder of picture files.`, {
        action: 'Give a folder per class with --data.',
      });
    const side = i < 0.8 * photos ? 'train' : 'validation';
    const folder = path.join(target, side, data.classes[example.label] ?? '');
    await mkdir(folder, { recursive: true });
    await copyFile(example.source.path, path.join(folder, `${i}${path.extname(example.source.path)}`));
  }
  await writeFile(note, choice);
}
