import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { GraftError, present } from '../../../../src/common/errors.js';
import { baseOf } from '../../../../src/runtime/bases/base.js';
import { readEncoder } from '../../../../src/runtime/bases/hub/encoder-folder.js';
import { loadBase } from '../../../../src/runtime/bases/load-base.js';
import { textKind } from '../../../../src/runtime/data/text/kind.js';
import { chooseEngine } from '../../../../src/runtime/engines/index.js';
import { inputsOf } from '../../../../src/runtime/graph/inputs.js';
import { GraphBuilder } from '../../../../src/runtime/graph/ir.js';
import { programOf } from '../../../../src/runtime/graph/program.js';
import { encodeModel } from '../../../../src/runtime/graph/protobuf.js';
import { tf } from '../../../../src/runtime/tf.js';
import { temporaryFolder } from '../../../support/pictures.js';
import { sharedData } from '../../../support/shared-data.js';

const shared = sharedData('all-minilm-l6-v2');

/** What a base and the layers on it make of texts, one by one. */
async function featuresOf(base: tf.LayersModel, texts: readonly string[], model = base): Promise<Float32Array[]> {
  const { tokenizer } = present(baseOf(base), 'The base').info;
  assert.ok(tokenizer !== undefined);
  const compiled = chooseEngine('onnxruntime').compile(programOf(model), inputsOf(textKind, { tokenizer }, 'none'));
  assert.ok(compiled.refusal === undefined, compiled.refusal);
  const runner = await compiled.open();
  const features: Float32Array[] = [];
  for (const text of texts) {
    const { ids } = tokenizer.encode(text);
    const [output] = await runner.run({ ids: { data: ids, shape: [1, ids.length] } });
    features.push(present(output, 'An output').data);
  }
  await runner.dispose();
  return features;
}

test('all-MiniLM-L6-v2 gives the vectors of the reference', shared.options, async () => {
  const base = await loadBase(shared.path);
  assert.deepEqual(base.outputs[0]?.shape, [null, 384]);
  const reference = JSON.parse(readFileSync(path.join(shared.path, 'reference.json'), 'utf8')) as {
    text: string;
    mean_normalized: number[];
  }[];
  const features = await featuresOf(
    base,
    reference.map(({ text }) => text),
  );
  reference.forEach(({ text, mean_normalized: expected }, i) => {
    const found = present(features[i], text);
    const farthest = expected.reduce((most, value, k) => Math.max(most, Math.abs(value - (found[k] ?? NaN))), 0);
    assert.ok(farthest < 1e-5, `${text.slice(0, 30)}: ${farthest}`);
  });
});

/** An encoder whose state of a token is [id, 10 − id]. */
function tinyEncoder(inputs: readonly string[] = ['input_ids', 'attention_mask']): Uint8Array {
  const builder = new GraphBuilder();
  const [ids, ...others] = inputs.map((name) => builder.input(name, ['N', 'length_1'], 'int64'));
  const numbers = builder.op('Cast', [present(ids, 'ids')], { to: 1 }, ['N', 'length_1']);
  const column = builder.op('Unsqueeze', [numbers, builder.int64([2])], {}, ['N', 'length_1', 1]);
  const against = builder.op('Sub', [builder.scalar(10), column], {}, ['N', 'length_1', 1]);
  const states = builder.op('Concat', [column, against], { axis: 2 }, ['N', 'length_1', 2]);
  void others;
  return encodeModel(builder.build({ last_hidden_state: states }));
}

const words = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'a', 'b', 'c'];
const tokenizerJson = (more: readonly string[] = []) => ({
  added_tokens: [],
  normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: null,
  decoder: null,
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries([...words, ...more].map((word, id) => [word, id])),
  },
});

/** A folder as a hub has it. */
function hub(files: Readonly<Record<string, unknown>> = {}): string {
  const folder = temporaryFolder();
  const all: Record<string, unknown> = {
    'onnx/model.onnx': tinyEncoder(),
    'tokenizer.json': tokenizerJson(),
    'config.json': { hidden_size: 2, vocab_size: words.length },
    ...files,
  };
  for (const [name, content] of Object.entries(all)) {
    if (content === undefined) continue;
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content instanceof Uint8Array ? content : JSON.stringify(content));
  }
  return folder;
}
const normalize = { 'modules.json': [{ type: 'sentence_transformers.models.Normalize', path: '2_Normalize' }] };
const pooling = (mode: string) => ({ '1_Pooling/config.json': { [`pooling_mode_${mode}`]: true } });

