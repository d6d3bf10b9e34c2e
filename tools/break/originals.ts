import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import * as h5 from 'h5wasm/node';
import type { Sharp } from 'sharp';

import { squeezeNet } from '../../src/runtime/bases/definitions/index.js';
import { patch } from '../../test/support/pictures.js';

const cli = fileURLToPath(new URL('../cli.js', import.meta.url));
const fixtures = path.join(path.dirname(cli), '..', 'test', 'fixtures', 'keras');
const classes = { blue: '#2050c0', green: '#30a040', red: '#c03020' };
const size = 24;

/** Pictures to train on. They lie outside the workspace: the picture index knows them by their path and time. */
export async function makeData(folder: string): Promise<void> {
  await eachPicture(8, async (name, c, i) => {
    const file = path.join(folder, name, `${i}.png`);
    mkdirSync(path.dirname(file), { recursive: true });
    await colored(name, c, i).png().toFile(file);
    // What has just changed is not remembered.
    utimesSync(file, 1_700_000_000, 1_700_000_000);
  });
}

/** One workspace with a file of every kind in it: pictures, tables, models, a finished and a stopped run, their cache. */
export async function makeWorkspace(workspace: string, data: string): Promise<void> {
  mkdirSync(workspace, { recursive: true });
  for (const name of ['tiny.h5', 'tiny.keras']) cpSync(path.join(fixtures, name), path.join(workspace, name));
  writeFileSync(path.join(workspace, 'train.ts'), script(data));
  await makePictures(workspace);
  makeIdx(workspace);
  await graft(workspace, ['train', 'train.ts', '--run-dir', '.graft/runs/finished']);
  // As anybody's model: without what Graft writes beside it.
  mkdirSync(path.join(workspace, 'tfjs'));
  splitShards(path.join(workspace, 'model'), path.join(workspace, 'tfjs'));
  await writeWeights(path.join(workspace, 'squeezenet.weights.h5'));
  await graft(workspace, ['export', 'model', '--to', 'onnx', '--out', 'model.onnx']);
  await stopHalfway(workspace, '.graft/runs/stopped');
}

function script(data: string): string {
  return `import { readFileSync } from 'node:fs';
import { adamW, cosine, fit, freeze, imageFolder, loadBase, saveModel, tf } from 'graftjs';
// Stops amid fine-tuning where it is told to, as Ctrl-C would: from outside, a quick training may have ended before.
const log = process.env.STOP_AMID;
if (log !== undefined) {
  const timer = setInterval(() => {
    if (!/"epoch","stage":"fine-tune"/.test(readFileSync(log, 'utf8'))) return;
    clearInterval(timer);
    process.emit('SIGINT', 'SIGINT');
  }, 1).unref();
}
const data = await imageFolder(${JSON.stringify(data)}, { size: [16, 16], seed: 7, augment: { flip: true, views: 2 } });
const base = await loadBase('tiny.h5', { preprocessing: 'tf' });
freeze(base, { upTo: 'relu' });
let x = tf.layers.globalAveragePooling2d({}).apply(base.outputs) as tf.SymbolicTensor;
x = tf.layers.dense({ units: data.classes.length, activation: 'softmax' }).apply(x) as tf.SymbolicTensor;
const model = tf.model({ inputs: base.inputs, outputs: x });
const run = await fit(model, data, { epochs: 8, headEpochs: 2, batchSize: 6, optimizer: adamW(), learningRate: cosine({ peak: 0.01 }) });
await saveModel(run.best, 'model');
`;
}

async function makePictures(workspace: string): Promise<void> {
  const writers: Record<string, (picture: Sharp) => Promise<Buffer>> = {
    png: (picture) => picture.png().toBuffer(),
    jpg: (picture) => picture.jpeg().toBuffer(),
    webp: (picture) => picture.webp({ lossless: true }).toBuffer(),
    gif: (picture) => picture.gif().toBuffer(),
    tiff: (picture) => picture.tiff({ compression: 'lzw' }).toBuffer(),
    bmp: async (picture) => bitmap(await picture.raw().toBuffer()),
  };
  const rows = ['path,label'];
  await eachPicture(3, async (name, c, i) => {
    for (const [extension, write] of Object.entries(writers)) {
      const file = path.join(workspace, 'pictures', extension, name, `${i}.${extension}`);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, await write(colored(name, c, 50 + i)));
    }
    rows.push(`../pictures/png/${name}/${i}.png,${name}`);
  });
  mkdirSync(path.join(workspace, 'table'));
  writeFileSync(path.join(workspace, 'table', 'labels.csv'), `${rows.join('\n')}\n`);
}

