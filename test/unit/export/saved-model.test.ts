import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { baseOf } from '../../../src/runtime/bases/base.js';
import { loadBase } from '../../../src/runtime/bases/load-base.js';
import { exportModel } from '../../../src/runtime/export/export-model.js';
import { predictFiles } from '../../../src/runtime/export/predict-files.js';
import { loadModel, saveTrained } from '../../../src/runtime/export/saved-model.js';
import type { TrainedModel } from '../../../src/runtime/export/types.js';
import { describeModel } from '../../../src/runtime/service/describe-model.js';
import { tinyModel } from '../../support/made-up.js';
import { failure } from '../../support/model-files.js';
import { temporaryFolder } from '../../support/pictures.js';

const trained = (): TrainedModel => ({
  model: tinyModel(),
  classes: ['a', 'b', 'c', 'd'],
  size: [16, 16],
  resize: 'crop',
  preprocessing: 'unit',
  base: { name: 'tiny', hash: '' },
  technique: 'fine-tuning',
  metrics: { loss: 0.5, accuracy: 0.75, macroF1: 0.7 },
  run: 'r',
  dataHash: 'd',
  seed: 7,
});

async function saved(): Promise<string> {
  const folder = path.join(temporaryFolder(), 'model');
  await saveTrained(trained(), folder);
  return folder;
}

test('what a killed save has left is cleared by the next one, and nothing else', async () => {
  const folder = temporaryFolder();
  // A process that has ended; its number is free.
  const { pid: ended } = spawnSync(process.execPath, ['-e', '']);
  const left = `model.${ended}.0123abcd.tmp`;
  const others = [`model.${process.pid}.0123abcd.tmp`, `other.${ended}.0123abcd.tmp`, `model.${ended}.notes`];
  for (const name of [left, ...others]) {
    mkdirSync(path.join(folder, name));
    writeFileSync(path.join(folder, name, 'model.json'), '');
  }
  await saveTrained(trained(), path.join(folder, 'model'));
  assert.deepEqual(readdirSync(folder).sort(), ['model', ...others].sort());
});

type Info = Record<string, unknown> & { hashes: Record<string, string> };
function edit(folder: string, change: (info: Info) => void, spaces?: number): void {
  const file = path.join(folder, 'graft.json');
  const info = JSON.parse(readFileSync(file, 'utf8')) as Info;
  change(info);
  writeFileSync(file, JSON.stringify(info, undefined, spaces));
}

/** As Graft 0.1.0 saved it. */
function older(info: Info): void {
  delete info['digest'];
  delete info.hashes['model'];
}

test('a saved model is what was saved; how its file is laid out does not matter', async () => {
  const folder = await saved();
  for (const spaces of [undefined, 4]) {
    edit(folder, () => undefined, spaces);
    const { model, classes, preprocessing } = await loadModel(folder);
    assert.deepEqual(classes, ['a', 'b', 'c', 'd']);
    assert.equal(preprocessing, 'unit');
    model.dispose();
  }
  const base = await loadBase(folder);
  assert.equal(baseOf(base)?.info.preprocessing, 'unit');
  const described = await describeModel(path.join(folder, 'model.json'));
  assert.deepEqual(described.classes, ['a', 'b', 'c', 'd']);
});

const changes: readonly [string, (info: Info) => void][] = [
  ['a class less', (info) => (info['classes'] as string[]).pop()],
  ['a class of another name', (info) => ((info['classes'] as string[])[0] = 'z')],
  ['another preprocessing', (info) => (info['preprocessing'] = 'tf')],
  ['another resize', (info) => (info['resize'] = 'pad')],
  ['another size', (info) => (info['size'] = [32, 32])],
  ['another loss', (info) => (info['loss'] = 'meanSquaredError')],
  ['another hash', (info) => (info.hashes['data'] = 'e')],
];
for (const [what, change] of changes) {
  test(`graft.json with ${what} is noticed by everything that reads it, and the way out is named`, async () => {
    const folder = await saved();
    edit(folder, change);
    const readers = [
      () => loadModel(folder),
      () => loadBase(folder),
      () => describeModel(path.join(folder, 'model.json')),
      () => predictFiles(folder, ['x.png']),
      () => exportModel(folder, 'onnx'),
    ];
    for (const reader of readers)
      assert.match(await failure(reader()), /graft\.json was changed after it was saved: .*remove "digest" from it/);
  });
}