const poolingCases: readonly (readonly [files: Readonly<Record<string, unknown>>, expected: readonly number[]])[] = [
  [pooling('mean_tokens'), [5, 5]],
  [pooling('cls_token'), [4, 6]],
  [pooling('max_tokens'), [6, 6]],
  [{}, [5, 5]],
  [{ ...pooling('cls_token'), ...normalize }, [4 / Math.sqrt(52), 6 / Math.sqrt(52)]],
];
for (const [files, expected] of poolingCases)
  test(`"a b c" by ${JSON.stringify(files)} is ${expected.join(', ')}`, async () => {
    const [found] = await featuresOf(await loadBase(hub(files)), ['a b c']);
    assert.deepEqual(Array.from(found ?? []), Array.from(Float32Array.from(expected)));
  });

test('layers on it are computed too, and where nothing says how to pool that is said', async () => {
  const base = await loadBase(path.join(hub(), 'onnx', 'model.onnx'));
  const head = tf.layers.dense({ units: 1, kernelInitializer: 'ones', useBias: false });
  const model = tf.model({ inputs: base.inputs, outputs: head.apply(base.output) as tf.SymbolicTensor });
  assert.deepEqual(
    (await featuresOf(base, ['a b c'], model)).map((row) => Array.from(row)),
    [[10]],
  );
  assert.match(baseOf(base)?.info.why ?? '', /Nothing says how .* their mean is taken/);
});

const wrong: readonly (readonly [name: string, files: Readonly<Record<string, unknown>>, message: RegExp])[] = [
  ['no tokenizer', { 'tokenizer.json': undefined }, /has no tokenizer\.json/],
  ['a damaged tokenizer', { 'tokenizer.json': Buffer.from('{"model"') }, /tokenizer\.json is not valid JSON/],
  [
    'the tokenizer of another model',
    { 'tokenizer.json': tokenizerJson(['d']) },
    /is of another model: it has the id 7/,
  ],
  ['a damaged model', { 'onnx/model.onnx': tinyEncoder().subarray(0, 90) }, /is not a whole ONNX file/],
  ['an input that nobody knows', { 'onnx/model.onnx': tinyEncoder(['input_ids', 'bbox']) }, /it takes bbox/],
  [
    'a model of something else',
    { 'onnx/model.onnx': tinyEncoder(['pixels']) },
    /cannot be a base: it takes no input_ids/,
  ],
  [
    'two poolings',
    { '1_Pooling/config.json': { pooling_mode_cls_token: true, pooling_mode_max_tokens: true } },
    /asks for .* and /,
  ],
];
for (const [name, files, message] of wrong)
  test(`refused in a sentence: ${name}`, async () => {
    await assert.rejects(loadBase(hub(files)), (error) => error instanceof GraftError && message.test(error.message));
  });

test('options of pictures are refused, and an encoder that changed after it was loaded', async () => {
  const folder = hub();
  await assert.rejects(loadBase(folder, { inputShape: [32, 32] }), /has no inputShape/);
  const base = await loadBase(folder);
  writeFileSync(path.join(folder, 'onnx', 'model.onnx'), tinyEncoder(['input_ids']));
  await assert.rejects(featuresOf(base, ['a']), /is not the encoder that this model was made with/);
});

/** A model with one tensor in another file: field 5 of the graph, with its field 13 (location) and 14 (external). */
function external(location: string): Uint8Array {
  const field = (number: number, content: Uint8Array) =>
    Buffer.concat([Buffer.from([number * 8 + 2, content.length]), content]);
  const entry = Buffer.concat([field(1, Buffer.from('location')), field(2, Buffer.from(location))]);
  const tensor = Buffer.concat([
    Buffer.from([8, 1, 16, 1]),
    field(8, Buffer.from('w')),
    field(13, entry),
    Buffer.from([112, 1]),
  ]);
  const graph = field(5, tensor);
  // A second graph field is joined to the first, as protobuf has it.
  return Buffer.concat([Buffer.from([8, 9]), field(7, graph)]);
}

test('weights in files outside its folder are refused before anything is opened', async () => {
  const folder = hub({ 'onnx/model.onnx': external('../../secret'), 'onnx/data': Buffer.from('1234') });
  const read = () => readEncoder({ folder, file: path.join(folder, 'onnx', 'model.onnx') });
  await assert.rejects(read(), /has its weights in \.\.\/\.\.\/secret, which is not there/);
  writeFileSync(path.join(path.dirname(folder), 'secret'), '1234');
  await assert.rejects(read(), /outside its folder/);
  symlinkSync(path.join(path.dirname(folder), 'secret'), path.join(folder, 'onnx', 'link'));
  writeFileSync(path.join(folder, 'onnx', 'model.onnx'), external('link'));
  await assert.rejects(read(), /outside its folder/);
  writeFileSync(path.join(folder, 'onnx', 'model.onnx'), external('data'));
  await assert.rejects(read(), /it takes no input_ids/);
});
