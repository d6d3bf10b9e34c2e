import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { onnxModel } from '../../../src/runtime/export/onnx.js';
import { describeModel } from '../../../src/runtime/service/describe-model.js';
import { readOnnx } from '../../../src/runtime/graph/onnx-file.js';
import { tinyModel } from '../../support/made-up.js';
import { temporaryFolder } from '../../support/pictures.js';

function written(): { file: string; bytes: Uint8Array } {
  const model = tinyModel();
  const bytes = onnxModel({
    ...{ model, classes: ['a', 'b', 'c', 'd'], size: [16, 16], resize: 'crop', preprocessing: 'tf' },
    ...{ base: { name: 'tiny', hash: '' }, technique: 'fine-tuning', metrics: { loss: 0, accuracy: 0, macroF1: 0 } },
    ...{ run: '', seed: 0, dataHash: '' },
  });
  model.dispose();
  const file = path.join(temporaryFolder(), 'tiny.onnx');
  writeFileSync(file, bytes);
  return { file, bytes };
}

test('the graph of an ONNX file: ports, nodes, parameters, metadata', async () => {
  const { producer, opset, inputs, outputs, nodes, metadata } = await readOnnx(written().file);
  assert.equal(producer, 'graft');
  assert.equal(opset, 18);
  assert.deepEqual(inputs, [{ name: 'pixels', shape: [null, 16, 16, 3] }]);
  assert.deepEqual(
    outputs.map(({ shape }) => shape),
    [[null, 4]],
  );
  assert.deepEqual(JSON.parse(metadata['classes'] ?? ''), ['a', 'b', 'c', 'd']);
  const convolutions = nodes.filter(({ type }) => type === 'Conv').map(({ parameters }) => parameters);
  // 3·3·3·8, then depthwise 3·3·8 and its 8 biases.
  assert.deepEqual(convolutions, [216, 80]);
});

test('the viewer gets the classes of an export of ours as a list, not as JSON among the facts', async () => {
  const { classes, facts } = await describeModel(written().file);
  assert.deepEqual(classes, ['a', 'b', 'c', 'd']);
  assert.deepEqual(Object.keys(facts).sort(), ['Input', 'Made by', 'Opset', 'Output', 'base', 'producer', 'resize']);
});

test('a cut or foreign file is refused', async () => {
  const { file, bytes } = written();
  writeFileSync(file, bytes.subarray(0, bytes.length - 50));
  await assert.rejects(readOnnx(file), /not a whole ONNX file/);
  writeFileSync(file, 'hello, this is text');
  await assert.rejects(readOnnx(file), /not a whole ONNX file/);
  writeFileSync(file, '');
  await assert.rejects(readOnnx(file), /has no graph/);
});
