import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import path from 'node:path';

import sharp from 'sharp';

import { predictFiles } from '../../src/runtime/export/predict-files.js';
import { saveTrained } from '../../src/runtime/export/saved-model.js';
import type { TrainedModel } from '../../src/runtime/export/types.js';
import { tf } from '../../src/runtime/tf.js';
import { fill, tinyModel } from './made-up.js';
import { patch, temporaryFolder } from './pictures.js';

export const classNames = ['a', 'b "quoted"', 'ç/d', 'd'];

/** A saved model of 16 × 16 pixels, which looks at colours and at edges. */
export async function savedModel(change: Partial<TrainedModel> = {}): Promise<string> {
  const folder = path.join(temporaryFolder(), 'flowers');
  const model = change.model ?? tinyModel();
  await saveTrained(
    {
      ...{ classes: classNames, size: [16, 16], resize: 'crop', preprocessing: 'caffe' },
      ...{ base: { name: 'tiny', hash: '' }, technique: 'fine-tuning', run: 'r', dataHash: '', seed: 1 },
      metrics: { accuracy: 1, loss: 0, macroF1: 1 },
      ...change,
      model,
    },
    folder,
  );
  model.dispose();
  return folder;
}

/** Of grey pictures. */
export function greyModel(): tf.LayersModel {
  const input = tf.input({ shape: [16, 16, 1], name: 'input' });
  let x = tf.layers.conv2d({ filters: 4, kernelSize: 3, name: 'conv' }).apply(input) as tf.SymbolicTensor;
  x = tf.layers.globalAveragePooling2d({ name: 'pool' }).apply(x) as tf.SymbolicTensor;
  const output = tf.layers.dense({ units: 4, activation: 'softmax', name: 'dense' }).apply(x) as tf.SymbolicTensor;
  return fill(tf.model({ inputs: input, outputs: output }));
}

/** One output, which stands for two classes. */
export function binaryModel(): tf.LayersModel {
  const input = tf.input({ shape: [16, 16, 3], name: 'input' });
  let x = tf.layers.conv2d({ filters: 4, kernelSize: 3, name: 'conv' }).apply(input) as tf.SymbolicTensor;
  x = tf.layers.globalAveragePooling2d({ name: 'pool' }).apply(x) as tf.SymbolicTensor;
  const output = tf.layers.dense({ units: 1, activation: 'sigmoid', name: 'dense' }).apply(x) as tf.SymbolicTensor;
  return fill(tf.model({ inputs: input, outputs: output }));
}

/** Picture files of odd sizes. Those of png are the same pixels for everybody; jpg is decoded differently. */
export async function pictureFiles(): Promise<string[]> {
  const folder = temporaryFolder();
  const sizes = [
    [16, 16],
    [41, 23],
    [9, 70],
    [150, 201],
    [7, 5],
  ] as const;
  const files: string[] = [];
  for (const [i, [height, width]] of sizes.entries()) {
    const picture = patch(['#c03020', '#2050c0', '#30a040'][i % 3] ?? '', i, 64).resize(width, height, { fit: 'fill' });
    files.push(path.join(folder, `${i}.png`), path.join(folder, `${i}.jpg`));
    const transparent = i === 1 ? picture.clone().ensureAlpha(0.5) : picture.clone();
    await transparent.png().toFile(path.join(folder, `${i}.png`));
    await sharp(await picture.png().toBuffer())
      .jpeg({ quality: 90 })
      .toFile(path.join(folder, `${i}.jpg`));
  }
  return files;
}

/** What Graft says of pictures: the classes in their order. */
export async function graftSays(model: string, files: readonly string[]): Promise<Map<string, number[]>> {
  const predictions = await predictFiles(model, files);
  return new Map(
    predictions.map(({ file, classes, error }) => {
      if (classes === undefined) throw new Error(error);
      return [file, inOrder(classes)];
    }),
  );
}

function inOrder(classes: readonly { readonly name: string; readonly probability: number }[]): number[] {
  return [...classes].sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ probability }) => probability);
}

/** What an example printed. */
export function parsed(output: string): number[] {
  return inOrder(
    output
      .trim()
      .split('\n')
      .map((line) => ({ name: line.slice(line.indexOf(' ') + 1), probability: Number(line.split(' ')[0]) })),
  );
}

/** A place for exports from which the packages of the examples are found. */
export function exportFolder(): string {
  const folder = temporaryFolder();
  symlinkSync(path.resolve('node_modules'), path.join(folder, 'node_modules'), 'dir');
  return folder;
}

/** Why there is no Python for the examples; false where there is. */
export const noPython: string | false =
  spawnSync('python3', ['-c', 'import numpy, onnxruntime, PIL'], { stdio: 'ignore' }).status === 0
    ? false
    : 'no python3 with numpy, onnxruntime and Pillow';

/** The largest difference to Graft, for pictures of the same pixels and for those that each decodes in its way. */
export class Differences {
  readonly largest = { png: 0, jpg: 0 };
  sameClass = true;

  add(file: string, ours: readonly number[], theirs: readonly number[]): void {
    const kind = file.endsWith('.png') ? 'png' : 'jpg';
    const difference = Math.max(...ours.map((value, i) => Math.abs(value - (theirs[i] ?? NaN))));
    this.largest[kind] = Math.max(this.largest[kind], Number.isNaN(difference) ? Infinity : difference);
    const best = (values: readonly number[]) => values.indexOf(Math.max(...values));
    if (best(ours) !== best(theirs)) this.sameClass = false;
  }

  toString(): string {
    return `the same pixels ${this.largest.png.toExponential(1)}, jpg ${this.largest.jpg.toExponential(1)}`;
  }
}
