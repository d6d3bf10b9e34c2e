import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { disposeModel } from '../../../src/runtime/bases/dispose.js';
import { onnxRuntimeEngine } from '../../../src/runtime/engines/onnxruntime.js';
import type { Engine } from '../../../src/runtime/engines/types.js';
import { predictorOf } from '../../../src/runtime/export/predict.js';
import type { TrainedModel } from '../../../src/runtime/export/types.js';
import { tf } from '../../../src/runtime/tf.js';
import { pixels, tinyModel } from '../../support/made-up.js';
import { temporaryFolder } from '../../support/pictures.js';

const trained = (): TrainedModel => ({
  ...{ model: tinyModel(), classes: ['a', 'b', 'c', 'd'], size: [16, 16], resize: 'crop', preprocessing: 'tf' },
  ...{ base: { name: 'tiny', hash: '' }, technique: 'fine-tuning', run: 'r', dataHash: '', seed: 1 },
  metrics: { accuracy: 1, loss: 0, macroF1: 1 },
});

const examples = [{ pixels: { data: pixels(16, 16), shape: [16, 16, 3] } }];

/** ONNX Runtime with a fault: what the program's ReLU computes, and all after it, is a little more. */
const faulty: Engine['compile'] = (program, inputs) => {
  const ready = onnxRuntimeEngine().compile(program, inputs);
  if (ready.refusal !== undefined) return ready;
  return {
    async open() {
      const runner = await ready.open();
      const isWrong = program.steps.some(({ layer }) => layer.name === 'relu');
      return {
        run: async (given) =>
          (await runner.run(given)).map(({ data, shape }) => ({
            data: isWrong ? data.map((value) => value + 0.1) : data,
            shape,
          })),
        dispose: () => runner.dispose(),
      };
    },
  };
};

test('what a whole model says is compared with TensorFlow.js, and the first layer with other numbers is named', async () => {
  const verdicts = path.join(temporaryFolder(), 'graft', 'checked.json');
  const model = trained();
  const predictor = predictorOf(model, faulty, verdicts);
  for (const attempt of [1, 2])
    await assert.rejects(
      predictor.predict(examples),
      /from the layer "relu" \(ReLU\) on: .*They are not used\.$/,
      `attempt ${attempt}`,
    );
  await predictor.dispose();
  disposeModel(model.model);
});

test('a model whose numbers were right is not computed twice again', async () => {
  const verdicts = path.join(temporaryFolder(), 'graft', 'checked.json');
  const model = trained();
  const first = predictorOf(model, undefined, verdicts);
  const said = await first.predict(examples);
  await first.dispose();
  const hashes = JSON.parse(readFileSync(verdicts, 'utf8')) as string[];
  assert.equal(hashes.length, 1);

  // With the fault it would be refused, were it looked at.
  const second = predictorOf(model, faulty, verdicts);
  assert.equal((await second.predict(examples)).length, said.length);
  await second.dispose();

  // Other weights are another model.
  const kernel = model.model.getLayer('dense').weights[0];
  assert.ok(kernel);
  tf.tidy(() => {
    kernel.write(tf.mul(kernel.read(), 1.5));
  });
  const third = predictorOf(model, faulty, verdicts);
  await assert.rejects(third.predict(examples), /from the layer "relu"/);
  await third.dispose();
  disposeModel(model.model);
});

test('a list of verdicts that cannot be read or written is none', async () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'text.json'), '{"not": "a list');
  mkdirSync(path.join(folder, 'folder.json'));
  for (const name of ['text.json', 'folder.json']) {
    const model = trained();
    const predictor = predictorOf(model, undefined, path.join(folder, name));
    assert.equal((await predictor.predict(examples)).length, 4);
    await predictor.dispose();
    disposeModel(model.model);
  }
});
