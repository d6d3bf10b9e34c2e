import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { present } from '../../../src/common/errors.js';
import { baseOf } from '../../../src/runtime/bases/base.js';
import { leaflet } from '../../../src/runtime/bases/definitions/index.js';
import { defaultBaseFor, knownBase } from '../../../src/runtime/bases/known.js';
import { textKind } from '../../../src/runtime/data/text/kind.js';
import { chooseEngine } from '../../../src/runtime/engines/index.js';
import { inputsOf } from '../../../src/runtime/graph/inputs.js';
import { programOf } from '../../../src/runtime/graph/program.js';
import { tf } from '../../../src/runtime/tf.js';

interface Reference {
  readonly text: string;
  readonly ids: readonly number[];
  readonly features: readonly number[];
}
/** By NumPy and the Rust tokenizers: tools/leaflet/reference.py. */
const reference = JSON.parse(readFileSync('test/fixtures/leaflet/reference.json', 'utf8')) as readonly Reference[];

const farthest = (a: ArrayLike<number>, b: readonly number[]) =>
  b.reduce((most, value, i) => Math.max(most, Math.abs(value - (a[i] ?? NaN))), Math.abs(a.length - b.length));

test('leaflet computes what NumPy computes, with TensorFlow.js and on ONNX Runtime', async () => {
  const model = await leaflet();
  const { tokenizer } = present(baseOf(model), 'The base').info;
  assert.ok(tokenizer !== undefined);
  const program = programOf(model);
  const compiled = chooseEngine('onnxruntime').compile(program, inputsOf(textKind, { tokenizer }, 'none'));
  assert.ok(compiled.refusal === undefined, compiled.refusal);
  const runner = await compiled.open();
  for (const { text, ids, features } of reference) {
    const { ids: found } = tokenizer.encode(text);
    assert.deepEqual(Array.from(found), ids, text);
    const plain = tf.tidy(() =>
      (model.predict(tf.tensor2d(found, [1, found.length], 'int32')) as tf.Tensor).dataSync(),
    );
    assert.ok(farthest(plain, features) < 1e-6, `TensorFlow.js: ${text}`);
    const [native] = await runner.run({ ids: { data: found, shape: [1, found.length] } });
    assert.ok(farthest(present(native, 'An output').data, features) < 1e-6, `ONNX Runtime: ${text}`);
  }
  await runner.dispose();
});

test('an empty text is all zeros, and several of one length are what each is by itself', async () => {
  const model = await leaflet();
  const { tokenizer } = present(baseOf(model), 'The base').info;
  assert.ok(tokenizer !== undefined);
  const empty = tokenizer.encode('').ids;
  const of = (rows: Int32Array[]) =>
    tf.tidy(() => {
      const length = rows[0]?.length ?? 0;
      const ids = Int32Array.from(rows.flatMap((row) => Array.from(row)));
      return Array.from((model.predict(tf.tensor2d(ids, [rows.length, length], 'int32')) as tf.Tensor).dataSync());
    });
  assert.ok(of([empty]).every((value) => value === 0));
  const [a, b] = ['good day', 'bad night'].map((text) => tokenizer.encode(text).ids);
  assert.ok(a !== undefined && b !== undefined);
  assert.deepEqual(of([a, b]), [...of([a]), ...of([b])]);
});

test('its definition says what it is, and it is the default for texts', async () => {
  const facts = knownBase('leaflet');
  assert.ok(facts?.kind === 'text');
  const model = await facts.open();
  assert.deepEqual([facts.units, facts.parameters], [model.outputs[0]?.shape[1], model.countParams()]);
  assert.equal(facts.longest, baseOf(model)?.info.tokenizer?.longest);
  assert.equal(baseOf(model)?.info.weights, 'bundled');
  assert.equal(defaultBaseFor('text'), 'leaflet');
  assert.equal(defaultBaseFor('image'), 'sapling');
});
