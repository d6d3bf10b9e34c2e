/** A model that stands on an encoder in ONNX is whole in its own folder, wherever that goes. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { sha256 } from '../../../../src/common/hash.js';
import { carryEncoder, locateEncoder } from '../../../../src/runtime/bases/hub/carried-encoder.js';
import { textKind } from '../../../../src/runtime/data/text/kind.js';
import { predictTexts } from '../../../../src/runtime/export/predict-texts.js';
import { saveTrained } from '../../../../src/runtime/export/saved-model.js';
import { GraphBuilder } from '../../../../src/runtime/graph/ir.js';
import { encodeModel } from '../../../../src/runtime/graph/protobuf.js';
import { layer } from '../../../../src/runtime/bases/build/layers.js';
import { encoderConfig } from '../../../../src/runtime/layers/index.js';
import { tf } from '../../../../src/runtime/tf.js';
import { temporaryFolder } from '../../../support/pictures.js';
import { tinyTokenizer } from '../../../support/texts.js';

/** An encoder whose state of a token is [id, 10 − id]. */
function encoderFile(folder: string): { readonly file: string; readonly hash: string } {
  const builder = new GraphBuilder();
  const ids = builder.input('input_ids', ['N', 'length_1'], 'int64');
  const numbers = builder.op('Cast', [ids], { to: 1 }, ['N', 'length_1']);
  const column = builder.op('Unsqueeze', [numbers, builder.int64([2])], {}, ['N', 'length_1', 1]);
  const against = builder.op('Sub', [builder.scalar(10), column], {}, ['N', 'length_1', 1]);
  const states = builder.op('Concat', [column, against], { axis: 2 }, ['N', 'length_1', 2]);
  const bytes = encodeModel(builder.build({ last_hidden_state: states }));
  const file = path.join(folder, 'model.onnx');
  writeFileSync(file, bytes);
  return { file, hash: sha256(bytes) };
}

test('what a model says stays the same where the encoder that it was made with is gone, and its folder is elsewhere', async () => {
  const made = temporaryFolder();
  const settings = {
    ...encoderFile(made),
    units: 2,
    output: 'last_hidden_state',
    pooling: 'mean' as const,
    normalize: true,
  };
  const ids = tf.input({ shape: [null], dtype: 'int32', name: 'ids' });
  const head = tf.layers.dense({ units: 2, activation: 'softmax', kernelInitializer: 'ones' });
  const model = tf.model({
    inputs: ids,
    outputs: head.apply(layer('OnnxEncoder', 'encoder', encoderConfig(settings), ids)) as tf.SymbolicTensor,
  });
  const folder = path.join(made, 'saved');
  await saveTrained(
    {
      ...{ kind: textKind, tokenizer: tinyTokenizer(), model, classes: ['a', 'b'], preprocessing: 'none' },
      ...{ technique: 'feature-extraction', base: { name: 'tiny', hash: '' }, run: 'r', dataHash: '', seed: 1 },
      metrics: { accuracy: 1, loss: 0, macroF1: 1 },
    },
    folder,
  );
  assert.ok(!readFileSync(path.join(folder, 'model.json'), 'utf8').includes(made));
  const moved = path.join(temporaryFolder(), 'moved');
  cpSync(folder, moved, { recursive: true });
  rmSync(made, { recursive: true });
  const said = [];
  for await (const one of predictTexts(moved, [{ name: 'text 1', text: 'when roses' }])) said.push(one);
  assert.equal(said[0]?.classes?.length, 2, said[0]?.error);
});

test('a model.json without an encoder stays as it is; one that names another file is not led to ours', async () => {
  const folder = temporaryFolder();
  const text =
    '{"modelTopology":{"class_name":"Model","config":{"layers":[{"class_name":"Dense","config":{"units":2}}]}}}';
  assert.equal(await carryEncoder(text, folder), text);
  assert.ok(!existsSync(path.join(folder, 'encoder.onnx')));
  const topology = { config: { layers: [{ class_name: 'OnnxEncoder', config: { file: '/elsewhere/model.onnx' } }] } };
  locateEncoder(topology, folder);
  assert.equal(topology.config.layers[0]?.config.file, '/elsewhere/model.onnx');
});
