import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { transform } from 'sucrase';

import { imageFolder } from '../../../src/runtime/data/index.js';
import { layersModelFiles } from '../../../src/runtime/export/saved-model.js';
import { describeBase } from '../../../src/runtime/scaffold/describe-base.js';
import { scriptText } from '../../../src/runtime/scaffold/script.js';
import { tf } from '../../../src/runtime/tf.js';
import { failure } from '../../support/model-files.js';
import { hostileNames, liveInTerminal } from '../../support/hostile.js';
import { pictureFolder, temporaryFolder } from '../../support/pictures.js';

for (const [pictures, epochs] of [
  [40, 12],
  [1200, 10],
  [3000, 5],
]) {
  test(`${pictures} pictures are fine-tuned over ${epochs} epochs`, async () => {
    const workspace = temporaryFolder();
    for (const name of ['a', 'b']) {
      mkdirSync(path.join(workspace, 'data', name), { recursive: true });
      for (let i = 0; i < Number(pictures) / 2; i++)
        cpSync('sample/garden/leaf/leaf-01.jpg', path.join(workspace, 'data', name, `${i}.jpg`));
    }
    const text = await scriptText({ technique: 'fine-tuning', data: 'data', base: 'sapling', workspace });
    assert.match(text, new RegExp(`\\n  epochs: ${epochs},\\n`));
  });
}