const fieldErrors: readonly [string, (info: Info) => void, RegExp][] = [
  ['a class less', (info) => (info['classes'] as string[]).pop(), /it names 3 classes, and the model has 4 outputs/],
  [
    'a class more',
    (info) => (info['classes'] as string[]).push('e'),
    /it names 5 classes, and the model has 4 outputs/,
  ],
  [
    'one class twice',
    (info) => (info['classes'] = ['a', 'b', 'c', 'c']),
    /its classes is not a list of two or more different/,
  ],
  ['another size', (info) => (info['size'] = [32, 16]), /its pictures are 32 × 16, and the model takes 16 × 16/],
  ['no size', (info) => (info['size'] = [0, 16]), /its size is not \[height, width\]/],
  ['an unknown field', (info) => (info['labels'] = []), /it has a field "labels", which this version does not know/],
  ['a missing field', (info) => delete info['resize'], /it has no resize/],
  ['an unknown preprocessing', (info) => (info['preprocessing'] = 'x'), /its preprocessing is not one of tf\|caffe/],
  ['damaged hashes', (info) => (info.hashes['weights'] = 'x'), /its hashes is not the SHA-256/],
  ['another format', (info) => (info['format'] = 2), /its format is 2, this version reads 1/],
];
for (const [what, change, expected] of fieldErrors) {
  test(`graft.json of 0.1.0 with ${what} is refused`, async () => {
    const folder = await saved();
    edit(folder, (info) => {
      older(info);
      change(info);
    });
    assert.match(await failure(loadModel(folder)), expected);
  });
}

test('a model of 0.1.0, and one whose class somebody renamed, load, and it is said once', async () => {
  const warnings: string[] = [];
  const listen = (warning: Error) => warnings.push(`${warning.name}: ${warning.message}`);
  process.on('warning', listen);
  const folder = await saved();
  edit(folder, (info) => {
    older(info);
    delete info['loss'];
    (info['classes'] as string[])[0] = 'renamed';
  });
  for (let i = 0; i < 2; i++) assert.equal((await loadModel(folder)).classes[0], 'renamed');
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', listen);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /^Graft: .*graft\.json has no digest/);
});

test('a changed topology and changed weights are noticed', async () => {
  const folder = await saved();
  const copy = path.join(temporaryFolder(), 'copy');
  const file = path.join(copy, 'model.json');
  cpSync(folder, copy, { recursive: true });
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('"max_value":6', '"max_value":-1'));
  assert.notEqual(readFileSync(file, 'utf8'), text);
  for (const reader of [() => loadModel(copy), () => loadBase(copy), () => describeModel(file)])
    assert.match(await failure(reader()), /model\.json is not the one that was saved: the hash differs/);
  writeFileSync(file, text);
  const weights = readFileSync(path.join(copy, 'weights.bin'));
  weights.writeUInt8(weights.readUInt8(5) ^ 1, 5);
  writeFileSync(path.join(copy, 'weights.bin'), weights);
  for (const reader of [() => loadModel(copy), () => loadBase(copy)])
    assert.match(await failure(reader()), /The weights are not those that were saved: the hash differs/);
});

const manifests: readonly [string, (text: string) => string, RegExp][] = [
  [
    'a shape that is none',
    (t) => t.replace('"shape":[3,3,3,8]', '"shape":[3,-3,3,8]'),
    /the weight conv\/kernel has the shape \[3,-3,3,8\]/,
  ],
  [
    'a shape of 10¹⁸',
    (t) => t.replace('"shape":[3,3,3,8]', '"shape":[1000000000,1000000000]'),
    /hold \d+ bytes, model\.json describes/,
  ],
  [
    'another kind of number',
    (t) => t.replace('"shape":[3,3,3,8],"dtype":"float32"', '"shape":[3,3,3,8],"dtype":"float128"'),
    /is of the kind "float128"/,
  ],
  [
    'a weight without a shape',
    (t) => t.replace('"shape":[3,3,3,8],', ''),
    /the weight conv\/kernel has the shape \(none\)/,
  ],
  ['a weight twice', (t) => t.replace('bn/beta', 'bn/gamma'), /describes the weight bn\/gamma twice/],
  [
    'a shard that is a number',
    (t) => t.replace('"paths":["weights.bin"]', '"paths":[7]'),
    /a group in it names no shards/,
  ],
  [
    'no weights',
    (t) => t.replace(/"weights":\[.*\]/, '"weights":null}]'),
    /a group in it names no shards or no weights|not valid JSON/,
  ],
  [
    'a shard that is a folder',
    (t) => t.replace('weights.bin', 'folder/../.'),
    /outside its folder|is a folder, not a file/,
  ],
];
for (const [what, change, expected] of manifests) {
  test(`a model.json with ${what} is refused`, async () => {
    const folder = await saved();
    const bare = path.join(temporaryFolder(), 'bare');
    cpSync(folder, bare, { recursive: true, filter: (name) => !name.endsWith('graft.json') });
    const file = path.join(bare, 'model.json');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, change(text));
    assert.notEqual(readFileSync(file, 'utf8'), text, 'nothing was changed');
    assert.match(await failure(loadBase(bare)), expected);
  });
}
