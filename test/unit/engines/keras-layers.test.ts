import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { disposeModel } from '../../../src/runtime/bases/dispose.js';
import { readModel } from '../../../src/runtime/bases/load-base.js';
import { chooseEngine } from '../../../src/runtime/engines/index.js';
import { programOf, tapInputs, type Program } from '../../../src/runtime/graph/index.js';
import { present } from '../../../src/runtime/errors.js';
import { fixtures, noise, relativeDifference } from '../../support/made-up.js';

/** Outputs of models of Keras 3 and Keras 2: test/fixtures/keras/make_layers.py. */
const golden = JSON.parse(readFileSync(path.join(fixtures, 'golden-layers.json'), 'utf8')) as Record<
  string,
  readonly (readonly number[])[]
>;
const folder = path.join(fixtures, 'layers');
const shape = [2, 6, 6, 3];
const pictures = {
  data: Float32Array.from(noise(2 * 6 * 6 * 3, 5), (value) => Math.floor((value + 0.5) * 256) / 64 - 2),
  shape,
};

for (const file of readdirSync(folder)) {
  test(`${file} gives Keras's numbers in each engine`, async () => {
    const expected = golden[path.parse(file).name] ?? [];
    const { model } = await readModel(path.join(folder, file));
    const program = programOf(model);
    assert.equal(program.outputs.length, expected.length);
    const wrong: string[] = [];
    for (const engine of ['onnxruntime', 'wasm'] as const) {
      for (const [i, output] of program.outputs.entries()) {
        const one: Program = { ...program, outputs: [output] };
        const step = program.steps.find(({ outputs }) => outputs.includes(output));
        const what = `${engine} ${i} ${step?.layer.name ?? ''} ${step?.layer.getClassName() ?? ''}`;
        const compiled = chooseEngine(engine).compile(one, tapInputs(one));
        if (compiled.refusal !== undefined) {
          wrong.push(`${what}: ${compiled.refusal}`);
          continue;
        }
        try {
          const runner = await compiled.open();
          const [result] = await runner.run({ tap_0: pictures });
          await runner.dispose();
          const difference = relativeDifference(present(result, 'A result').data, expected[i] ?? []);
          if (!(difference < 1e-4)) wrong.push(`${what}: ${difference}`);
        } catch (error) {
          wrong.push(`${what}: ${String(error).slice(0, 200)}`);
        }
      }
    }
    disposeModel(model);
    assert.deepEqual(wrong, []);
  });
}