/** A Windows bitmap of 24 bits, without compression. */
function bitmap(pixels: Buffer): Buffer {
  const head = Buffer.alloc(54);
  head.write('BM', 0, 'latin1');
  head.writeUInt32LE(54 + pixels.length, 2);
  head.writeUInt32LE(54, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(size, 18);
  head.writeInt32LE(-size, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(24, 28);
  head.writeUInt32LE(pixels.length, 34);
  return Buffer.concat([head, pixels]);
}

/** Two classes of six pictures of 8 × 8, as MNIST's files; and the same compressed. */
function makeIdx(workspace: string): void {
  const [n, side] = [12, 8];
  const images = Buffer.alloc(16 + n * side * side);
  [0x803, n, side, side].forEach((value, i) => images.writeUInt32BE(value, i * 4));
  for (let i = 16; i < images.length; i++) images.writeUInt8((i * 37 + (i >> 6) * 11) % 256, i);
  const labels = Buffer.alloc(8 + n);
  [0x801, n].forEach((value, i) => labels.writeUInt32BE(value, i * 4));
  for (let i = 0; i < n; i++) labels.writeUInt8(i % 2, 8 + i);
  for (const [folder, ending, pack] of [
    ['idx', '', (bytes: Buffer) => bytes],
    ['idx-gz', '.gz', gzipSync],
  ] as const) {
    mkdirSync(path.join(workspace, folder));
    writeFileSync(path.join(workspace, folder, `images-idx3-ubyte${ending}`), pack(images));
    writeFileSync(path.join(workspace, folder, `labels-idx1-ubyte${ending}`), pack(labels));
  }
}

async function eachPicture(count: number, make: (name: string, c: number, i: number) => Promise<void>): Promise<void> {
  for (const [c, name] of Object.keys(classes).entries()) for (let i = 0; i < count; i++) await make(name, c, i);
}

function colored(name: string, c: number, i: number): Sharp {
  return patch(classes[name as keyof typeof classes], i + c * 100, size);
}

/** The same model with its weights in two files. */
function splitShards(from: string, to: string): void {
  const manifest = JSON.parse(readFileSync(path.join(from, 'model.json'), 'utf8')) as {
    weightsManifest: { paths: string[] }[];
  };
  const weights = readFileSync(path.join(from, 'weights.bin'));
  const shards = [weights.subarray(0, weights.length >> 1), weights.subarray(weights.length >> 1)];
  const paths = shards.map((_, i) => `group1-shard${i + 1}of2.bin`);
  for (const group of manifest.weightsManifest) group.paths = paths;
  writeFileSync(path.join(to, 'model.json'), JSON.stringify(manifest));
  shards.forEach((shard, i) => {
    writeFileSync(path.join(to, paths[i] ?? ''), shard);
  });
}

/** As save_weights of Keras 3 writes those of a network that Graft knows by name. */
async function writeWeights(file: string): Promise<void> {
  const model = await squeezeNet({ weights: null, includeTop: false, inputShape: [32, 32, 3] });
  await h5.ready;
  const opened = new h5.File(file, 'w');
  const layers = opened.create_group('layers');
  let count = 0;
  for (const layer of model.layers) {
    if (layer.weights.length === 0) continue;
    const vars = layers.create_group(`conv2d${count === 0 ? '' : `_${count}`}`).create_group('vars');
    vars.create_attribute('name', layer.name);
    for (const [i, { shape }] of layer.weights.entries()) {
      const sides = shape.map(Number);
      const size = sides.reduce((product, side) => product * side, 1);
      const data = Float32Array.from(
        { length: size },
        (_, at) => Math.sin(at + count) / Math.sqrt(size / (sides.at(-1) ?? 1)),
      );
      vars.create_dataset({ name: String(i), data, shape: sides, dtype: '<f' });
    }
    count++;
  }
  opened.close();
  model.dispose();
}

/** Both of its checkpoints are there: the one at the head's end, and one amid fine-tuning. */
async function stopHalfway(workspace: string, run: string): Promise<void> {
  const log = path.join(workspace, run, 'events.ndjson');
  await graft(workspace, ['train', 'train.ts', '--run-dir', run], 130, { STOP_AMID: log });
}

async function graft(
  workspace: string,
  words: readonly string[],
  expected = 0,
  environment: Record<string, string> = {},
): Promise<void> {
  const child = spawn(process.execPath, [cli, ...words], {
    cwd: workspace,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let error = '';
  child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== expected) throw new Error(`graft ${words.join(' ')} ended with ${code ?? 'a signal'}: ${error}`);
}
