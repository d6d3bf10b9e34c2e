/** A model of texts carries its tokenizer: into its folder, back from it, and into exports whose examples say what it says. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import type { Prediction } from '../../../src/protocol/index.js';
import { textKind } from '../../../src/runtime/data/text/kind.js';
import { evaluateModel } from '../../../src/runtime/evaluate/evaluate-model.js';
import { exportModel } from '../../../src/runtime/export/export-model.js';
import { predictFiles } from '../../../src/runtime/export/predict-files.js';
import { predictTexts } from '../../../src/runtime/export/predict-texts.js';
import { loadModel, saveTrained } from '../../../src/runtime/export/saved-model.js';
import type { TrainedModel } from '../../../src/runtime/export/types.js';
import { tf } from '../../../src/runtime/tf.js';
import { exportFolder, parsed, savedModel } from '../../support/exports.js';
import { failure } from '../../support/failure.js';
import { temporaryFolder } from '../../support/pictures.js';
import { letters, tinyBase, tinyTokenizer } from '../../support/texts.js';

const classes = ['order', 'question', 'thanks'];
const noTokenizers =
  spawnSync('python3', ['-c', 'import numpy, onnxruntime, tokenizers'], { stdio: 'ignore' }).status === 0
    ? false
    : 'no python3 with numpy, onnxruntime and tokenizers';

async function saved(change: Partial<TrainedModel> = {}): Promise<string> {
  const folder = path.join(temporaryFolder(), 'letters');
  const tokenizer = tinyTokenizer(32);
  const { inputs, outputs } = tinyBase(tokenizer);
  const dense = tf.layers.dense({
    units: 3,
    activation: 'softmax',
    kernelInitializer: tf.initializers.randomNormal({ seed: 3 }),
  });
  const model = tf.model({ inputs, outputs: dense.apply(outputs) as tf.SymbolicTensor });
  await saveTrained(
    {
      ...{ kind: textKind, tokenizer, model, classes, preprocessing: 'none', technique: 'feature-extraction' },
      ...{ base: { name: 'tiny', hash: '' }, run: 'r', dataHash: '', seed: 1 },
      metrics: { accuracy: 1, loss: 0, macroF1: 1 },
      ...change,
    },
    folder,
  );
  return folder;
}

async function says(model: string, ...texts: readonly string[]): Promise<Prediction[]> {
  const all: Prediction[] = [];
  for await (const one of predictTexts(
    model,
    texts.map((text, i) => ({ name: `text ${i + 1}`, text })),
  ))
    all.push(one);
  return all;
}

const probabilities = ({ classes: found = [] }: Prediction) =>
  [...found].sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ probability }) => probability);

test('a folder has the tokenizer beside graft.json; read again it makes the same tokens', async () => {
  const folder = await saved();
  const info = JSON.parse(readFileSync(path.join(folder, 'graft.json'), 'utf8')) as Record<string, unknown>;
  assert.equal(info['kind'], 'text');
  assert.ok(!('size' in info) && existsSync(path.join(folder, 'tokenizer.json')));
  const { tokenizer, kind } = await loadModel(folder);
  assert.equal(kind?.name, 'text');
  assert.equal(tokenizer?.hash, tinyTokenizer(32).hash);
  assert.deepEqual(tokenizer.encode('Thank you, the roses!'), tinyTokenizer(32).encode('Thank you, the roses!'));
});

test('a tokenizer that was changed or is gone is noticed', async () => {
  const folder = await saved();
  const file = path.join(folder, 'tokenizer.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('roses', 'rozes'));
  const error = await failure(loadModel(folder));
  assert.equal(error.message, `${file} is not the one that was saved: the hash differs.`);
  assert.match(error.action, /^Copy the folder again/);
});

test('texts, files of texts and labelled texts are answered alike', async () => {
  const folder = await saved();
  const texts = ['thank you, lovely roses', 'when and where', 'please send seeds '.repeat(20)];
  const place = temporaryFolder();
  const files = texts.map((text, i) => path.join(place, `${i}.txt`));
  files.forEach((file, i) => {
    writeFileSync(file, texts[i] ?? '');
  });
  const [typed, read] = [await says(folder, ...texts), await predictFiles(folder, [place])];
  assert.deepEqual(typed.map(probabilities), read.map(probabilities));
  assert.deepEqual(
    typed.map(({ file }) => file),
    ['text 1', 'text 2', 'text 3'],
  );
  const [empty] = await says(folder, ' ');
  assert.equal(empty?.error, 'text 1 is empty. Give a text.');

  const table = path.join(place, 'letters.csv');
  const lines = letters(30).map(({ label, text }) => `"${text}",${label}`);
  writeFileSync(table, ['text,label', ...lines].join('\n'));
  const evaluation = await evaluateModel(await loadModel(folder), table);
  assert.equal(evaluation.images, 30);
  assert.equal(evaluation.kind, 'text');
});

test('a model of pictures is not asked about texts', async () => {
  const folder = await savedModel();
  const error = await failure(says(folder, 'hello'));
  assert.equal(error.message, `${folder} is a model of pictures, and is asked about texts.`);
});

test('ONNX: the tokenizer beside it, and examples that say what predict says', async (t) => {
  const model = await saved();
  const out = path.join(exportFolder(), 'letters.onnx');
  const { largestDifference } = await exportModel(model, 'onnx', out);
  assert.ok(largestDifference < 1e-5);
  const stem = out.replace(/\.onnx$/, '');
  assert.ok(existsSync(`${stem}.tokenizer.json`));
  const texts = ['Thank you, lovely roses!', 'when and where', `please ${'seeds for my garden '.repeat(20)}`];
  const ours = (await says(model, ...texts)).map(probabilities);
  const examples = [
    [process.execPath, `${stem}.example.mjs`],
    ...(noTokenizers === false ? [['python3', `${stem}.example.py`]] : []),
  ];
  if (noTokenizers !== false) t.diagnostic(`Python's example is not run: ${noTokenizers}`);
  for (const [program = '', script = ''] of examples)
    for (const [i, text] of texts.entries()) {
      const { stdout, stderr, status } = spawnSync(program, [script, text], { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      const theirs = parsed(stdout);
      assert.ok(
        theirs.every((value, c) => Math.abs(value - (ours[i]?.[c] ?? NaN)) < 2e-6),
        `${script}: ${stdout}`,
      );
    }
});

test('plain TensorFlow.js has no tokens: the export says so, and what to do', async () => {
  const out = path.join(temporaryFolder(), 'letters-tfjs');
  const error = await failure(exportModel(await saved(), 'tfjs', out));
  assert.match(error.message, /takes tokens, and TensorFlow\.js has nothing that makes them/);
  assert.match(error.action, /--to onnx/);
  assert.ok(!existsSync(out));
});
