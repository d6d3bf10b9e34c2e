import { GraftError, present } from '../../common/errors.js';
import { runProgram, type Program, type ProgramInput } from '../graph/index.js';
import type { FloatTensor, NamedTensors } from '../../common/tensor.js';
import { tf } from '../tf.js';
import { onnxRuntimeEngine } from './onnxruntime.js';
import type { Engine, Runner } from './types.js';

/** Examples that are computed twice; fewer where that would take long. */
const most = { examples: 4, ms: 2000 } as const;
/** Of the largest number. Rounding alone makes no more than 1e-4 of it in the deepest networks. */
const tolerance = 2e-3;

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
    const worst = Math.max(
      ...expected.map((tensor, k) => difference(example(present(outputs[k], 'A tap'), i).data, tensor.data)),
    );
    if (worst > tolerance) throw await fault(program, inputs, one, compile);
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

/** Halves what may be wrong until the layer is found whose inputs are right. */
async function fault(
  program: Program,
  inputs: readonly ProgramInput[],
  given: NamedTensors,
  compile: Engine['compile'],
): Promise<GraftError> {
  const { steps } = program;
  const worstAt = async (index: number): Promise<number> => {
    const part: Program = { ...program, outputs: steps[index]?.outputs ?? [], steps: steps.slice(0, index + 1) };
    const ready = compile(part, inputs);
    if (ready.refusal !== undefined) return 0;
    const runner = await ready.open();
    try {
      const outputs = await runner.run(given);
      return Math.max(...reference(part, inputs, given).map(({ data }, k) => difference(outputs[k]?.data ?? [], data)));
    } finally {
      await runner.dispose();
    }
  };
  const found = new Map<number, number>();
  const isWrong = async (index: number): Promise<boolean> => {
    const worst = found.get(index) ?? (await worstAt(index));
    found.set(index, worst);
    return worst > tolerance;
  };
  const makerOf = (value: number) => steps.findIndex(({ outputs }) => outputs.includes(value));
  let end = Math.max(...program.outputs.map(makerOf));
  for (const output of program.outputs) if (await isWrong(makerOf(output))) end = makerOf(output);
  for (;;) {
    let [right, wrong] = [-1, end];
    while (wrong - right > 1) {
      const middle = Math.floor((right + wrong) / 2);
      if (await isWrong(middle)) wrong = middle;
      else right = middle;
    }
    // What is right before it may lie on another branch.
    let earlier: number | undefined;
    for (const value of steps[wrong]?.inputs ?? []) {
      const maker = makerOf(value);
      if (maker !== -1 && (await isWrong(maker))) earlier = maker;
    }
    if (earlier === undefined) return wrongLayer(steps[wrong]?.layer, found.get(wrong) ?? NaN);
    end = earlier;
  }
}

function wrongLayer(layer: tf.layers.Layer | undefined, worst: number): GraftError {
  const where = layer === undefined ? 'a layer' : `the layer "${layer.name}" (${layer.getClassName()})`;
  return new GraftError(
    `ONNX Runtime computes other numbers than TensorFlow.js from ${where} on: they differ by ${worst.toPrecision(2)} of the largest. Nothing is trained on them.`,
    { action: 'Please report this, with the base model.' },
  );
}

function example<Tensor extends { readonly data: NamedTensors[string]['data']; readonly shape: readonly number[] }>(
  tensor: Tensor,
  i: number,
): Tensor {
  const [n = 1, ...shape] = tensor.shape;
  const size = tensor.data.length / n;
  return { ...tensor, data: tensor.data.subarray(i * size, (i + 1) * size), shape: [1, ...shape] };
}

/** Largest |a − b| over the largest |b|; what is no number must be none in both. */
function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [worst, largest] = [0, 1e-6];
  for (let i = 0; i < b.length; i++) {
    const [x = NaN, y = NaN] = [a[i], b[i]];
    if (Number.isFinite(y)) largest = Math.max(largest, Math.abs(y));
    const apart = Object.is(x, y) || x === y ? 0 : Math.abs(x - y);
    worst = Number.isNaN(apart) ? Infinity : Math.max(worst, apart);
  }
  return worst / largest;
}
