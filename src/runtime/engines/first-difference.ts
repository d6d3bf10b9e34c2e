import { GraftError } from '../../common/errors.js';
import type { FloatTensor } from '../../common/tensor.js';
import type { Program } from '../graph/index.js';
import type { tf } from '../tf.js';

/** Examples that are computed twice; fewer where that would take long. */
export const most = { examples: 4, ms: 2000 } as const;
/** A part of the largest number. Rounding alone makes no more than 1e-4 of it in the deepest networks. */
export const tolerance = 2e-3;

/**
 * Halves what may be wrong until the layer is found whose inputs are right.
 *
 * @param worst how far the whole program's outputs are from TensorFlow.js's.
 * @param worstOf the same for the program up to a step, whose outputs are that step's.
 */
export async function firstDifference(
  program: Program,
  worst: number,
  worstOf: (part: Program) => Promise<number>,
): Promise<GraftError> {
  const { steps } = program;
  const found = new Map<number, number>();
  const isWrong = async (index: number): Promise<boolean> => {
    const part = { ...program, outputs: steps[index]?.outputs ?? [], steps: steps.slice(0, index + 1) };
    const known = found.get(index) ?? (await worstOf(part));
    found.set(index, known);
    return known > tolerance;
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
    if (earlier !== undefined) {
      end = earlier;
      continue;
    }
    // Alone, no part of it is wrong.
    if (!(await isWrong(wrong))) return differs(undefined, worst);
    return differs(steps[wrong]?.layer, found.get(wrong) ?? worst);
  }
}

function differs(layer: tf.layers.Layer | undefined, worst: number): GraftError {
  const where = layer === undefined ? '' : ` from the layer "${layer.name}" (${layer.getClassName()}) on`;
  return new GraftError(
    `ONNX Runtime computes other numbers than TensorFlow.js${where}: they differ by ${worst.toPrecision(2)} of the largest. They are not used.`,
    { action: 'Please report this, with the base model.' },
  );
}

/**
 * Largest |a − b| over the largest |b|; what is no number must be none in both.
 *
 * @param least taken for the largest |b| where all are smaller.
 */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>, least = 1e-6): number {
  let [worst, largest] = [0, least];
  for (let i = 0; i < b.length; i++) {
    const [x = NaN, y = NaN] = [a[i], b[i]];
    if (Number.isFinite(y)) largest = Math.max(largest, Math.abs(y));
    const apart = Object.is(x, y) || x === y ? 0 : Math.abs(x - y);
    worst = Number.isNaN(apart) ? Infinity : Math.max(worst, apart);
  }
  return worst / largest;
}

/** The same over all outputs. */
export function largestDifference(computed: readonly FloatTensor[], expected: readonly FloatTensor[]): number {
  return Math.max(...expected.map(({ data }, i) => difference(computed[i]?.data ?? [], data)));
}
