import assert from 'node:assert/strict';

import type { EngineName } from '../../src/protocol/index.js';
import {
  chooseEngine,
  runnerOf,
  type ReadyToTrain,
  type Trainer,
  type TrainerOptions,
} from '../../src/runtime/engines/index.js';
import { pixelInput, type Program } from '../../src/runtime/graph/index.js';

/** What the engine makes of the program. It must not refuse. */
export function compiled(engine: EngineName, program: Program, options: TrainerOptions): ReadyToTrain {
  const training = chooseEngine(engine).compileTraining(program, options);
  assert.equal(training.refusal, undefined);
  return training;
}

export function openTrainer(engine: EngineName, program: Program, options: TrainerOptions): Promise<Trainer> {
  return compiled(engine, program, options).open();
}

/** Computes a program for pictures. */
export function pixelRunner(program: Program, options: Parameters<typeof pixelInput>[0]) {
  const runner = runnerOf(program, [pixelInput(options)]);
  return {
    async run(pixels: Uint8Array, n: number): Promise<Float32Array[]> {
      const outputs = await runner.run({ pixels: { data: pixels, shape: [n, ...options.size, 3] } });
      return outputs.map(({ data }) => data);
    },
    dispose: () => runner.dispose(),
  };
}
