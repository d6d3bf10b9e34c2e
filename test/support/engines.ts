import assert from 'node:assert/strict';

import type { EngineName } from '../../src/protocol/index.js';
import {
  chooseEngine,
  runnerOf,
  type ReadyToTrain,
  type Trainer,
  type TrainerOptions,
} from '../../src/runtime/engines/index.js';
import { dataKinds, type Preprocessing } from '../../src/runtime/data/index.js';
import { inputsOf, type Program } from '../../src/runtime/graph/index.js';

/** What the engine makes of the program. It must not refuse. */
export function compiled(engine: EngineName, program: Program, options: TrainerOptions): ReadyToTrain {
  const training = chooseEngine(engine).compileTraining(program, options);
  assert.equal(training.refusal, undefined);
  return training;
}

export function openTrainer(engine: EngineName, program: Program, options: TrainerOptions): Promise<Trainer> {
  return compiled(engine, program, options).open();
}

interface PixelOptions {
  readonly preprocessing: Preprocessing;
  readonly size: readonly [number, number];
}

/** Computes a program for pictures. */
export function pixelRunner(program: Program, options: PixelOptions) {
  const { size, preprocessing } = options;
  const runner = runnerOf(program, inputsOf(dataKinds.image, { size, resize: 'crop' }, preprocessing));
  return {
    async run(pixels: Uint8Array, n: number): Promise<Float32Array[]> {
      const outputs = await runner.run({ pixels: { data: pixels, shape: [n, ...options.size, 3] } });
      return outputs.map(({ data }) => data);
    },
    dispose: () => runner.dispose(),
  };
}
