import type { tf } from '../tf.js';
import { changes, isRandom, programOf, type Program, type Step } from './program.js';

/** A model cut in two: what is computed once per picture, and what trains. */
interface Split {
  /** Model inputs → taps. Undefined when nothing can be computed beforehand. */
  readonly prefix: Program | undefined;
  /** Taps → model outputs. */
  readonly suffix: Program;
}

/**
 * Finds the largest part of the model that no weight which trains feeds into, from the graph. Its values that the rest needs are
 * the taps: several, where a branch crosses the border. The model is left as it is.
 *
 * Dropout and noise that a run has are never in the prefix, but layers without weights (pooling, for one) are.
 *
 * @param trains which layers train. Default: those that `layer.trainable` says.
 */
export function splitPrefix(model: tf.LayersModel, trains?: (layer: tf.layers.Layer) => boolean): Split {
  const program = programOf(model, trains);
  const fixed = new Set<number>(program.inputs);
  const [before, after]: [Step[], Step[]] = [[], []];
  for (const step of program.steps) {
    const canRunOnce = step.inputs.every((value) => fixed.has(value)) && !changes(step) && !isRandom(step);
    (canRunOnce ? before : after).push(step);
    if (canRunOnce) for (const value of step.outputs) fixed.add(value);
  }
  const needed = [...after.flatMap(({ inputs }) => inputs), ...program.outputs];
  const taps = [...new Set(needed.filter((value) => fixed.has(value)))];
  const computed = before.some(({ outputs }) => outputs.some((value) => taps.includes(value)));
  const suffix: Program = { ...program, inputs: taps, steps: after };
  if (!computed) return { prefix: undefined, suffix };
  return { prefix: prune({ ...program, outputs: taps, steps: before }), suffix };
}

/**
 * What is left of `prefix` after `earlier`, another prefix of the same model: taps of `earlier` → taps of `prefix`. Undefined where it needs
 * more than `earlier` gives, or nothing is left to compute for a tap.
 */
export function continuationOf(prefix: Program, earlier: Program): Program | undefined {
  const done = new Set(earlier.steps.flatMap(({ outputs }) => outputs));
  const steps = prefix.steps.filter(({ outputs }) => !outputs.every((value) => done.has(value)));
  const rest = prune({ ...prefix, inputs: earlier.outputs, steps });
  const made = new Set(rest.steps.flatMap(({ outputs }) => outputs));
  const known = new Set([...earlier.outputs, ...made]);
  if (!rest.steps.every(({ inputs }) => inputs.every((value) => known.has(value)))) return undefined;
  return rest.outputs.every((value) => made.has(value)) ? rest : undefined;
}

/** Leaves out the steps that no output needs. */
function prune(program: Program): Program {
  const needed = new Set(program.outputs);
  const steps: Step[] = [];
  for (const step of [...program.steps].reverse()) {
    if (!step.outputs.some((value) => needed.has(value))) continue;
    steps.unshift(step);
    for (const value of step.inputs) needed.add(value);
  }
  return { ...program, steps };
}
