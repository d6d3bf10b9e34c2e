import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { exportModel } from '../../../src/runtime/export/export-model.js';
import { exportPath } from '../../../src/runtime/export/export-path.js';
import type { TrainedModel } from '../../../src/runtime/export/types.js';
import { readOnnx } from '../../../src/runtime/graph/onnx-file.js';
import {
  binaryModel,
  classNames,
  Differences,
  exportFolder,
  graftSays,
  greyModel,
  noPython,
  parsed,
  pictureFiles,
  savedModel,
} from '../../support/exports.js';
import { temporaryFolder } from '../../support/pictures.js';

const kinds: readonly (readonly [string, () => Partial<TrainedModel>])[] = [
  ['crop, caffe', () => ({})],
  ['pad, tf', () => ({ resize: 'pad', preprocessing: 'tf' })],
  ['stretch, torch', () => ({ resize: 'stretch', preprocessing: 'torch' })],
  ['one output', () => ({ model: binaryModel(), classes: ['no', 'yes'], preprocessing: 'unit' })],
  ['grey', () => ({ model: greyModel(), preprocessing: { mean: [120], std: [60] } })],
  ['mean and std', () => ({ preprocessing: { mean: [0.48, 0.45, 0.4], std: [0.2] } })],
];

const programs = [
  { language: 'JavaScript', command: process.execPath, ending: '.mjs', skip: false },
  { language: 'Python', command: 'python3', ending: '.py', skip: noPython },
] as const;

for (const { language, command, ending, skip } of programs) {
  for (const [kind, change] of kinds) {
    test(`the example in ${language} says what Graft says: ${kind}`, { skip }, async () => {
      const [model, files, folder] = [await savedModel(change()), await pictureFiles(), exportFolder()];
      await exportModel(model, 'onnx', path.join(folder, "it's 1.onnx"));
      const ours = await graftSays(model, files);
      const differences = new Differences();
      for (const [file, probabilities] of ours) {
        const { stdout, stderr, status } = spawnSync(command, [path.join(folder, `it's 1.example${ending}`), file], {
          encoding: 'utf8',
          env: { ...process.env, PYTHONUTF8: '1' },
        });
        assert.equal(status, 0, stderr);
        differences.add(file, probabilities, parsed(stdout));
      }
      console.log(`${language}, ${kind}: ${differences.toString()}`);
      assert.ok(differences.largest.png < 1e-4 && differences.largest.jpg < 0.02 && differences.sameClass);
    });
  }
}

const metadata = {
  producer: 'graft',
  classes: classNames,
  size: [16, 16],
  resize: 'crop',
  background: [255, 255, 255],
  base: 'tiny',
  run: 'r',
};

test('an export carries all that its use needs', async () => {
  const [model, folder] = [await savedModel(), temporaryFolder()];
  await exportModel(model, 'onnx', path.join(folder, 'm.onnx'));
  await exportModel(model, 'tfjs', path.join(folder, 'm'));
  const onnx = await readOnnx(path.join(folder, 'm.onnx'));
  assert.deepEqual(onnx.inputs, [{ name: 'pixels', shape: [null, null, null, 3] }]);
  const { userDefinedMetadata: tfjs } = JSON.parse(readFileSync(path.join(folder, 'm', 'model.json'), 'utf8')) as {
    userDefinedMetadata: Record<string, unknown>;
  };
  for (const [key, value] of Object.entries(metadata)) {
    assert.deepEqual(tfjs[key], value, key);
    assert.equal(onnx.metadata[key], typeof value === 'string' ? value : JSON.stringify(value), key);
  }
  assert.match(
    onnx.metadata['preprocessing'] ?? '',
    /"caffe","order":\[2,1,0\],"scale":\[1,1,1\],"offset":\[-103.939,/,
  );
  assert.deepEqual(readdirSync(folder).sort(), ['m', 'm.example.mjs', 'm.example.py', 'm.onnx']);
  assert.deepEqual(readdirSync(path.join(folder, 'm')).sort(), [
    ...['classes.json', 'example.html', 'model.json', 'resize.js', 'weights.bin'],
  ]);
});

test('an export goes where it is seen', () => {
  for (const [model, to, expected] of [
    ['models/flowers', 'onnx', 'exports/flowers.onnx'],
    ['models/flowers/model.json', 'tfjs', 'exports/flowers-tfjs'],
    ['.graft/runs/20261127-fine/model', 'onnx', 'exports/20261127-fine.onnx'],
    ['my/model', 'onnx', 'exports/model.onnx'],
  ] as const)
    assert.equal(exportPath(model, to, ''), path.normalize(expected));
});

test('nothing is overwritten unless it is said, and then only an export', async () => {
  const [model, folder] = [await savedModel(), temporaryFolder()];
  const [onnx, tfjs] = [path.join(folder, 'm.onnx'), path.join(folder, 'm')];
  const example = path.join(folder, 'm.example.py');
  writeFileSync(example, 'mine');
  await assert.rejects(exportModel(model, 'onnx', onnx), /m\.example\.py is there already/);
  assert.deepEqual(readdirSync(folder), ['m.example.py']);
  await exportModel(model, 'onnx', onnx, { force: true });
  assert.match(readFileSync(example, 'utf8'), /with_name\("m\.onnx"\)/);

  mkdirSync(tfjs);
  writeFileSync(path.join(tfjs, 'notes.txt'), 'mine');
  await assert.rejects(exportModel(model, 'tfjs', tfjs), { action: /--force/ });
  await assert.rejects(exportModel(model, 'tfjs', tfjs, { force: true }), /not an export alone: there is notes\.txt/);
  assert.equal(readFileSync(path.join(tfjs, 'notes.txt'), 'utf8'), 'mine');
  const other = path.join(folder, 'exports', 'new');
  await exportModel(model, 'tfjs', other);
  await exportModel(model, 'tfjs', other, { force: true });
  assert.ok(existsSync(path.join(other, 'model.json')));
  assert.deepEqual(readdirSync(path.join(folder, 'exports')), ['new']);
});
