import { present } from '../../common/errors.js';
import { runProgram, type Program, type ProgramInput } from '../graph/index.js';
import type { FloatTensor, NamedTensors } from '../../common/tensor.js';
import { tf } from '../tf.js';
import { firstDifference, largestDifference, most, tolerance } from './first-difference.js';
import { onnxRuntimeEngine } from './onnxruntime.js';
import type { Engine, Runner } from './types.js';

/** Whether a program was found right before, with all that decides its numbers the same. */
export interface Verdict {
  known(): Promise<boolean>;
  keep(): Promise<void>;
}

/**
 * ONNX Runtime for a program, which compares its first numbers with TensorFlow.js's: kernels and optimizers have faults, and what is
 * trained on wrong numbers is lost without a word. Where ONNX Runtime refuses the program, `otherwise`.
 *
 * @throws GraftError from `run` that names the first layer with other numbers.
 */
export function checkedRunner(
  program: Program,
  inputs: readonly ProgramInput[],
  verdict: Verdict,
  otherwise: () => Runner,
  compile: Engine['compile'] = (...args) => onnxRuntimeEngine().compile(...args),
): Runner {
  let opened: Promise<Runner> | undefined;
  let checked: Promise<void> | undefined;
  const open = async (): Promise<Runner> => {
    const ready = compile(program, inputs);
    if (ready.refusal === undefined) return await ready.open();
    checked = Promise.resolve();
    return otherwise();
  };
  return {
    async run(given) {
      opened ??= open();
      const outputs = await (await opened).run(given);
      checked ??= (async () => {
        if (await verdict.known()) return;
        await compare(program, inputs, given, outputs, compile);
        await verdict.keep();
      })();
      await checked;
      return outputs;
    },
    async dispose() {
      const runner = await opened;
      opened = undefined;
      await runner?.dispose();
    },
  };
}

async function compare(
  program: Program,
  inputs: readonly ProgramInput[],
  given: NamedTensors,
  outputs: readonly FloatTensor[],
  compile: Engine['compile'],
): Promise<void> {
  const count = present(Object.values(given)[0], 'An input').shape[0] ?? 0;
  const began = performance.now();
  for (let i = 0; i < Math.min(count, most.examples); i++) {
    const one = Object.fromEntries(Object.entries(given).map(([name, tensor]) => [name, example(tensor, i)]));
    const expected = reference(program, inputs, one);
    const computed = outputs.map((tensor) => example(tensor, i));
    const worst = largestDifference(computed, expected);
    if (worst > tolerance) throw await firstDifference(program, worst, (part) => worstOf(part, inputs, one, compile));
    // Another one would take about as long.
    if (((performance.now() - began) * (i + 2)) / (i + 1) > most.ms) return;
  }
}

/** What TensorFlow.js makes of it. */
function reference(program: Program, inputs: readonly ProgramInput[], given: NamedTensors): FloatTensor[] {
  return tf.tidy(() => {
    const tensors = inputs.map((input) => {
      const { data, shape } = input.compute(present(given[input.name], input.name));
      return tf.tensor(data, [...shape]);
    });
    return runProgram(program, tensors, () => false).map((tensor) => ({
      data: Float32Array.from(tensor.dataSync()),
      shape: tensor.shape,
    }));
  });
}

/** How far a part of a program is from what TensorFlow.js makes of it. */
async function worstOf(
  part: Program,
  inputs: readonly ProgramInput[],
  given: NamedTensors,
  compile: Engine['compile'],
): Promise<number> {
  const ready = compile(part, inputs);
  if (ready.refusal !== undefined) return 0;
  const runner = await ready.open();
  try {
    return largestDifference(await runner.run(given), reference(part, inputs, given));
  } finally {
    await runner.dispose();
  }
}

function example<Tensor extends { readonly data: NamedTensors[string]['data']; readonly shape: readonly number[] }>(
  tensor: Tensor,
  i: number,
): Tensor {
  const [n = 1, ...shape] = tensor.shape;
  const size = tensor.data.length / n;
  return { ...tensor, data: tensor.data.subarray(i * size, (i + 1) * size), shape: [1, ...shape] };
}
