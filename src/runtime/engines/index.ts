import type { EngineName } from '../../protocol/index.js';
import type { Program, ProgramInput } from '../graph/index.js';
import { onnxRuntimeEngine } from './onnxruntime.js';
import { checkedRunner, type Verdict } from './self-check.js';
import type { Engine, Ready, Runner } from './types.js';
import { wasmEngine } from './wasm.js';

export { programHash } from './program-hash.js';
export type { Verdict } from './self-check.js';
export type { Batch, Engine, Ready, ReadyToTrain, Runner, Trainer, TrainerOptions } from './types.js';

/** The engines, the fastest first. */
const engines: Readonly<Record<EngineName, () => Engine>> = { onnxruntime: onnxRuntimeEngine, wasm: wasmEngine };

/** The engine of that name, or with `auto` the best one for this machine. */
export function chooseEngine(name: EngineName | 'auto'): Engine {
  return engines[name === 'auto' ? 'onnxruntime' : name]();
}

/** A program for inference on the first engine that knows all its layers; the last one knows any. */
export function compile(program: Program, inputs: readonly ProgramInput[]): Ready<Runner> {
  for (const engine of Object.values(engines)) {
    const compiled = engine().compile(program, inputs);
    if (compiled.refusal === undefined) return compiled;
  }
  throw new Error('No engine computes this program.');
}

/** The same, compiled at the first `run`: where all that it would give is cached, it never is. */
export function runnerOf(program: Program, inputs: readonly ProgramInput[]): Runner {
  let opened: Promise<Runner> | undefined;
  return {
    async run(given) {
      opened ??= compile(program, inputs).open();
      return await (await opened).run(given);
    },
    async dispose() {
      const runner = await opened;
      opened = undefined;
      await runner?.dispose();
    },
  };
}

/** The same, and its first numbers are compared with TensorFlow.js's. */
export function checkedRunnerOf(
  program: Program,
  inputs: readonly ProgramInput[],
  verdict: Verdict,
  compile?: Engine['compile'],
): Runner {
  return checkedRunner(program, inputs, verdict, () => runnerOf(program, inputs), compile);
}