for (const name of hostileNames) {
  // What a file system of Linux takes.
  if (name.includes('/') || Buffer.byteLength(name) > 200 || name.includes('\ud800')) continue;
  test(`a folder named ${JSON.stringify(name)} is a name in the script, and no part of it`, async () => {
    const workspace = temporaryFolder();
    for (const label of ['a', 'b']) {
      mkdirSync(path.join(workspace, name, label), { recursive: true });
      cpSync('sample/garden/leaf/leaf-01.jpg', path.join(workspace, name, label, '1.jpg'));
    }
    const text = await scriptText({ technique: 'fine-tuning', data: name, base: 'sapling', workspace });
    const plain = await scriptText({
      technique: 'fine-tuning',
      data: path.join(workspace, name),
      base: 'sapling',
      workspace: '/',
    });
    assert.equal(liveInTerminal(text), undefined);
    assert.equal(text.split('\n').length, plain.split('\n').length);
    const { code } = transform(text, { transforms: ['typescript'] });
    const literals = [...code.matchAll(/^.*(?:imageFolder|saveModel)\([^']*('(?:[^'\\]|\\.)*')/gm)].map(
      ([, literal = '']) => (0, eval)(literal) as string,
    );
    assert.deepEqual(literals.sort(), [`models/${name}-sapling-fine-tune`, name].sort());
  });
}
test('what is said about the data stands in the script: columns, test set, groups', async () => {
  const workspace = await pictureFolder(['cats', 'dogs'], 4);
  const rows = ['cats', 'dogs'].flatMap((name) => [0, 1, 2, 3].map((i) => `${name}/${i}.png,x,${name}`));
  writeFileSync(path.join(workspace, 'pets.csv'), ['one,two,three', ...rows].join('\n'));
  const dataOptions = { columns: { label: 'three' }, test: 0.1, group: '^(\\d)' };
  const options = { data: 'pets.csv', dataOptions, base: 'sapling', workspace };
  assert.match(
    await scriptText({ technique: 'feature-extraction', ...options }),
    /imageCsv\('pets\.csv', \{ size: \[128, 128\], validation: 0\.2, seed: 7, test: 0\.1, columns: \{ label: 'three' \}, group: '\^\(\\\\d\)' \}\);/,
  );
  assert.match(
    await scriptText({ technique: 'fine-tuning', ...options }),
    /\n {2}seed: 7,\n {2}test: 0\.1,\n {2}columns: \{ label: 'three' \},\n {2}group: '\^\(\\\\d\)',\n {2}augment:/,
  );
});

test('folders of a split are named by what they are', async () => {
  const workspace = temporaryFolder();
  await pictureFolder(['a', 'b'], 3, path.join(workspace, 'data', 'Training'));
  await pictureFolder(['a', 'b'], 2, path.join(workspace, 'data', 'test'));
  const text = await scriptText({ technique: 'feature-extraction', data: 'data', base: 'sapling', workspace });
  assert.match(
    text,
    /imageFolder\(\{ train: 'data\/Training', test: 'data\/test' \}, \{ size: .*, validation: 0\.2, seed: 7 \}/,
  );
});

test('where the data bring a validation set, the script splits none off', async () => {
  const workspace = temporaryFolder();
  for (const [side, count] of [
    ['train', 5],
    ['val', 2],
  ] as const)
    await pictureFolder(['a', 'b'], count, path.join(workspace, 'data', side));
  const lines = ['train', 'val'].flatMap((side) =>
    ['a', 'b'].flatMap((name) => [0, 1].map((i) => `data/${side}/${name}/${i}.png,${name},${side}`)),
  );
  writeFileSync(path.join(workspace, 'labels.csv'), ['path,label,split', ...lines, ''].join('\n'));
  for (const data of ['data', 'labels.csv']) {
    const features = await scriptText({ technique: 'feature-extraction', data, base: 'sapling', workspace });
    assert.match(features, /\{ size: \[128, 128\], seed: 7 \}/);
    const finer = await scriptText({ technique: 'fine-tuning', data, base: 'sapling', workspace });
    assert.match(finer, /\n {2}size: \[128, 128\],\n {2}seed: 7,\n/);
  }
  const { report } = await imageFolder(path.join(workspace, 'data'), { size: [16, 16], validation: 0.2 });
  assert.ok(report.notes.includes('validation: 0.2 is not used: the data brings its own validation set.'));
});

const input = (shape: (number | null)[]) => tf.input({ shape });
async function modelFile(workspace: string, name: string, start: tf.SymbolicTensor, scale?: number): Promise<string> {
  const x = scale === undefined ? start : (tf.layers.rescaling({ scale }).apply(start) as tf.SymbolicTensor);
  const output = tf.layers.conv2d({ filters: 4, kernelSize: 3, name: 'features' }).apply(x) as tf.SymbolicTensor;
  const { topology, weights } = await layersModelFiles(tf.model({ inputs: start, outputs: output }));
  mkdirSync(path.join(workspace, name));
  writeFileSync(path.join(workspace, name, 'model.json'), topology);
  writeFileSync(path.join(workspace, name, 'weights.bin'), weights);
  return path.join(workspace, name);
}

test('how a model file wants its pixels stands in the script, and its size where it has none', async () => {
  const workspace = await pictureFolder(['cats', 'dogs'], 2);
  const [scaled, unknown, any, grey] = [
    await modelFile(workspace, 'scaled', input([32, 32, 3]), 1 / 255),
    await modelFile(workspace, 'unknown', input([32, 32, 3])),
    await modelFile(workspace, 'any', input([null, null, 3])),
    await modelFile(workspace, 'grey', input([32, 32, 1])),
  ];
  const script = (base: string, wishes: { preprocessing?: string; size?: string } = {}) =>
    scriptText({ technique: 'feature-extraction', data: '.', base, workspace, ...wishes });
  assert.match(await script(scaled), /loadBase\('scaled', \{ preprocessing: 'none' \}\)/);
  assert.match(await script(unknown, { preprocessing: 'unit' }), /loadBase\('unknown', \{ preprocessing: 'unit' \}\)/);
  const custom = await script(any, { preprocessing: 'mean=120,110,100,std=60', size: '48x64' });
  assert.match(
    custom,
    /loadBase\('any', \{ preprocessing: \{ mean: \[120, 110, 100\], std: \[60\] \}, inputShape: \[48, 64\] \}\)/,
  );
  assert.match(custom, /\{ size: \[48, 64\], /);
  assert.match(await script('sapling', { size: '96' }), /applications\.sapling\(\{ inputShape: \[96, 96, 3\] \}\)/);

  const refused: readonly (readonly [() => Promise<string>, RegExp])[] = [
    [
      () => script(unknown),
      /Nothing in .*unknown says .* --preprocessing tf\|caffe\|torch\|unit\|none\|mean=…,std=…\./,
    ],
    [() => script(unknown, { preprocessing: 'rgb' }), /--preprocessing rgb is none\. It is one of tf\|caffe\|torch/],
    [
      () => script(any, { preprocessing: 'tf' }),
      /any takes pictures of any size\. Say which to train with: --size 224/,
    ],
    [() => script(any, { preprocessing: 'tf', size: '2' }), /--size 2 is no size of pictures/],
    [
      () => script(grey, { preprocessing: 'torch' }),
      /takes grey pictures, and the preprocessing torch is for three channels/,
    ],
    [() => script('sapling', { preprocessing: 'tf' }), /sapling wants its pixels as it was trained: tf/],
  ];
  for (const [work, expected] of refused) assert.match(await failure(work()), expected);

  const said = async (base: string) => {
    const { size, anySize, grey: isGrey, preprocessing } = await describeBase(base);
    return { size, anySize, isGrey, preprocessing };
  };
  const nothing = { anySize: undefined, isGrey: undefined, preprocessing: undefined };
  assert.deepEqual(await said(scaled), { ...nothing, size: [32, 32], preprocessing: 'none' });
  assert.deepEqual(await said(any), { ...nothing, size: [224, 224], anySize: true });
  assert.deepEqual(await said(grey), { ...nothing, size: [32, 32], isGrey: true });
  assert.deepEqual(await said('sapling'), { ...nothing, size: [128, 128], preprocessing: 'tf' });
});
