import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';

import { examplesOf, examplesText, readExamples } from '../../../src/runtime/bases/saved/saved-examples.js';
import { imageFolder, type ImageDataset } from '../../../src/runtime/data/index.js';
import type { ModelEvaluation } from '../../../src/protocol/index.js';
import { evaluateModel } from '../../../src/runtime/evaluate/evaluate-model.js';
import { evaluateOutputs } from '../../../src/runtime/tasks/class-metrics.js';
import { loadModel, saveTrained, withModel } from '../../../src/runtime/export/saved-model.js';
import { splitText } from '../../../src/runtime/data/split-file.js';
import type { TrainedModel } from '../../../src/runtime/export/types.js';
import { tinyModel } from '../../support/made-up.js';
import { failure } from '../../support/model-files.js';
import { pictureFolder, temporaryFolder } from '../../support/pictures.js';

const classes = ['a', 'b', 'c', 'd'];
let data: ImageDataset;
let model = '';

const trained = (examples: TrainedModel['examples']): TrainedModel => ({
  ...{ model: tinyModel(), classes, size: [16, 16], resize: 'crop', preprocessing: 'unit', seed: 7 },
  ...{ base: { name: 'tiny', hash: '' }, technique: 'fine-tuning', run: 'r', dataHash: 'd' },
  metrics: { loss: 0.5, accuracy: 0.75, macroF1: 0.7 },
  ...(examples === undefined ? {} : { examples }),
});

before(async () => {
  data = await imageFolder(await pictureFolder(classes, 10), { size: [16, 16], seed: 1, test: 0.2 });
  model = path.join(temporaryFolder(), 'model');
  await saveTrained(trained(examplesOf(data)), model);
});

/** A folder of its own with some of the pictures, under other names. */
function folderOf(...sides: ('train' | 'validation' | 'test')[]): string {
  const folder = temporaryFolder();
  for (const side of sides)
    for (const { id, source } of data[side]) {
      const target = path.join(folder, path.dirname(id), `copy-${path.basename(id)}`);
      mkdirSync(path.dirname(target), { recursive: true });
      cpSync(source.path, target);
    }
  return folder;
}

const evaluated = async (folder: string, which = model) =>
  (await withModel(which, (opened) => evaluateModel(opened, folder))) as ModelEvaluation<'classification'>;

test('a saved model knows its examples by content, on each side', async () => {
  const { examples, model: layers } = await loadModel(model);
  layers.dispose();
  assert.deepEqual(examples, examplesOf(data));
  assert.deepEqual([examples.train.length, examples.validation.length, examples.test.length], [24, 8, 8]);
});

for (const [sides, seen, measured] of [
  [['train', 'validation', 'test'], { trained: 24, validated: 8 }, ['new', 8]],
  [['train', 'validation'], { trained: 24, validated: 8 }, ['validation', 8]],
  [['train'], { trained: 24, validated: 0 }, undefined],
  [['validation'], { trained: 0, validated: 8 }, ['validation', 8]],
  [['test'], { trained: 0, validated: 0 }, ['new', 8]],
] as const) {
  test(`evaluated on ${sides.join(', ')}: what it has seen is counted and left out`, async () => {
    const result = await evaluated(folderOf(...sides));
    assert.deepEqual(result.seen, seen);
    assert.deepEqual(result.measure && [result.measure.on, result.measure.images], measured);
    const count = (confusion: readonly (readonly number[])[]) => confusion.flat().reduce((a, b) => a + b, 0);
    assert.equal(count(result.confusion), result.images);
    if (result.measure === undefined) return;
    assert.equal(count(result.measure.confusion), 8);
    // The same pictures alone have the same figures.
    const alone = await evaluated(folderOf(result.measure.on === 'new' ? 'test' : 'validation'));
    assert.deepEqual(result.measure.metrics, alone.metrics);
  });
}

test('a model of an older version does not say what it has seen', async () => {
  const older = path.join(temporaryFolder(), 'model');
  await saveTrained(trained(undefined), older);
  assert.ok(!readdirSync(older).includes('examples.json'));
  const result = await evaluated(folderOf('train'), older);
  assert.equal(result.seen, undefined);
  assert.equal(result.measure, undefined);
  assert.equal(result.images, 24);
});

test('a damaged or missing list of examples is noticed', async () => {
  const copy = path.join(temporaryFolder(), 'copy');
  cpSync(model, copy, { recursive: true });
  const file = path.join(copy, 'examples.json');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('"validation":"', '"validation":"AAAAAAAAAAA='));
  assert.match(await failure(loadModel(copy)), /examples\.json is not the one that was saved: the hash differs/);
  rmSync(file);
  assert.match(await failure(loadModel(copy)), /examples\.json/);
});

test('fifty thousand examples take little room', async () => {
  const hash = (i: number) => ({ hash: i.toString(16).padStart(16, '0').repeat(4) });
  const many = examplesOf({ train: Array.from({ length: 50_000 }, (_, i) => hash(i)), validation: [], test: [] });
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'examples.json'), examplesText(many));
  assert.equal(statSync(path.join(folder, 'examples.json')).size, 533_375);
  await assert.rejects(readExamples(folder, 'other'));
});

test('macro F1 is the mean over the classes that occur', () => {
  // Three examples of a, one of which is taken for c; of b and c there are none.
  const data = Float32Array.from([1, 0, 0, 1, 0, 0, 0, 0, 1]);
  const { metrics, perClass } = evaluateOutputs({ data, shape: [3, 3] }, [0, 0, 0], ['a', 'b', 'c']);
  assert.equal(metrics.macroF1, 0.8);
  assert.deepEqual(
    perClass.map(({ f1 }) => f1),
    [0.8, 0, 0],
  );
});

test('split.csv: each example with its side, its hash and its group', async () => {
  const lines = splitText(data).trim().split('\r\n');
  assert.equal(lines.length, 41);
  assert.equal(lines[0], 'id,label,side,sha256');
  const [first] = data.validation;
  assert.equal(lines[25], `${first?.id ?? ''},a,validation,${first?.hash ?? ''}`);
  const folder = await pictureFolder(['a', 'b'], 6);
  const grouped = await imageFolder(folder, { size: [16, 16], group: /^(\d)/ });
  const [head, row = ''] = splitText(grouped).split('\r\n');
  assert.equal(head, 'id,label,side,sha256,group');
  assert.match(row, /^a\/(\d)\.png,a,train,[0-9a-f]{64},\1$/);
});
