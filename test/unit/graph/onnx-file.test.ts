import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { onnxModel } from '../../../src/runtime/export/onnx.js';
import type { TrainedModel } from '../../../src/runtime/export/types.js';
import { describeModel } from '../../../src/runtime/service/describe-model.js';
import { readOnnx } from '../../../src/runtime/graph/onnx-file.js';
import { tinyModel } from '../../support/made-up.js';
import { temporaryFolder } from '../../support/pictures.js';

function written(): { file: string; bytes: Uint8Array } {
  const model = tinyModel();
  const trained: TrainedModel = {
    ...{ model, classes: ['a', 'b', 'c', 'd'], size: [16, 16], resize: 'crop', preprocessing: 'tf' },
    ...{ base: { name: 'tiny', hash: '' }, technique: 'fine-tuning', metrics: { loss: 0, accuracy: 0, macroF1: 0 } },
    ...{ run: '', seed: 0, dataHash: '' },
  };
  const bytes = onnxModel(trained);
  model.dispose();
  const file = path.join(temporaryFolder(), 'tiny.onnx');
  writeFileSync(file, bytes);
  return { file, bytes };
}

test('the graph of an ONNX file: ports, nodes, parameters, metadata', async () => {
  const { producer, opset, inputs, outputs, nodes, metadata } = await readOnnx(written().file);
  assert.equal(producer, 'graft');
  assert.equal(opset, 18);
  assert.deepEqual(inputs, [{ name: 'pixels', shape: [null, null, null, 3] }]);
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
  assert.deepEqual(Object.keys(facts).sort(), [
    ...['Input', 'Made by', 'Opset', 'Output', 'background', 'base', 'metrics', 'order', 'preprocessing', 'producer'],
    ...['resize', 'resizeFilter', 'run', 'size', 'technique'],
  ]);
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

test('an ONNX file of many small messages is refused before they become objects', async () => {
  const file = path.join(temporaryFolder(), 'x.onnx');
  const message = (field: number, bytes: Buffer): Buffer => {
    const length: number[] = [];
    for (let rest = bytes.length; ; rest >>>= 7) {
      length.push(rest > 127 ? (rest & 127) | 128 : rest);
      if (rest <= 127) break;
    }
    return Buffer.concat([Buffer.from([(field << 3) | 2, ...length]), bytes]);
  };
  const many = (...bytes: number[]) => Buffer.alloc(2_000_000, Buffer.from(bytes));
  const cases: [Buffer, RegExp][] = [
    [message(7, many(0x0a, 0)), /it has more than 200000 nodes/],
    [message(7, many(0x2a, 0)), /it has more than 200000 tensors/],
    [message(7, many(0x6a, 0)), /it has more than 500000 values/],
    [many(0x72, 0), /it has more than 1000 pieces of metadata/],
    // Names of a megabyte each: 130 inputs of one node.
    [
      message(7, message(1, Buffer.concat(Array<Buffer>(130).fill(message(1, Buffer.alloc(1 << 20, 'x')))))),
      /its names have more than 134217728 bytes/,
    ],
    [message(7, message(5, message(1, many(1)))), /it has more than 32 dimensions/],
    // [4] of float32 with 3 bytes; 2⁶² numbers.
    [
      message(7, message(5, Buffer.from([8, 4, 16, 1, 0x4a, 3, 0, 0, 0]))),
      /the tensor .* is \[4\], and 3 bytes of it are there/,
    ],
    [message(7, message(5, Buffer.from([8, 255, 255, 255, 255, 255, 255, 255, 255, 63]))), /the tensor .* is \[/],
  ];
  for (const [content, expected] of cases) {
    writeFileSync(file, Buffer.concat([Buffer.from([8, 9]), content]));
    await assert.rejects(readOnnx(file), { name: 'GraftError', message: expected });
  }
});
